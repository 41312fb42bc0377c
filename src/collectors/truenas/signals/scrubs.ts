import { days, minutes, type Duration } from "../../../core/duration.ts";
import { and, atMost, equal, max, maxOverTime, scalarMinus, select, time, unless } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { pools } from "../metrics/pools.ts";

const pool = ["target", "pool"] as const;
const present = equal(max(select(pools.imported), { by: pool }), 1);
const scrubScheduled = max(select(pools.scrubScheduled), { by: pool });
const paused = equal(max(select(pools.scrubPaused), { by: pool }), 1);
const scanStart = max(select(pools.scanStart), { by: pool });

/**
 * A resilver hides the scrub before it, and a restart of Watchkeeper forgets it: Prometheus remembers it for a week.
 */
const lastScrub = max(maxOverTime(select(pools.lastScrub).over(days(7))), { by: pool });

/**
 * Pools that have been known for that long, of which no finished scrub was seen in that time, and that no task scrubs.
 */
export const withoutScrubFor = (span: Duration) =>
  unless(
    unless(
      and(present, max(maxOverTime(select(pools.imported).over(days(1), span)), { by: pool })),
      max(maxOverTime(select(pools.lastScrub).over(span)), { by: pool }),
    ),
    equal(scrubScheduled, 1),
  );

/** Progress of the scrubs and resilvers that are no further than that long ago, those that are paused left out. */
export const withoutProgressFor = (span: Duration) =>
  unless(
    and(
      atMost(
        max(select(pools.scanProgress), { by: pool }),
        max(maxOverTime(select(pools.scanProgress).over(minutes(30), span)), { by: pool }),
      ),
      equal(scanStart, max(select(pools.scanStart).ago(span), { by: pool })),
    ),
    paused,
  );

/** What can be asked of scrubs and resilvers. */
export const scrubSignals = {
  scrubAge: signal({
    title: "Time since the last scrub",
    help: "Since it ended. TrueNAS scrubs a pool every 35 days unless told otherwise.",
    unit: "seconds",
    expr: scalarMinus(time(), and(lastScrub, present)),
  }),
  scrubErrors: signal({
    title: "Errors that the last scrub found",
    help: "More than 0 means that a disk or its cable returned something wrong.",
    unit: "none",
    expr: max(select(pools.scrubErrors), { by: pool }),
  }),
  scrubbing: signal({
    title: "Scrubs under way",
    help: "1 while one is, paused or not.",
    unit: "boolean",
    expr: max(select(pools.scrubbing), { by: pool }),
  }),
  scrubScheduled: signal({
    title: "Pools that a task scrubs",
    help: "0 for a pool that no enabled scrub task is there for.",
    unit: "boolean",
    expr: scrubScheduled,
  }),
  scrubPaused: signal({
    title: "Scrubs that are paused",
    help: "1 for a pool whose scrub waits for somebody to let it go on.",
    unit: "boolean",
    expr: max(select(pools.scrubPaused), { by: pool }),
  }),
  scanProgress: signal({
    title: "Progress of scrubs and resilvers",
    help: "Of the one under way.",
    unit: "ratio",
    expr: max(select(pools.scanProgress), { by: pool }),
  }),
};
