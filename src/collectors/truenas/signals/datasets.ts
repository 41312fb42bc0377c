import { divide, equal, greater, labelReplace, max, or, select, unless, type Vector } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { datasets, snapshots } from "../metrics/pools.ts";

const by = ["target", "pool", "dataset"] as const;
const of = (metric: typeof datasets.used) => max(select(metric), { by });
const share = (used: Vector<(typeof by)[number]>, most: Vector<(typeof by)[number]>) => divide(used, greater(most, 0));

/** Shares of the quotas that are in use by more than that. A dataset may have two: with its children, and its own. */
export const quotaUsedAbove = (most: number) =>
  or(
    greater(share(of(datasets.used), of(datasets.quota)), most),
    greater(share(of(datasets.referenced), of(datasets.refquota)), most),
  );

const locked = equal(of(datasets.locked), 1);
const above = (pattern: string) => labelReplace(locked, { from: "dataset", pattern, to: "above", replacement: "$1" });
/** What is locked below a dataset that is locked says nothing new. */
const topmostLocked = unless(above("(.+)/[^/]*"), above("(.*)"), { on: ["target", "pool", "above"] });

/** What can be asked of datasets. */
export const datasetSignals = {
  quotaUsed: signal({
    title: "Quotas: share in use",
    help: "Of datasets that have one; at 1 nothing can be written.",
    unit: "ratio",
    expr: quotaUsedAbove(0),
  }),
  locked: signal({
    title: "Datasets that are locked",
    help: "One series for each that is encrypted and whose key is not loaded, those below it left out.",
    unit: "boolean",
    expr: max(topmostLocked, { by }),
  }),
  snapshots: signal({
    title: "Snapshots of each dataset",
    help: "Growth without end means that nothing removes them.",
    unit: "none",
    expr: max(select(snapshots.count), { by }),
  }),
};
