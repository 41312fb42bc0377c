import { days, hours, inSeconds, minutes } from "../../../core/duration.ts";
import {
  add,
  and,
  equal,
  greater,
  labelReplace,
  less,
  max,
  maxOverTime,
  min,
  minOverTime,
  multiply,
  scalarMinus,
  select,
  time,
  unless,
} from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { system } from "../metrics/system.ts";
import { tasks } from "../metrics/tasks.ts";

const by = ["target", "kind", "task_id", "name"] as const;
/** What a server may take to begin a task, and what Watchkeeper may take to see it. */
const GRACE = inSeconds(minutes(15));

const enabled = max(select(tasks.enabled), { by });
const disabled = equal(enabled, 0);
const interval = max(select(tasks.interval), { by });
const running = max(select(tasks.running), { by });
const late = scalarMinus(time(), max(select(tasks.due), { by }));
/** While a task runs the end of the run before it may not be told of: Prometheus remembers it for a week. */
const lastRun = max(maxOverTime(select(tasks.lastRun).over(days(7))), { by });
const sinceLastRun = scalarMinus(time(), lastRun);

/** A server that was off has not had the time to catch up on what it missed. */
const justStarted = less(scalarMinus(time(), max(select(system.bootTime), { by: ["target"] })), inSeconds(hours(1)));

/**
 * How late those are that are late by more than that share of their interval, and do not run just now, of servers that
 * were not just started.
 */
export const laterThan = (share: number) =>
  unless(unless(greater(greater(late, GRACE), multiply(interval, share)), equal(running, 1)), justStarted, {
    on: ["target"],
  });

const runsForHours = and(
  equal(max(minOverTime(select(tasks.running).over(hours(6))), { by }), 1),
  equal(max(maxOverTime(select(tasks.running).over(minutes(30), hours(6))), { by }), 1),
);

/**
 * Time since the last end of those that have run for six hours without a break, when that is more than so many
 * intervals.
 */
export const runningForIntervals = (intervals: number) =>
  and(greater(sinceLastRun, multiply(interval, intervals)), runsForHours);

/** Snapshot tasks are told by their number among snapshot tasks, and a dataset begins with its pool. */
const newest = labelReplace(
  labelReplace(select(tasks.newestSnapshot), { from: "task_id", pattern: ".*", to: "kind", replacement: "snapshot" }),
  { from: "dataset", pattern: "([^/]*).*", to: "pool", replacement: "$1" },
);
const newestAge = scalarMinus(time(), max(newest, { by: ["target", "kind", "task_id", "pool", "dataset"] }));
const ofKind = ["target", "kind", "task_id"] as const;
/** One that was enabled a moment ago has not made any yet. */
const enabledForADay = min(minOverTime(select(tasks.enabled).over(days(1))), { by: ofKind });

/**
 * Age of the newest snapshots of tasks, enabled for a day, that are older than so many of the task's intervals; not of
 * servers that were just started.
 */
export const newestOlderThan = (intervals: number) =>
  unless(
    and(
      greater(newestAge, add(multiply(max(select(tasks.interval), { by: ofKind }), intervals), GRACE), {
        on: ofKind,
        groupLeft: [],
      }),
      equal(enabledForADay, 1),
      { on: ofKind },
    ),
    justStarted,
    { on: ["target"] },
  );

/** What can be asked of tasks. */
export const taskSignals = {
  taskSuccess: signal({
    title: "Tasks that ended well",
    help: "0 for a task whose last finished run failed; those that are disabled are left out.",
    unit: "boolean",
    expr: unless(min(select(tasks.success), { by }), disabled),
  }),
  taskHeld: signal({
    title: "Tasks that are held back",
    help: "1 for a task that the server does not run until somebody does something.",
    unit: "boolean",
    expr: unless(max(select(tasks.held), { by }), disabled),
  }),
  taskLate: signal({
    title: "How late tasks are",
    help: "Time since the schedule wanted a run that did not succeed yet; negative until then.",
    unit: "seconds",
    expr: late,
  }),
  taskSinceLastRun: signal({
    title: "Since the last run",
    help: "Time since the last run of each task ended, however it ended; compare it with the task's interval.",
    unit: "seconds",
    expr: sinceLastRun,
  }),
  taskInterval: signal({
    title: "Interval",
    help: "The longest time between two runs by the task's schedule.",
    unit: "seconds",
    expr: interval,
  }),
  taskProgress: signal({
    title: "Progress of tasks",
    help: "How far the runs under way are; one that stands still hangs.",
    unit: "ratio",
    expr: max(select(tasks.progress), { by }),
  }),
  taskEnabled: signal({
    title: "Tasks that are enabled",
    help: "0 for a task that never runs.",
    unit: "boolean",
    expr: enabled,
  }),
  taskRunning: signal({
    title: "Tasks that run",
    help: "1 for a task that runs or waits for its turn.",
    unit: "boolean",
    expr: running,
  }),
  newestSentAge: signal({
    title: "Age of the newest snapshot that a replication has sent",
    help: "How far the copy is behind; it also grows while there is nothing new to send.",
    unit: "seconds",
    expr: scalarMinus(time(), max(select(tasks.newestSent), { by: ["target", "task_id", "name"] })),
  }),
  newestSnapshotAge: signal({
    title: "Age of a snapshot task's newest snapshot",
    help: "Compare it with the task's interval.",
    unit: "seconds",
    expr: newestAge,
  }),
};
