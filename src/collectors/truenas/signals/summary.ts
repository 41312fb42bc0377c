import { countWhere, equal, greater, max, min, or, select } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { pools } from "../metrics/pools.ts";
import { deviceSignals } from "./devices.ts";
import { spaceSignals } from "./space.ts";
import { systemSignals } from "./system.ts";
import { taskSignals } from "./tasks.ts";

const { imported, suspended, unhealthy, redundancyLost, deviceOnline, deviceErrors } = deviceSignals;
const allPools = max(select(pools.info), { by: ["target", "pool", "status"] });
const allVdevs = min(select(pools.vdevRedundancy), { by: ["target", "pool", "class", "vdev"] });

/** One number each over all servers: whether they are well. */
export const summarySignals = {
  serversDown: signal({
    title: "Servers down",
    help: "While one is down, everything that uses its shares and volumes hangs.",
    unit: "none",
    expr: countWhere(systemSignals.up.expr, (up) => equal(up, 0)),
  }),
  poolsUnusable: signal({
    title: "Pools that are gone",
    help: "Those that are suspended or could not be imported: everything on them hangs or is missing.",
    unit: "none",
    expr: countWhere(imported.expr, (of) => or(equal(suspended.expr, 1), equal(of, 0))),
  }),
  vdevsAtRisk: signal({
    title: "Vdevs without redundancy",
    help: "Parts of redundant pools whose next failing disk takes all data of the pool with it.",
    unit: "none",
    expr: countWhere(allVdevs, () => redundancyLost.expr),
  }),
  poolsUnhealthy: signal({
    title: "Pools not healthy",
    help: "Those that lack a disk, or have errors or damaged data.",
    unit: "none",
    expr: countWhere(allPools, () => unhealthy.expr),
    // its alert's condition is made of several, which the engine takes apart and does not know again
    levels: [
      { from: null, severity: "ok" },
      { from: 1, severity: "warning" },
    ],
  }),
  fullestPool: signal({
    title: "Fullest pool",
    help: "From nine tenths on ZFS gets slow, and when nothing is left all writing fails.",
    unit: "ratio",
    expr: max(spaceSignals.poolUsed.expr),
  }),
  tasksFailed: signal({
    title: "Tasks that failed",
    help: "Snapshot, replication and copying tasks whose last finished run failed.",
    unit: "none",
    expr: countWhere(taskSignals.taskSuccess.expr, (success) => equal(success, 0)),
  }),
  devicesMissing: signal({
    title: "Disks not in use",
    help: "Disks that their pool misses or does without.",
    unit: "none",
    expr: countWhere(deviceOnline.expr, (online) => equal(online, 0)),
  }),
  devicesWithErrors: signal({
    title: "Disks with new errors",
    help: "Disks of pools that failed to read or write, or returned something wrong, within six hours.",
    unit: "none",
    expr: countWhere(deviceErrors.expr, (errors) => greater(errors, 0)),
  }),
};
