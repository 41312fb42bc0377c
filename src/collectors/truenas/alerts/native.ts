import { alert } from "../../../core/alert.ts";
import { minutes } from "../../../core/duration.ts";
import { greater } from "../../../core/promql.ts";
import { nativeSignals as signals } from "../signals/native.ts";

/** What the server itself complains of and no other alert here tells. */
export const nativeAlerts = [
  alert({
    name: "TrueNasNativeCritical",
    severity: "critical",
    when: greater(signals.nativeCritical.expr, 0),
    for: minutes(1),
    keepFiringFor: minutes(10),
    summary: ({ label }) => `TrueNAS ${label.target} raises ${label.class} (${label.level})`,
    description: () =>
      "It is one of the server's own alerts, and nobody dismissed it. The bell of its web interface has the text.",
  }),
  alert({
    name: "TrueNasNativeWarning",
    severity: "warning",
    when: greater(signals.nativeWarning.expr, 0),
    for: minutes(10),
    keepFiringFor: minutes(10),
    summary: ({ label }) => `TrueNAS ${label.target} raises ${label.class} (${label.level})`,
    description: () =>
      "It is one of the server's own alerts, and nobody dismissed it. The bell of its web interface has the text.",
  }),
];
