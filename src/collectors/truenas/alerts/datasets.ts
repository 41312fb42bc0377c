import { alert } from "../../../core/alert.ts";
import { hours, minutes } from "../../../core/duration.ts";
import { greater } from "../../../core/promql.ts";
import { datasetSignals as signals, quotaUsedAbove } from "../signals/datasets.ts";

/** Conditions of datasets. */
export const datasetAlerts = [
  alert({
    name: "TrueNasDatasetQuotaNearlyFull",
    severity: "warning",
    when: quotaUsedAbove,
    threshold: { value: 0.9, unit: "ratio", help: "share of the dataset's quota that is in use" },
    for: minutes(15),
    keepFiringFor: minutes(30),
    summary: ({ label, percentage }) => `Dataset ${label.dataset} of ${label.target} uses ${percentage} of its quota`,
    description: () =>
      "When nothing is left of it, writing to the dataset fails, whatever is free in the pool. A quota that is not a reference quota counts snapshots and children too.",
  }),
  alert({
    name: "TrueNasDatasetLocked",
    severity: "warning",
    when: signals.locked.expr,
    for: minutes(15),
    keepFiringFor: minutes(5),
    summary: ({ label }) => `Dataset ${label.dataset} of ${label.target} is locked`,
    description: () =>
      "It is encrypted and its key is not loaded, as after a restart when it has a passphrase. Nobody can read it or what is below it, and its replication is held back.",
  }),
  alert({
    name: "TrueNasSnapshotsTooMany",
    severity: "info",
    when: (most) => greater(signals.snapshots.expr, most),
    threshold: { value: 2000, unit: "none", help: "snapshots of one dataset" },
    for: hours(6),
    keepFiringFor: hours(1),
    summary: ({ label, value }) => `Dataset ${label.dataset} of ${label.target} has ${value} snapshots`,
    description: () =>
      "Nothing seems to remove them. Listing, replicating and starting get slow with their number, and they keep the space of what was deleted.",
  }),
];
