import { alert } from "../../../core/alert.ts";
import { minutes } from "../../../core/duration.ts";
import { equal, greater } from "../../../core/promql.ts";
import { sourceSignals as signals } from "../signals/sources.ts";

/** Sources of stored certificates. */
export const sourceAlerts = [
  alert({
    name: "CertificateSourceDown",
    severity: "warning",
    when: equal(signals.sourceUp.expr, 0),
    for: minutes(10),
    summary: ({ label }) =>
      `No certificates can be read from ${label.source_kind} ${label.source_name} (${label.target})`,
    description: () =>
      "What was read last is kept for three intervals, then its alerts fall silent. Watchkeeper's page of targets shows the reason.",
  }),
  alert({
    name: "CertificateSourceErrors",
    severity: "warning",
    when: greater(signals.sourceErrors.expr, 0),
    for: minutes(10),
    summary: ({ label }) =>
      `Some of ${label.source_kind} ${label.source_name} (${label.target}) can not be read: ${label.reason}`,
    description: () =>
      "A file, Secret or answer is there and the certificates in it are not known, so nothing will tell when they end. `watchkeeper check --connect` names it.",
  }),
];
