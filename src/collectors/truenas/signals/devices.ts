import {
  maxOverTime,
  equal,
  greater,
  less,
  max,
  min,
  and,
  increase,
  or,
  select,
  sum,
  unless,
} from "../../../core/promql.ts";
import { days, hours } from "../../../core/duration.ts";
import { signal } from "../../../core/signal.ts";
import { pools } from "../metrics/pools.ts";

const pool = ["target", "pool"] as const;
const vdev = ["target", "pool", "class", "vdev"] as const;
const device = ["target", "pool", "class", "vdev", "disk", "guid"] as const;

/**
 * A pool that lost a mirror's second disk for good looks like one that never had any: what it had is remembered for a
 * week.
 */
const wasRedundant = greater(max(maxOverTime(select(pools.vdevRedundancyFull).over(days(7))), { by: pool }), 0);
const redundancy = min(select(pools.vdevRedundancy), { by: vdev });
const redundancyFull = max(select(pools.vdevRedundancyFull), { by: vdev });
const ofData = max(select(pools.info, { role: "data" }), { by: pool });
const byStatus = ["target", "pool", "status"] as const;
/** States in which a pool lacks a disk at least. */
const LACKING = ["=~", "DEGRADED|FAULTED|REMOVED|SUSPENDED|UNAVAIL"] as const;
/** What ZFS says of a pool that has errors, or damaged data. */
const DAMAGED = [
  "=~",
  "BAD_.*|CORRUPT_.*|FAILING_DEV|FAULTED_DEV_.*|IO_FAILURE_.*|MISSING_DEV_.*|UNSUP_FEAT_WRITE",
] as const;
/**
 * The server's word alone is not enough: up to 25.10 a pool that resilvers is healthy, and newer code calls every pool
 * healthy that is ONLINE, such as one with damaged files. Sources: `healthy` of github.com/truenas/py-libzfs, and
 * `zpool/query_impl.py` of github.com/truenas/middleware.
 */
const unhealthy = or(
  or(
    max(select(pools.info, { status: LACKING }), { by: byStatus }),
    max(select(pools.info, { status_code: DAMAGED }), { by: byStatus }),
  ),
  and(max(select(pools.info), { by: byStatus }), equal(min(select(pools.healthy), { by: pool }), 0), { on: pool }),
);
/** The greater of what two Watchkeepers saw, and then the sum of reading, writing and checksums. */
const rising = max(increase(select(pools.deviceErrors).over(hours(6))), { by: [...device, "kind"] });

/** What can be asked of a pool's state, its vdevs and their disks. */
export const deviceSignals = {
  suspended: signal({
    title: "Pools that are suspended",
    help: "1 for a pool that stopped all work because its disks failed.",
    unit: "boolean",
    expr: max(select(pools.suspended), { by: pool }),
  }),
  imported: signal({
    title: "Pools that are there",
    help: "0 for a pool that the server knows of and could not import.",
    unit: "boolean",
    expr: min(select(pools.imported), { by: pool }),
  }),
  unhealthy: signal({
    title: "Pools that are not healthy",
    help: "One series for each, with the state that ZFS gives it: those that the server calls not healthy, that lack a disk, or that have errors or damaged data.",
    unit: "boolean",
    expr: unhealthy,
  }),
  redundancy: signal({
    title: "Disks that may fail",
    help: "How many more disks may fail in the worst place before the pool's data is lost.",
    unit: "none",
    expr: min(select(pools.redundancy), { by: pool }),
  }),
  vdevs: signal({
    title: "Vdevs and their states",
    help: "What each pool is built of, and what ZFS says of each part.",
    unit: "none",
    expr: max(select(pools.vdev), { by: [...vdev, "type", "status"] }),
  }),
  devices: signal({
    title: "Disks of the pools and their states",
    help: "What ZFS says of each; one that is gone may have no name left.",
    unit: "none",
    expr: max(select(pools.device), { by: [...device, "status"] }),
  }),
  redundancyLost: signal({
    title: "Parts of a redundant pool without redundancy",
    help: "One series for each vdev whose next disk takes the pool with it, whatever the pool calls itself.",
    unit: "none",
    expr: and(equal(redundancy, 0), wasRedundant, { on: pool }),
  }),
  vdevDegraded: signal({
    title: "Vdevs with less redundancy than they were built with",
    help: "How many more of their disks may fail; those without any are told of apart.",
    unit: "none",
    expr: greater(less(redundancy, redundancyFull), 0),
  }),
  withoutRedundancy: signal({
    title: "Data pools that are built without redundancy",
    help: "One series for each pool that the failure of one disk destroys, and which had no redundancy for a week.",
    unit: "none",
    expr: and(unless(equal(min(select(pools.redundancy), { by: pool }), 0), wasRedundant), ofData),
  }),
  deviceErrors: signal({
    title: "New errors of the pools' disks",
    help: "How many errors of reading, writing and checksums came within six hours.",
    unit: "none",
    expr: sum(rising, { by: device }),
  }),
  deviceOnline: signal({
    title: "Disks of the pools that are in use",
    help: "0 for a disk that its pool misses or does without.",
    unit: "boolean",
    expr: min(select(pools.deviceOnline), { by: device }),
  }),
  slowIos: signal({
    title: "Requests that took a disk longer than 30 s",
    help: "Within an hour; more than a few means that the disk is about to fail.",
    unit: "none",
    expr: max(increase(select(pools.slowIos).over(hours(1))), { by: device }),
  }),
  sparesInUse: signal({
    title: "Hot spares in use",
    help: "Each stands in for a disk that has to be replaced.",
    unit: "none",
    expr: max(select(pools.sparesInUse), { by: pool }),
  }),
  resilvering: signal({
    title: "Pools that resilver",
    help: "1 while a disk is being filled with what it should hold.",
    unit: "boolean",
    expr: max(select(pools.resilvering), { by: pool }),
  }),
};
