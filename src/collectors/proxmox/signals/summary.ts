import { countWhere, equal, max, min, or } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { backupSignals } from "./backups.ts";
import { placedGuest } from "./by-name.ts";
import { clusterSignals, nodeOffline } from "./cluster.ts";
import { zfsSignals } from "./disks.ts";
import { guestSignals } from "./guests.ts";
import { storageSignals } from "./storage.ts";

const { poolFaulted, poolDegraded, dataErrors } = zfsSignals;
const poolInTrouble = or(or(equal(poolFaulted.expr, 1), equal(poolDegraded.expr, 1)), equal(dataErrors.expr, 1));

/** One number each over all clusters: whether they are well. */
export const summarySignals = {
  quorumEverywhere: signal({
    title: "Quorum",
    help: "0 while any cluster has none: then nothing in it can be started, moved or backed up.",
    unit: "boolean",
    expr: min(clusterSignals.quorate.expr),
  }),
  nodesOffline: signal({
    title: "Nodes offline",
    help: "More than 0 means that guests are down, or run elsewhere; a node in maintenance does not count.",
    unit: "none",
    expr: countWhere(clusterSignals.nodeUp.expr, () => nodeOffline),
  }),
  guestsDown: signal({
    title: "Guests down",
    help: "Those that shall run and do not; any is worth a look.",
    unit: "none",
    expr: countWhere(placedGuest(guestSignals.guestUp.expr), () => guestSignals.guestDown.expr),
  }),
  fullestGuestStorage: signal({
    title: "Fullest storage of guests",
    help: "When it is full, guests that write to it are halted.",
    unit: "ratio",
    expr: max(storageSignals.guestStorageUsed.expr),
  }),
  poolsInTrouble: signal({
    title: "ZFS pools in trouble",
    help: "Those that are degraded, can not be used or have lost data.",
    unit: "none",
    expr: countWhere(poolFaulted.expr, () => poolInTrouble),
  }),
  backupsFailed: signal({
    title: "Backups that failed",
    help: "Guests whose newest backup task failed; older backups are still there.",
    unit: "none",
    expr: countWhere(backupSignals.backupSucceeded.expr, (of) => equal(of, 0)),
  }),
};
