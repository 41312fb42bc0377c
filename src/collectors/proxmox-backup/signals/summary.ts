import { countWhere, equal, greater, max, or } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { BACKUP_TOO_OLD_SECONDS, backupOlderThan, backupSignals as backups } from "./backups.ts";
import { datastoreSignals as datastores, datastoreUnusable } from "./datastores.ts";
import { jobSignals as jobs } from "./jobs.ts";
import { serverSignals } from "./server.ts";

const failedJobs = or(
  or(equal(jobs.gcSuccess.expr, 0), equal(jobs.verifySuccess.expr, 0)),
  or(equal(jobs.syncSuccess.expr, 0), equal(jobs.pruneSuccess.expr, 0)),
);

/** One number each over all servers: whether they are well. */
export const summarySignals = {
  serversDown: signal({
    title: "Servers down",
    help: "While one is down, backups to it and restores from it fail.",
    unit: "none",
    expr: countWhere(serverSignals.up.expr, (of) => equal(of, 0)),
  }),
  datastoresUnusable: signal({
    title: "Datastores lost",
    help: "Those that the server can not open; removable ones that are not mounted do not count.",
    unit: "none",
    expr: countWhere(datastores.usable.expr, () => datastoreUnusable),
  }),
  fullestDatastore: signal({
    title: "Fullest datastore",
    help: "Backups fail when it is full, and garbage collection needs some room itself.",
    unit: "ratio",
    expr: max(datastores.datastoreUsed.expr),
  }),
  groupsTooOld: signal({
    title: "Backups too old",
    help: "Groups in use without a good backup for two days, or for longer than is usual for them.",
    unit: "none",
    expr: countWhere(backups.goodBackupAge.expr, () => backupOlderThan(BACKUP_TOO_OLD_SECONDS)),
  }),
  datastoresDamaged: signal({
    title: "Datastores with damage",
    help: "Those with backups that failed their verification and can not be restored in full.",
    unit: "none",
    expr: countWhere(backups.failedSnapshots.expr, (of) => greater(of, 0)),
  }),
  jobsFailed: signal({
    title: "Jobs that failed",
    help: "Jobs of all kinds whose last finished run failed.",
    unit: "none",
    expr: countWhere(jobs.jobSuccess.expr, () => failedJobs),
  }),
};
