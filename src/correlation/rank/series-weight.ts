import type { Scope } from "../../core/evidence.ts";
import type { MetricSeries } from "../../core/telemetry.ts";

/** Names of what is about failure or waiting: to choose among equals. */
const TROUBLE =
  /error|fail|refus|reject|time_?out|latency|duration|seconds|expir|5xx|drop|retry|restart|queue|wait|full|saturat|pressure/i;
/** What only says that something was changed: no symptom, and told by the changes. */
export const STATE = /(?:generation|revision|version)$/i;
const OF_STATE = 0.5;

/** Nearer things and names of trouble first, among what is equally unusual. */
export function weightOf({ labels, metric }: MetricSeries, { entities }: Scope): number {
  const values = new Set(Object.values(labels));
  const distance = Math.min(3, ...entities.filter(({ name }) => values.has(name)).map((entity) => entity.distance));
  return (1 - 0.1 * distance) * (TROUBLE.test(metric) ? 1 : 0.85) * (STATE.test(metric) ? OF_STATE : 1);
}
