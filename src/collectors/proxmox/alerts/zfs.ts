import { alert } from "../../../core/alert.ts";
import { days, hours, inSeconds, minutes, seconds } from "../../../core/duration.ts";
import { equal, greater } from "../../../core/promql.ts";
import { withoutScrubFor, zfsSignals as signals } from "../signals/disks.ts";

/** Conditions of ZFS pools. */
export const zfsAlerts = [
  alert({
    name: "ProxmoxZfsPoolFaulted",
    severity: "critical",
    when: equal(signals.poolFaulted.expr, 1),
    for: minutes(1),
    summary: ({ label }) => `ZFS pool ${label.pool} on node ${label.node} of ${label.target} can not be used`,
    description: () =>
      "More disks are gone than the pool can do without, or it does not answer. Everything on it stands still.",
  }),
  alert({
    name: "ProxmoxZfsRedundancyLost",
    severity: "critical",
    when: signals.redundancyLost.expr,
    for: minutes(5),
    keepFiringFor: minutes(5),
    summary: ({ label }) =>
      `ZFS pool ${label.pool} on node ${label.node} of ${label.target}: the next failing disk of ${label.vdev} takes all data`,
    description: () =>
      "The pool was built with redundancy and this part of it has none left: a disk failed or was detached, or a single disk was added. The pool may call itself ONLINE all the same.",
  }),
  alert({
    name: "ProxmoxZfsPoolDegraded",
    severity: "warning",
    when: equal(signals.poolDegraded.expr, 1),
    for: minutes(5),
    keepFiringFor: minutes(5),
    summary: ({ label }) => `ZFS pool ${label.pool} on node ${label.node} of ${label.target} is degraded`,
    description: () =>
      "A disk is gone or failing. The data is there, with less redundancy than the pool was built for.",
  }),
  alert({
    name: "ProxmoxZfsDataErrors",
    severity: "critical",
    when: equal(signals.dataErrors.expr, 1),
    for: minutes(5),
    summary: ({ label }) => `ZFS pool ${label.pool} on node ${label.node} of ${label.target} has lost data`,
    description: () =>
      "Files or volumes are damaged and no copy is left in the pool. Backups that are made now hold the damage as well.",
  }),
  alert({
    name: "ProxmoxZfsDeviceErrors",
    severity: "warning",
    when: greater(signals.deviceErrors.expr, 0),
    for: minutes(5),
    summary: ({ label }) =>
      `Disk ${label.device} of ZFS pool ${label.pool} on node ${label.node} of ${label.target} has errors`,
    description: () =>
      "Reading or writing failed, or what was read was not what was written. ZFS mended it from another disk if it could. The counters stay until somebody clears them.",
  }),
  alert({
    name: "ProxmoxZfsScrubErrors",
    severity: "warning",
    when: greater(signals.scrubErrors.expr, 0),
    for: minutes(5),
    summary: ({ label, value }) =>
      `The last scrub of ZFS pool ${label.pool} on node ${label.node} of ${label.target} found ${value} errors`,
    description: () => "A disk, cable or controller returned something wrong. The figure stays until the next scrub.",
  }),
  alert({
    name: "ProxmoxZfsScrubOverdue",
    severity: "warning",
    when: (most) => greater(signals.scrubAge.expr, most),
    threshold: { value: inSeconds(days(40)), unit: "seconds", help: "time since the newest scrub ended" },
    for: hours(1),
    summary: ({ label, duration }) =>
      `ZFS pool ${label.pool} on node ${label.node} of ${label.target} was scrubbed ${duration} ago`,
    description: () =>
      "Proxmox VE scrubs each pool on the second Sunday of a month. Damage that nobody looks for is found when the last good copy fails.",
  }),
  alert({
    name: "ProxmoxZfsNeverScrubbed",
    severity: "info",
    when: (span) => withoutScrubFor(seconds(span)),
    threshold: { value: inSeconds(days(14)), unit: "seconds", help: "time in which no finished scrub was seen" },
    for: hours(1),
    summary: ({ label }) =>
      `No finished scrub is known of ZFS pool ${label.pool} on node ${label.node} of ${label.target}`,
    description: ({ threshold }) =>
      `For ${threshold} the newest scan has not been a finished scrub: there never was one, it was broken off, or a resilver came after it.`,
  }),
  alert({
    name: "ProxmoxZfsPoolNearlyFull",
    severity: "warning",
    when: (most) => greater(signals.poolUsed.expr, most),
    threshold: { value: 0.9, unit: "ratio", help: "share of the pool's raw space that is in use" },
    for: minutes(15),
    keepFiringFor: minutes(15),
    summary: ({ label, percentage }) =>
      `ZFS pool ${label.pool} on node ${label.node} of ${label.target} is ${percentage} full`,
    description: () => "From here on ZFS searches for each free block and writing gets slow, for good in places.",
  }),
  alert({
    name: "ProxmoxZfsPoolFilling",
    severity: "info",
    when: (most) => greater(signals.poolUsed.expr, most),
    threshold: { value: 0.8, unit: "ratio", help: "share of the pool's raw space that is in use" },
    for: hours(1),
    keepFiringFor: minutes(15),
    summary: ({ label, percentage }) =>
      `ZFS pool ${label.pool} on node ${label.node} of ${label.target} is ${percentage} full`,
    description: () => "There is time to plan: more disks, or less data.",
  }),
  alert({
    name: "ProxmoxZfsFragmented",
    severity: "info",
    when: (most) => greater(signals.fragmentation.expr, most),
    threshold: { value: 0.6, unit: "ratio", help: "fragmentation of the pool's free space" },
    for: hours(6),
    summary: ({ label, percentage }) =>
      `The free space of ZFS pool ${label.pool} on node ${label.node} of ${label.target} is ${percentage} fragmented`,
    description: () => "Writing gets slow, first on hard disks. Only space that is freed makes it better.",
  }),
];
