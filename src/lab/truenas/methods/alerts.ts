import type { LabAlert } from "../model/alerts.ts";
import type { LabMethods, MethodContext } from "./contract.ts";

/** `alert.list`. Source: github.com/truenas/middleware, api/v25_10_0/alert.py */
export const alertMethods: LabMethods = {
  "alert.list": {
    role: "ALERT_LIST_READ",
    call: ({ state, date }) => state.system.alerts.map((alert) => alertRow(alert, date)),
  },
};

/** An alert as the list and the event have it. */
export const alertRow = (alert: LabAlert, date: MethodContext["date"]): Record<string, unknown> => ({
  id: alert.uuid,
  uuid: alert.uuid,
  source: alert.oneShot ? "" : alert.klass,
  klass: alert.klass,
  args: {},
  node: "Controller A",
  key: "{}",
  datetime: date(alert.raisedAt),
  last_occurrence: date(alert.raisedAt),
  dismissed: alert.dismissed,
  mail: null,
  text: alert.formatted,
  level: alert.level,
  formatted: alert.formatted,
  one_shot: alert.oneShot,
});
