import { days, inSeconds } from "../../../core/duration.ts";
import { and, greater, less, max, multiply, or, select, sum, unless } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { groups } from "../metrics.ts";
import { ageOf } from "./shares-and-ages.ts";

/** What can be asked of the backups. */
export const backupSignals = {
  backupAge: signal({
    title: "Age of a group's newest backup",
    help: "Since it was begun, whether it can be restored or not.",
    unit: "seconds",
    expr: ageOf(select(groups.lastBackup)),
  }),
  goodBackupAge: signal({
    title: "Age of a group's last good backup",
    help: "Since the newest one was begun that did not fail its verification.",
    unit: "seconds",
    // the snapshots of a new backup are read a little later, and it is good until they say otherwise
    expr: ageOf(or(select(groups.lastGood), select(groups.lastBackup))),
  }),
  patience: signal({
    title: "Patience with a group",
    help: "One and a half times the usual time between two of its backups.",
    unit: "seconds",
    expr: multiply(select(groups.usualInterval), 1.5),
  }),
  snapshots: signal({
    title: "Snapshots of each datastore",
    help: "Growth without end means that nothing is pruned.",
    unit: "none",
    expr: sum(select(groups.snapshots), { by: ["target", "datastore"] }),
  }),
  groupSnapshots: signal({
    title: "Snapshots",
    help: "How many each backup group has.",
    unit: "none",
    expr: select(groups.groupSnapshots),
  }),
  backupSize: signal({
    title: "Size of the newest",
    help: "Before deduplication; a sudden fall means that something is left out.",
    unit: "bytes",
    expr: select(groups.lastSize),
  }),
  groupNames: signal({
    title: "Groups with owner and note",
    help: "The note of the newest backup is the guest's name unless the backup job says otherwise.",
    unit: "none",
    expr: max(select(groups.info), {
      by: ["target", "datastore", "namespace", "backup_type", "backup_id", "owner", "comment"],
    }),
  }),
  failedSnapshots: signal({
    title: "Snapshots that failed their verification",
    help: "They can not be restored in full.",
    unit: "none",
    expr: sum(select(groups.failed), { by: ["target", "datastore"] }),
  }),
  unverifiedFor: signal({
    title: "Age of the oldest unverified backup",
    help: "Damage in it would not be known.",
    unit: "seconds",
    expr: ageOf(select(groups.oldestUnverified)),
  }),
};

/** A group without a backup for so long is given up: somebody removed its guest or its job. */
export const IDLE_SECONDS = inSeconds(days(30));

/** How old a group's last good backup may be unless somebody says otherwise. */
export const BACKUP_TOO_OLD_SECONDS = inSeconds(days(2));

/**
 * Age of the last good backup of the groups in use for which it is more than so many seconds, and than their patience.
 */
export const backupOlderThan = (seconds: number) => {
  const { goodBackupAge, patience, backupAge } = backupSignals;
  return and(
    unless(greater(goodBackupAge.expr, seconds), less(goodBackupAge.expr, patience.expr)),
    less(backupAge.expr, IDLE_SECONDS),
  );
};
