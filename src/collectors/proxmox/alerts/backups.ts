import { alert } from "../../../core/alert.ts";
import { days, hours, minutes } from "../../../core/duration.ts";
import { atLeast, equal } from "../../../core/promql.ts";
import { backupOverdueBy, backupSignals as signals, OVERDUE_INTERVALS } from "../signals/backups.ts";

/** Conditions of backups. They do not name the guest's node, so that they stay the same when it migrates. */
export const backupAlerts = [
  alert({
    name: "ProxmoxGuestNotCovered",
    severity: "warning",
    when: equal(signals.covered.expr, 0),
    for: hours(6),
    summary: ({ label }) => `No backup job covers guest ${label.name} (${label.id}) of ${label.target}`,
    description: () =>
      "Only enabled jobs count. Proxmox VE's own list of guests without backup counts disabled ones as well.",
  }),
  alert({
    name: "ProxmoxGuestBackupOverdue",
    severity: "warning",
    when: backupOverdueBy,
    threshold: {
      value: OVERDUE_INTERVALS,
      unit: "none",
      help: "age of the newest good backup, in intervals of the guest's job",
    },
    for: hours(1),
    summary: ({ label, duration }) =>
      `The newest good backup of guest ${label.name} (${label.id}) of ${label.target} is ${duration} old`,
    description: ({ threshold }) =>
      `That is more than ${threshold} times the interval of its job: a run was missed or failed, or its backup was removed or found damaged.`,
  }),
  alert({
    name: "ProxmoxGuestNeverBackedUp",
    severity: "warning",
    when: signals.neverBackedUp.expr,
    for: hours(1),
    summary: ({ label }) => `Guest ${label.name} (${label.id}) of ${label.target} has no backup`,
    description: () => "A job has covered it for longer than its interval, and no storage holds a backup of it.",
  }),
  alert({
    name: "ProxmoxGuestBackupFailed",
    severity: "warning",
    when: equal(signals.backupSucceeded.expr, 0),
    for: minutes(0),
    summary: ({ label }) => `The newest backup of guest ${label.name} (${label.id}) of ${label.target} failed`,
    description: () => "Older backups of the guest are still there. The alert ends with the next backup that succeeds.",
  }),
  alert({
    name: "ProxmoxVzdumpTaskFailed",
    severity: "warning",
    when: signals.backupTaskFailed.expr,
    for: minutes(5),
    summary: ({ label }) => `The newest backup task on node ${label.node} of ${label.target} failed`,
    description: () =>
      "It failed as a whole, before or beside its guests: the storage is missing, a lock could not be had, or a hook failed. Which guests it left out is in its log.",
  }),
  alert({
    name: "ProxmoxGuestBackupDamaged",
    severity: "warning",
    when: equal(signals.backupVerified.expr, 0),
    for: minutes(0),
    summary: ({ label }) => `A backup of guest ${label.name} (${label.id}) of ${label.target} is damaged`,
    description: () =>
      "The Proxmox Backup Server found chunks of the newest verified backup missing or changed. It can not be restored as a whole, and other backups share chunks with it.",
  }),
  alert({
    name: "ProxmoxOrphanedBackups",
    severity: "info",
    when: (least) => atLeast(signals.orphaned.expr, least),
    threshold: { value: 1, unit: "none", help: "backups of guests that are no more, on one storage" },
    for: days(1),
    summary: ({ label, value }) =>
      `Storage ${label.storage} of ${label.target} holds ${value} backups of deleted guests`,
    description: () => "No job prunes them, so they take space for ever.",
  }),
  alert({
    name: "ProxmoxVzdumpJobDisabled",
    severity: "info",
    when: equal(signals.jobEnabled.expr, 0),
    for: days(1),
    summary: ({ label }) => `Backup job ${label.job_id} of ${label.target} is disabled`,
    description: () => "It has not run since. Guests that no other job covers have an alert of their own.",
  }),
];
