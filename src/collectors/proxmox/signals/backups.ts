import { days, hours, type Duration } from "../../../core/duration.ts";
import {
  and,
  atMost,
  equal,
  greater,
  group,
  max,
  maxOverTime,
  min,
  multiply,
  or,
  scalarMinus,
  select,
  time,
  unless,
} from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { backupJobs, backups, backupTasks } from "../metrics/backups.ts";
import { namedGuest, placedGuest } from "./by-name.ts";

const by = ["target", "id"] as const;
const covered = max(select(backupJobs.covered), { by });
const interval = min(select(backupJobs.interval), { by });
const taskSuccess = max(select(backupTasks.guestLastSuccess), { by });
const none = and(equal(covered, 1), equal(max(select(backups.count), { by }), 0));
const coveredSince = (ago: Duration) =>
  equal(max(maxOverTime(select(backupJobs.covered).over(hours(2), ago)), { by }), 1);

/**
 * A new guest has no backup until its job's first run, so it is given half an interval more than the longest of its
 * kind.
 */
const noneThoughDue = or(
  or(
    and(and(none, atMost(interval, 90_000)), coveredSince(hours(36))),
    and(and(none, atMost(interval, 691_200)), coveredSince(days(12))),
  ),
  and(none, coveredSince(days(46))),
);

const taskEnd = (outcome: string) =>
  max(select(backupTasks.nodeLastEnd, { outcome: ["=~", outcome] }), { by: ["target", "node"] });
const nodesOfFailedGuests = group(placedGuest(equal(taskSuccess, 0)), { by: ["target", "node"] });

const backupAge = scalarMinus(time(), max(select(backups.last), { by }));

/** How many intervals of its job a guest's newest good backup may be old unless somebody says otherwise. */
export const OVERDUE_INTERVALS = 1.5;

/** Age of the newest good backup of the guests for which it is more than so many intervals of their job. */
export const backupOverdueBy = (intervals: number) => namedGuest(greater(backupAge, multiply(interval, intervals)));

/** What can be asked of the backups. */
export const backupSignals = {
  guestBackupAge: signal({
    title: "Newest good backup",
    help: "How old it is; with the time between two backups beside it, more than that is late.",
    unit: "seconds",
    expr: namedGuest(backupAge),
  }),
  guestBackupInterval: signal({
    title: "Time between two",
    help: "The longest by the schedule of the guest's most frequent job.",
    unit: "seconds",
    expr: namedGuest(interval),
  }),
  guestBackupSize: signal({
    title: "Size of the newest backup",
    help: "On a Proxmox Backup Server before deduplication; a sudden fall means that something is left out.",
    unit: "bytes",
    expr: namedGuest(max(select(backups.lastSize), { by })),
  }),
  guestBackups: signal({
    title: "Backups on all storages",
    help: "How many finished ones there are; growth without end means that nothing prunes them.",
    unit: "none",
    expr: namedGuest(max(select(backups.count), { by })),
  }),
  covered: signal({
    title: "Guests that a backup job covers",
    help: "0 for a guest that no enabled job backs up.",
    unit: "boolean",
    expr: namedGuest(covered),
  }),
  backupOverdue: signal({
    title: "Guests whose backup is overdue",
    help: "The age of the newest good backup, for each guest for which that is more than one and a half intervals of its job.",
    unit: "seconds",
    expr: backupOverdueBy(OVERDUE_INTERVALS),
  }),
  neverBackedUp: signal({
    title: "Guests without a backup though one was due",
    help: "One series for each guest that has been covered for longer than its job's interval and has no backup.",
    unit: "none",
    expr: namedGuest(noneThoughDue),
  }),
  backupSucceeded: signal({
    title: "Guests whose newest backup task succeeded",
    help: "0 after a failure, until the next success.",
    unit: "boolean",
    expr: namedGuest(taskSuccess),
  }),
  backupTaskFailed: signal({
    title: "Nodes whose newest backup task failed",
    help: "When it ended; only where no guest is known to have failed, so that the task failed as a whole.",
    unit: "timestamp",
    expr: unless(unless(taskEnd("failed"), greater(taskEnd("ok|warnings"), taskEnd("failed"))), nodesOfFailedGuests),
  }),
  backupVerified: signal({
    title: "Guests whose newest verified backup is good",
    help: "0 when the Proxmox Backup Server found it damaged.",
    unit: "boolean",
    expr: namedGuest(min(select(backups.lastVerified), { by })),
  }),
  orphaned: signal({
    title: "Backups of guests that are no more",
    help: "By storage; no job prunes them.",
    unit: "none",
    expr: max(select(backups.orphaned), { by: ["target", "storage"] }),
  }),
  jobNextRun: signal({
    title: "Next run of each backup job",
    help: "Absent for a job that is disabled.",
    unit: "timestamp",
    expr: max(select(backupJobs.jobNextRun), { by: ["target", "job_id"] }),
  }),
  jobEnabled: signal({
    title: "Backup jobs that are enabled",
    help: "0 for a job that never runs.",
    unit: "boolean",
    expr: max(select(backupJobs.jobEnabled), { by: ["target", "job_id"] }),
  }),
};
