import { hours } from "../../../core/duration.ts";
import { increase, max, min, select } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { certificates } from "../metrics.ts";

const OURS = { target: ["!=", ""] } as const;
const SOURCE = ["target", "source_kind", "source_name"] as const;

/** What can be asked of the sources of stored certificates. */
export const sourceSignals = {
  sourceUp: signal({
    title: "Sources that can be read",
    help: "0 for a source of which the newest look brought nothing.",
    unit: "boolean",
    expr: max(select(certificates.sourceUp, OURS), { by: SOURCE }),
  }),
  sourceBundles: signal({
    title: "Places in each source",
    help: "Files, keys of Secrets and the like that hold certificates; a fall to nothing may be a path or a right that changed.",
    unit: "none",
    expr: min(select(certificates.sourceBundles, OURS), { by: SOURCE }),
  }),
  sourceErrors: signal({
    title: "What could not be read in two hours",
    help: "Counted at each look; the reason says what is wrong.",
    unit: "none",
    expr: max(increase(select(certificates.sourceErrors, OURS).over(hours(2))), { by: [...SOURCE, "reason"] }),
  }),
};
