import { alert } from "../../../core/alert.ts";
import { days, hours, inSeconds, minutes } from "../../../core/duration.ts";
import { and, greater, less } from "../../../core/promql.ts";
import { spaceSignals as signals } from "../signals/space.ts";

/** Below this share in use free space is plenty, in however small pieces. */
const HALF = 0.5;

/** Conditions of the space in pools. */
export const spaceAlerts = [
  alert({
    name: "TrueNasPoolFull",
    severity: "critical",
    when: (most) => greater(signals.poolUsed.expr, most),
    threshold: { value: 0.9, unit: "ratio", help: "share of the pool's usable space that is in use" },
    for: minutes(15),
    keepFiringFor: minutes(30),
    summary: ({ label, percentage }) => `Pool ${label.pool} of ${label.target} is ${percentage} full`,
    description: () =>
      "From here on ZFS searches for each free block and writing gets slow. When nothing is left, writing fails everywhere on the pool, and even deleting may.",
  }),
  alert({
    name: "TrueNasPoolNearlyFull",
    severity: "warning",
    when: (most) => greater(signals.poolUsed.expr, most),
    threshold: { value: 0.8, unit: "ratio", help: "share of the pool's usable space that is in use" },
    for: hours(1),
    keepFiringFor: hours(1),
    summary: ({ label, percentage }) => `Pool ${label.pool} of ${label.target} is ${percentage} full`,
    description: () => "There is time to plan: fewer snapshots, less data, or more disks.",
  }),
  alert({
    name: "TrueNasPoolFillingUp",
    severity: "warning",
    when: (ahead) => less(signals.poolFullIn.expr, ahead),
    threshold: {
      value: inSeconds(days(14)),
      unit: "seconds",
      help: "time until the pool is full, by the trend of three days",
    },
    for: hours(12),
    keepFiringFor: days(1),
    summary: ({ label, duration }) => `Pool ${label.pool} of ${label.target} will be full in ${duration}`,
    description: () =>
      "So it is when what was written in the last three days goes on. Snapshots that keep what was deleted are often the cause.",
  }),
  alert({
    name: "TrueNasPoolFragmented",
    severity: "info",
    when: (most) => and(greater(signals.fragmentation.expr, most), greater(signals.poolUsed.expr, HALF)),
    threshold: { value: 0.6, unit: "ratio", help: "fragmentation of the pool's free space" },
    for: hours(6),
    keepFiringFor: hours(6),
    summary: ({ label, percentage }) =>
      `The free space of pool ${label.pool} of ${label.target} is ${percentage} fragmented`,
    description: () => "Writing gets slow, first on hard disks. Only space that is freed makes it better.",
  }),
  alert({
    name: "TrueNasPoolAutotrimOff",
    severity: "info",
    when: signals.withoutTrim.expr,
    for: days(1),
    keepFiringFor: hours(1),
    summary: ({ label }) => `Pool ${label.pool} of ${label.target} is on SSDs and does not trim them`,
    description: () =>
      "SSDs that are not told what is free get slower and wear out sooner. A trim that is run by a cron job is as good.",
  }),
];
