import { alert } from "../../../core/alert.ts";
import { days, hours, inSeconds, minutes } from "../../../core/duration.ts";
import { count, greater, less, unless } from "../../../core/promql.ts";
import { BACKUP_TOO_OLD_SECONDS, backupOlderThan, IDLE_SECONDS } from "../signals/backups.ts";
import { proxmoxBackupSignals as signals } from "../signals.ts";

/** What the backups themselves tell. */
export const alertsOfBackups = [
  alert({
    name: "ProxmoxBackupTooOld",
    severity: "warning",
    threshold: { value: BACKUP_TOO_OLD_SECONDS, unit: "seconds", help: "age of a group's last good backup" },
    when: backupOlderThan,
    for: minutes(30),
    keepFiringFor: minutes(30),
    summary: ({ label, duration }) =>
      `The last good backup of ${label.backup_type}/${label.backup_id} in datastore ${label.datastore} of ${label.target} is ${duration} old`,
    description: () =>
      "No backup since then can be restored, or none was made. A group that is backed up less often is given one and a half times its usual interval.",
  }),
  alert({
    name: "ProxmoxBackupGroupsIdle",
    severity: "info",
    threshold: { value: IDLE_SECONDS, unit: "seconds", help: "age of a group's newest backup" },
    when: (threshold) =>
      count(unless(greater(signals.backupAge.expr, threshold), less(signals.backupAge.expr, signals.patience.expr)), {
        by: ["target", "datastore"],
      }),
    for: hours(1),
    keepFiringFor: hours(1),
    summary: ({ label, value }) =>
      `${value} backup groups in datastore ${label.datastore} of ${label.target} get no backups any more`,
    description: () =>
      "Their guests were removed, or nobody backs them up. Pruning keeps their last backups for ever, so they take room until somebody decides.",
  }),
  alert({
    name: "ProxmoxBackupVerificationFailed",
    severity: "warning",
    when: greater(signals.failedSnapshots.expr, 0),
    for: minutes(5),
    keepFiringFor: hours(1),
    summary: ({ label, value }) =>
      `${value} backups in datastore ${label.datastore} of ${label.target} failed their verification`,
    description: () =>
      "They can not be restored in full. The next backup of the same guest writes damaged chunks anew, if their data is still the same.",
  }),
  alert({
    name: "ProxmoxBackupNotVerified",
    severity: "info",
    threshold: { value: inSeconds(days(14)), unit: "seconds", help: "age of a backup that was never verified" },
    when: (threshold) => count(greater(signals.unverifiedFor.expr, threshold), { by: ["target", "datastore"] }),
    for: hours(1),
    keepFiringFor: hours(1),
    summary: ({ label, value }) =>
      `${value} backup groups in datastore ${label.datastore} of ${label.target} have old backups that were never verified`,
    description: () => "Damage in them would show only when they are needed. A verify job finds it early.",
  }),
  alert({
    name: "ProxmoxBackupChunksDamaged",
    severity: "warning",
    when: greater(signals.damagedChunks.expr, 0),
    for: minutes(5),
    keepFiringFor: minutes(30),
    summary: ({ label, value }) => `${value} chunks of datastore ${label.datastore} of ${label.target} are damaged`,
    description: () =>
      "Backups that need them can not be restored in full. A failing disk, memory or file system is the usual cause.",
  }),
];
