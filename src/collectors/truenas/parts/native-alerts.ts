import { seconds } from "../../../core/duration.ts";
import type { Part } from "../../../core/pack.ts";
import type { TrueNasClient } from "../client.ts";
import { nativeAlerts } from "../metrics/upkeep.ts";
import { readNativeAlerts, severityOf, type NativeAlert } from "./native-alert-rows.ts";

/** Raised once a day while the server sees somebody log in by its REST API. */
const REST_CLIENTS = "RESTAPIUsage";

/** `alert.list`, counted by class and level. */
export const nativeAlertsPart: Part<TrueNasClient> = {
  id: "alerts",
  title: "Alerts of the server itself",
  every: seconds(30),
  deadline: seconds(30),
  metrics: nativeAlerts,
  async collect(client, context) {
    const { dialect } = await client.api(context.signal);
    const alerts = await readNativeAlerts(client, context);
    for (const { klass, level, count } of countActive(alerts)) {
      context.record(nativeAlerts.active, { class: klass, level, severity: severityOf(level) }, count);
    }
    context.record(nativeAlerts.dismissed, {}, alerts.filter(({ dismissed }) => dismissed === true).length);
    // dismissing the alert does not send the clients away
    if (dialect.tellsRestClients)
      context.record(
        nativeAlerts.restClients,
        {},
        alerts.some(({ klass }) => klass === REST_CLIENTS),
      );
  },
};

interface Count {
  readonly klass: string;
  readonly level: string;
  count: number;
}

/** One that is not known to be dismissed counts. */
function countActive(alerts: readonly NativeAlert[]): Iterable<Count> {
  const counts = new Map<string, Count>();
  for (const { klass, level, dismissed } of alerts) {
    if (dismissed === true) continue;
    const key = JSON.stringify([klass, level]);
    const found = counts.get(key) ?? { klass, level, count: 0 };
    found.count += 1;
    counts.set(key, found);
  }
  return counts.values();
}
