import { ALERT_LABEL, ID_LABEL } from "../../slo/conventions.ts";
import type { PrometheusTarget } from "../../lib/prometheus/query-range.ts";
import { asker } from "../../slo/checks/live/instant-query.ts";

/** An alert of an SLO that Prometheus has now. */
export interface SloAlertNow {
  readonly name: string;
  readonly state: "pending" | "firing";
  readonly severity: string;
  /** `page`, `ticket`, `no_data` or `budget`. */
  readonly kind: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The alerts of all SLOs by id, firing ones first. Throws `CollectError`. */
export async function readAlerts(target: PrometheusTarget): Promise<ReadonlyMap<string, readonly SloAlertNow[]>> {
  const samples = await asker(target)(`ALERTS{${ID_LABEL}!=""}`);
  const alerts = samples.map(({ labels }): SloAlertNow => {
    const { alertname = "", alertstate, severity = "", [ALERT_LABEL]: kind = "", __name__: _, ...rest } = labels;
    return { name: alertname, state: alertstate === "firing" ? "firing" : "pending", severity, kind, labels: rest };
  });
  const sorted = alerts.toSorted((a, b) => (a.state === b.state ? 0 : a.state === "firing" ? -1 : 1));
  return Map.groupBy(sorted, ({ labels }) => labels[ID_LABEL] ?? "");
}
