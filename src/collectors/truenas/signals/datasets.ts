import type { Metric } from "../../../core/metric.ts";
import {
  divide,
  equal,
  greater,
  labelReplace,
  max,
  or,
  scalarMinus,
  select,
  time,
  unless,
  type Vector,
} from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { datasets, snapshots } from "../metrics/pools.ts";

const by = ["target", "pool", "dataset"] as const;
const of = (metric: Metric<"gauge", "pool" | "dataset">) => max(select(metric), { by });
const share = (used: Vector<(typeof by)[number]>, most: Vector<(typeof by)[number]>) => divide(used, greater(most, 0));

const quotaShare = share(of(datasets.used), of(datasets.quota));
const refquotaShare = share(of(datasets.referenced), of(datasets.refquota));

/** Shares of the quotas that are in use by more than that. A dataset may have two: with its children, and its own. */
export const quotaUsedAbove = (most: number) => or(greater(quotaShare, most), greater(refquotaShare, most));

const locked = equal(of(datasets.locked), 1);
const above = (pattern: string) => labelReplace(locked, { from: "dataset", pattern, to: "above", replacement: "$1" });
/** What is locked below a dataset that is locked says nothing new. */
const topmostLocked = unless(above("(.+)/[^/]*"), above("(.*)"), { on: ["target", "pool", "above"] });

/** What can be asked of datasets. */
export const datasetSignals = {
  quotaUsed: signal({
    title: "Quotas: share in use",
    help: "Of datasets that have one, with their snapshots and children; at 1 nothing can be written.",
    unit: "ratio",
    expr: quotaShare,
  }),
  refquotaUsed: signal({
    title: "Quotas without snapshots and children: share in use",
    help: "Of datasets that have one for themselves alone; at 1 nothing can be written.",
    unit: "ratio",
    expr: refquotaShare,
  }),
  used: signal({
    title: "Used with children",
    help: "Space of each dataset with its snapshots, children and reservations.",
    unit: "bytes",
    expr: of(datasets.used),
  }),
  usedBySnapshots: signal({
    title: "Kept by snapshots",
    help: "Space that would be free without the dataset's snapshots: what was deleted and is still there.",
    unit: "bytes",
    expr: of(datasets.usedBySnapshots),
  }),
  available: signal({
    title: "Can still use",
    help: "Space that each dataset can still use, by its quotas and its pool.",
    unit: "bytes",
    expr: of(datasets.available),
  }),
  compression: signal({
    title: "Compression",
    help: "How many times larger the data is than what it takes on the disks.",
    unit: "none",
    expr: of(datasets.compression),
  }),
  newestAge: signal({
    title: "Newest snapshot",
    help: "Age of the newest snapshot of each dataset, whoever made it; nothing for one that has none.",
    unit: "seconds",
    expr: scalarMinus(time(), of(snapshots.newest)),
  }),
  csiVolumes: signal({
    title: "Volumes of Kubernetes",
    help: "Datasets that a storage driver of Kubernetes marked as its own.",
    unit: "none",
    expr: max(select(datasets.csiVolumes), { by: ["target", "pool", "driver"] }),
  }),
  locked: signal({
    title: "Datasets that are locked",
    help: "One series for each that is encrypted and whose key is not loaded, those below it left out.",
    unit: "boolean",
    expr: max(topmostLocked, { by }),
  }),
  snapshots: signal({
    title: "Snapshots",
    help: "How many each dataset has; growth without end means that nothing removes them.",
    unit: "none",
    expr: of(snapshots.count),
  }),
};
