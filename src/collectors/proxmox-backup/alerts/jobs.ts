import { alert } from "../../../core/alert.ts";
import { days, hours, inSeconds, minutes } from "../../../core/duration.ts";
import { equal, greater, less, select, unless } from "../../../core/promql.ts";
import { jobs } from "../metrics.ts";
import { proxmoxBackupSignals as signals } from "../signals.ts";

/** Jobs and tasks. */
export const alertsOfJobs = [
  alert({
    name: "ProxmoxBackupGarbageCollectionFailed",
    severity: "warning",
    when: equal(signals.gcSuccess.expr, 0),
    for: minutes(5),
    keepFiringFor: minutes(15),
    summary: ({ label }) => `The garbage collection of datastore ${label.datastore} of ${label.target} failed`,
    description: () =>
      "What was pruned still takes its room, and damaged chunks are not counted. The task's log on the server tells why.",
  }),
  alert({
    name: "ProxmoxBackupGarbageCollectionMissing",
    severity: "warning",
    threshold: { value: inSeconds(days(14)), unit: "seconds", help: "time without any garbage collection" },
    when: (threshold) => unless(equal(select(jobs.scheduled, { kind: "gc" }), 0), less(signals.jobAge.expr, threshold)),
    for: hours(6),
    keepFiringFor: hours(1),
    summary: ({ label }) => `Nothing collects the garbage of datastore ${label.datastore} of ${label.target}`,
    description: () =>
      "The datastore has no schedule for garbage collection, and none was started by hand of late. Pruned backups keep their room until one runs.",
  }),
  alert({
    name: "ProxmoxBackupVerifyJobFailed",
    severity: "warning",
    when: equal(signals.verifySuccess.expr, 0),
    for: minutes(5),
    keepFiringFor: minutes(15),
    summary: ({ label }) => `Verify job ${label.job_id} of datastore ${label.datastore} of ${label.target} failed`,
    description: () =>
      "It found backups that can not be restored in full, or it could not read them. ProxmoxBackupVerificationFailed counts them.",
  }),
  alert({
    name: "ProxmoxBackupSyncFailed",
    severity: "warning",
    when: equal(signals.syncSuccess.expr, 0),
    for: minutes(5),
    keepFiringFor: minutes(15),
    summary: ({ label }) => `Sync job ${label.job_id} of datastore ${label.datastore} of ${label.target} failed`,
    description: () =>
      "The copy on the other server is older than it should be. A remote that does not answer, its certificate or its password is the usual cause.",
  }),
  alert({
    name: "ProxmoxBackupPruneFailed",
    severity: "warning",
    when: equal(signals.pruneSuccess.expr, 0),
    for: minutes(5),
    keepFiringFor: minutes(15),
    summary: ({ label }) => `Prune job ${label.job_id} of datastore ${label.datastore} of ${label.target} failed`,
    description: () => "Old backups are kept longer than they should be, and the datastore fills up.",
  }),
  alert({
    name: "ProxmoxBackupJobOverdue",
    severity: "warning",
    threshold: { value: inSeconds(hours(2)), unit: "seconds", help: "time since the job should have been started" },
    when: (threshold) =>
      unless(
        unless(greater(signals.jobLate.expr, threshold), equal(signals.jobRunning.expr, 1)),
        equal(signals.mounted.expr, 0),
        { on: ["target", "datastore"] },
      ),
    for: minutes(15),
    keepFiringFor: minutes(15),
    summary: ({ label, duration }) =>
      `The ${label.kind} job ${label.job_id} of datastore ${label.datastore} of ${label.target} is ${duration} late`,
    description: () =>
      "The server did not start it when its schedule says. Its proxy service, which starts jobs, may hang, or the datastore is in maintenance.",
  }),
  alert({
    name: "ProxmoxBackupTasksFailed",
    severity: "warning",
    threshold: { value: 0, unit: "none", help: "failed tasks of one kind in 24 hours, jobs aside" },
    when: (threshold) => greater(signals.otherTasksFailed.expr, threshold),
    for: minutes(5),
    keepFiringFor: minutes(15),
    summary: ({ label, value }) => `${value} tasks of kind ${label.worker_type} of ${label.target} failed in 24 hours`,
    description: () =>
      "A failed backup task is a guest or host without a new backup, unless its client tried again and succeeded.",
  }),
];
