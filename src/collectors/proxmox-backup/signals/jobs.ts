import { select } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { jobs, tasks } from "../metrics.ts";
import { ageOf } from "./shares-and-ages.ts";

const jobSuccess = (kind: "gc" | "verify" | "sync" | "prune", what: string, otherwise: string) =>
  signal({
    title: `${what} that ended well`,
    help: `0 where the last finished run failed: ${otherwise}.`,
    unit: "boolean",
    expr: select(jobs.success, { kind }),
  });

/** What can be asked of jobs and tasks. */
export const jobSignals = {
  jobSuccess: signal({
    title: "Jobs that ended well",
    help: "0 for a job whose last finished run failed.",
    unit: "boolean",
    expr: select(jobs.success),
  }),
  gcSuccess: jobSuccess("gc", "Garbage collections", "room of pruned backups does not come back"),
  verifySuccess: jobSuccess("verify", "Verify jobs", "backups are damaged or were not read"),
  syncSuccess: jobSuccess("sync", "Sync jobs", "the copy on the other server grows old"),
  pruneSuccess: jobSuccess("prune", "Prune jobs", "the datastore fills up with old backups"),
  jobWarnings: signal({
    title: "Warnings of the last run",
    help: "A run with warnings counts as good; its log on the server has them.",
    unit: "none",
    expr: select(jobs.warnings),
  }),
  jobNextRun: signal({
    title: "Next run of each job",
    help: "When the schedule wants it; in the past when it is overdue.",
    unit: "timestamp",
    expr: select(jobs.nextRun),
  }),
  jobRunning: signal({
    title: "Running jobs",
    help: "1 for a job that runs just now.",
    unit: "boolean",
    expr: select(jobs.running),
  }),
  jobScheduled: signal({
    title: "Scheduled jobs",
    help: "0 for a job that has no schedule or is disabled.",
    unit: "boolean",
    expr: select(jobs.scheduled),
  }),
  jobAge: signal({
    title: "Time since a job ran",
    help: "Since the last run ended, however it ended.",
    unit: "seconds",
    expr: ageOf(select(jobs.lastRun)),
  }),
  jobLate: signal({
    title: "Time since a job should have run",
    help: "Negative until it is due; more than some minutes when the server does not start it.",
    unit: "seconds",
    expr: ageOf(select(jobs.nextRun)),
  }),
  tasksFailed: signal({
    title: "Failed tasks in 24 hours",
    help: "By the kind of task; jobs have signals of their own.",
    unit: "none",
    expr: select(tasks.failed),
  }),
  otherTasksFailed: signal({
    title: "Failed tasks in 24 hours that are no jobs",
    help: "Backups, restores, tape and administration.",
    unit: "none",
    expr: select(tasks.failed, { worker_type: ["!~", "garbage_collection|prunejob|syncjob|verificationjob"] }),
  }),
};
