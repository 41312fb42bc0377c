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

/** A new guest has no backup until its job's first run, so it is given half an interval more than the longest of its kind. */
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

/** What can be asked of the backups. */
export const backupSignals = {
  covered: signal({
    title: "Guests that a backup job covers",
    help: "0 for a guest that no enabled job backs up.",
    unit: "boolean",
    expr: namedGuest(covered),
  }),
  backupAge: signal({
    title: "Age of the newest good backup",
    help: "Compare it with the interval of the guest's job.",
    unit: "seconds",
    expr: scalarMinus(time(), max(select(backups.last), { by })),
  }),
  backupInterval: signal({
    title: "Time between two backups",
    help: "The longest by the schedule of the guest's most frequent job.",
    unit: "seconds",
    expr: interval,
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
  jobEnabled: signal({
    title: "Backup jobs that are enabled",
    help: "0 for a job that never runs.",
    unit: "boolean",
    expr: max(select(backupJobs.jobEnabled), { by: ["target", "job_id"] }),
  }),
};
