import { alert } from "../../../core/alert.ts";
import { minutes } from "../../../core/duration.ts";
import { equal } from "../../../core/promql.ts";
import { diskSignals as signals, hotterThan } from "../signals/disks.ts";

/** Conditions of disks. */
export const diskAlerts = [
  alert({
    name: "TrueNasDiskHot",
    severity: "warning",
    when: hotterThan,
    threshold: {
      value: 55,
      unit: "celsius",
      help: "temperature of a hard disk; an SSD may have 10 degrees more, an NVMe disk 15",
    },
    for: minutes(10),
    keepFiringFor: minutes(15),
    summary: ({ label, value }) =>
      `Disk ${label.disk} (${label.medium}, ${label.serial}) of ${label.target} has ${value} °C`,
    description: () =>
      "Heat makes disks fail early, and an NVMe disk gets slow from here on. A fan, dust or the room is the usual cause.",
  }),
  alert({
    name: "TrueNasDiskSilent",
    severity: "warning",
    when: signals.silent.expr,
    for: minutes(15),
    keepFiringFor: minutes(10),
    summary: ({ label }) => `Disk ${label.disk} (${label.serial}) of ${label.target} does not answer`,
    description: () =>
      "It gives 0 degrees and gave more within the last week, which is how a disk reads that no longer answers. It may drop out of its pool next.",
  }),
  alert({
    name: "TrueNasDiskVanished",
    severity: "warning",
    when: signals.vanished.expr,
    for: minutes(10),
    keepFiringFor: minutes(10),
    summary: ({ label }) => `Disk ${label.serial} (${label.model}) of ${label.target} is no longer there`,
    description: () =>
      "The server lists its other disks and not this one, which it did within a day. If nobody took it out, the disk, its cable or its port failed.",
  }),
  alert({
    name: "TrueNasDiskSelfTestFailed",
    severity: "warning",
    when: equal(signals.selfTestPassed.expr, 0),
    for: minutes(5),
    keepFiringFor: minutes(30),
    summary: ({ label }) => `Disk ${label.disk} (${label.serial}) of ${label.target} failed its self test`,
    description: () => "The disk itself found that it can not read or write everywhere. Replace it soon.",
  }),
];
