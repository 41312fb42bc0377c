import { alert } from "../../../core/alert.ts";
import { days, hours, inSeconds, minutes, seconds } from "../../../core/duration.ts";
import { equal, greater, unless } from "../../../core/promql.ts";
import { scrubSignals as signals, withoutProgressFor, withoutScrubFor } from "../signals/scrubs.ts";

/** Conditions of scrubs and resilvers. */
export const scrubAlerts = [
  alert({
    name: "TrueNasPoolScrubErrors",
    severity: "warning",
    when: greater(signals.scrubErrors.expr, 0),
    for: minutes(5),
    keepFiringFor: minutes(30),
    summary: ({ label, value }) =>
      `Errors that the last scrub of pool ${label.pool} of ${label.target} found: ${value}`,
    description: () =>
      "A disk, cable or controller returned something wrong, and not all of it could be repaired. The figure stays until the next scrub.",
  }),
  alert({
    name: "TrueNasPoolScrubOverdue",
    severity: "warning",
    when: (most) => unless(greater(signals.scrubAge.expr, most), equal(signals.scrubbing.expr, 1)),
    threshold: { value: inSeconds(days(40)), unit: "seconds", help: "time since the newest scrub ended" },
    for: days(1),
    keepFiringFor: hours(1),
    summary: ({ label, duration }) => `Pool ${label.pool} of ${label.target} was scrubbed ${duration} ago`,
    description: () =>
      "TrueNAS scrubs a pool on a Sunday, 35 days after the last time. Damage that nobody looks for is found when the last good copy fails.",
  }),
  alert({
    name: "TrueNasPoolNeverScrubbed",
    severity: "info",
    when: (span) => withoutScrubFor(seconds(span)),
    threshold: { value: inSeconds(days(14)), unit: "seconds", help: "time in which no finished scrub was seen" },
    for: hours(1),
    keepFiringFor: hours(1),
    summary: ({ label }) => `No finished scrub is known of pool ${label.pool} of ${label.target}, and none is planned`,
    description: ({ threshold }) =>
      `For ${threshold} none was seen, and no enabled scrub task is there for the pool. Damage that nobody looks for is found when the last good copy fails.`,
  }),
  alert({
    name: "TrueNasPoolScrubPaused",
    severity: "warning",
    when: equal(signals.scrubPaused.expr, 1),
    for: days(1),
    keepFiringFor: hours(1),
    summary: ({ label }) => `The scrub of pool ${label.pool} of ${label.target} has been paused for a day`,
    description: () => "It does not go on by itself, and the next one does not begin before it ends.",
  }),
  alert({
    name: "TrueNasPoolScanStuck",
    severity: "warning",
    when: (span) => withoutProgressFor(seconds(span)),
    threshold: {
      value: inSeconds(hours(6)),
      unit: "seconds",
      help: "time in which a scrub or resilver got no further",
    },
    for: minutes(15),
    keepFiringFor: minutes(30),
    summary: ({ label, percentage, threshold }) =>
      `The scrub or resilver of pool ${label.pool} of ${label.target} has been at ${percentage} for ${threshold}`,
    description: () =>
      "A disk that hardly answers is the usual cause. While a resilver is stuck the pool stays without the redundancy that it is to bring.",
  }),
];
