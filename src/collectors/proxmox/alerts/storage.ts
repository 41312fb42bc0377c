import { alert } from "../../../core/alert.ts";
import { hours, inSeconds, minutes, seconds } from "../../../core/duration.ts";
import { greater } from "../../../core/promql.ts";
import { storageSignals as signals, usedBeforeFullIn } from "../signals/storage.ts";

/** A storage that all nodes share is of no node. */
const ON_NODE = "{{ with $labels.node }} on node {{ . }}{{ end }}";

/** Conditions of storages. */
export const storageAlerts = [
  alert({
    name: "ProxmoxStorageInactive",
    severity: "warning",
    when: signals.unusable.expr,
    for: minutes(5),
    keepFiringFor: minutes(5),
    summary: ({ label }) => `Node ${label.node} of ${label.target} can not use storage ${label.storage}`,
    description: () =>
      "The storage is enabled and its server, mount, pool or volume group does not answer. Guests with disks on it hang or can not start, and backups to it fail.",
  }),
  alert({
    name: "ProxmoxStorageFull",
    severity: "critical",
    when: (most) => greater(signals.guestStorageUsed.expr, most),
    threshold: { value: 0.95, unit: "ratio", help: "share in use of a storage that holds disks of guests" },
    for: minutes(5),
    keepFiringFor: minutes(10),
    summary: ({ label, percentage }) => `Storage ${label.storage}${ON_NODE} of ${label.target} is ${percentage} full`,
    description: () =>
      "It holds disks of guests. When nothing is left, virtual machines that write to it are halted, and a thin pool may be damaged.",
  }),
  alert({
    name: "ProxmoxStorageFilling",
    severity: "warning",
    when: (most) => greater(signals.storageUsed.expr, most),
    threshold: { value: 0.85, unit: "ratio", help: "share of the storage that is in use" },
    for: minutes(15),
    keepFiringFor: minutes(15),
    summary: ({ label, percentage }) => `Storage ${label.storage}${ON_NODE} of ${label.target} is ${percentage} full`,
    description: () => "Old backups, snapshots, unused disks and images are the usual causes.",
  }),
  alert({
    name: "ProxmoxStorageFullSoon",
    severity: "warning",
    when: (ahead) => usedBeforeFullIn(seconds(ahead), 0.6),
    threshold: {
      value: inSeconds(hours(24)),
      unit: "seconds",
      help: "time until the storage is full, by the trend of six hours",
    },
    for: hours(1),
    keepFiringFor: minutes(30),
    summary: ({ label, percentage, threshold }) =>
      `Storage ${label.storage}${ON_NODE} of ${label.target} is ${percentage} full, and wholly within ${threshold}`,
    description: () => "Something writes fast: it would fill by the trend of the last six hours.",
  }),
];
