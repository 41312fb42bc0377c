import { alert } from "../../../core/alert.ts";
import { hours, minutes } from "../../../core/duration.ts";
import { equal, greater } from "../../../core/promql.ts";
import { deviceSignals as signals } from "../signals/devices.ts";

/** A disk that is gone may have no name left. */
const DISK = "{{ with $labels.disk }}{{ . }}{{ else }}{{ $labels.guid }}{{ end }}";

/** Conditions of the disks in pools. */
export const deviceAlerts = [
  alert({
    name: "TrueNasPoolDeviceErrors",
    severity: "warning",
    when: (most) => greater(signals.deviceErrors.expr, most),
    threshold: { value: 0, unit: "none", help: "new errors of one disk of a pool within 6 hours" },
    for: minutes(0),
    keepFiringFor: minutes(30),
    summary: ({ label, value }) =>
      `New errors of disk ${DISK} of pool ${label.pool} of ${label.target} within 6 hours: ${value}`,
    description: () =>
      "Reading or writing failed, or what was read was not what was written. ZFS mended it from another disk if it could. Disk, cable or controller is failing.",
  }),
  alert({
    name: "TrueNasPoolDeviceOffline",
    severity: "warning",
    when: equal(signals.deviceOnline.expr, 0),
    for: minutes(5),
    keepFiringFor: minutes(5),
    summary: ({ label }) => `Disk ${DISK} of pool ${label.pool} of ${label.target} is not online`,
    description: () =>
      "It failed, is missing, was taken offline, or has so many errors that ZFS calls it DEGRADED. The pool has less redundancy; a log, cache or spare disk is missed less.",
  }),
  alert({
    name: "TrueNasPoolSlowDisk",
    severity: "warning",
    when: (most) => greater(signals.slowIos.expr, most),
    threshold: { value: 5, unit: "none", help: "requests in an hour that took a disk longer than 30 s" },
    for: minutes(0),
    keepFiringFor: hours(1),
    summary: ({ label, value }) =>
      `Disk ${DISK} of pool ${label.pool} of ${label.target} took longer than 30 s for ${value} requests in an hour`,
    description: () =>
      "It slows down the whole pool, since ZFS waits for it. Such a disk often fails soon, without an error before.",
  }),
];
