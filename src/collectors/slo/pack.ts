import type { Pack } from "../../core/pack.ts";
import { SLO_ALERTS } from "../../core/slo-alerts.ts";

/** Service level objectives: their rules are written from specifications, their runbooks are here. */
export const sloPack: Pack = {
  id: "slo",
  title: "Service level objectives",
  signals: {},
  alerts: [],
  ownAlerts: Object.values(SLO_ALERTS),
};
