import { alert } from "../../../core/alert.ts";
import { hours, minutes } from "../../../core/duration.ts";
import { equal, less } from "../../../core/promql.ts";
import { diskSignals as signals } from "../signals/disks.ts";

/** Conditions of disks. */
export const diskAlerts = [
  alert({
    name: "ProxmoxDiskUnhealthy",
    severity: "warning",
    when: equal(signals.diskHealthy.expr, 0),
    for: minutes(5),
    summary: ({ label }) =>
      `Disk ${label.device} (${label.model}, ${label.disk}) of node ${label.node} of ${label.target} expects to fail`,
    description: () => "SMART says so itself, which it does late: replace the disk soon.",
  }),
  alert({
    name: "ProxmoxDiskWornOut",
    severity: "warning",
    when: (least) => less(signals.diskLifeLeft.expr, least),
    threshold: { value: 0.1, unit: "ratio", help: "share of a solid-state disk's life that is left" },
    for: hours(1),
    summary: ({ label, percentage }) =>
      `Disk ${label.device} (${label.model}, ${label.disk}) of node ${label.node} of ${label.target} has ${percentage} of its life left`,
    description: () => "By the disk's own count of what was written. It may work on for long or turn read-only.",
  }),
  alert({
    name: "ProxmoxDiskVanished",
    severity: "warning",
    when: signals.diskVanished.expr,
    for: minutes(5),
    summary: ({ label }) =>
      `Disk ${label.disk} (${label.model}) of node ${label.node} of ${label.target} is no longer there`,
    description: () =>
      "The node lists its other disks and not this one, which it did within a day. If nobody took it out, the disk, its cable or its port failed.",
  }),
];
