import { days, type Duration } from "../../../core/duration.ts";
import {
  and,
  divide,
  equal,
  greater,
  max,
  maxOverTime,
  min,
  multiply,
  scalarMinus,
  select,
  time,
  unless,
  type Vector,
} from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { disks, zfs } from "../metrics/nodes.ts";

const pool = ["target", "node", "pool"] as const;
const disk = ["target", "node", "disk"] as const;
const state = (states: string) => max(select(zfs.state, { state: ["=~", states] }), { by: pool });
const diskInfo = max(select(disks.info), { by: ["target", "node", "disk", "device", "model"] });
const ofDisk = (of: Vector<"target" | "node" | "disk">) => multiply(diskInfo, of, { on: disk, groupLeft: [] });
const known = max(select(disks.info), { by: disk });

/**
 * A path is no name of a disk: it may be another's tomorrow. One that shows none is taken for the one that vanished.
 */
const path = "/dev/.*";
const unnamed = max(select(disks.info, { disk: ["=~", path] }), { by: ["target", "node", "model"] });
const seen = maxOverTime(select(disks.info, { disk: ["!~", path] }).over(days(1)));
const gone = unless(max(seen, { by: ["target", "node", "disk", "model"] }), known, { on: disk });

/**
 * A pool that lost a mirror's second disk for good looks like one that never had any: what it had is remembered for a
 * week.
 */
const wasRedundant = greater(max(maxOverTime(select(zfs.redundancyFull).over(days(7))), { by: pool }), 0);
const redundancy = min(select(zfs.redundancy), { by: ["target", "node", "pool", "vdev"] });

/** Size of the pools that have been known for that long and of which no finished scrub was seen in that time. */
export const withoutScrubFor = (span: Duration) =>
  unless(
    and(max(select(zfs.size), { by: pool }), max(maxOverTime(select(zfs.size).over(days(1), span)), { by: pool })),
    max(maxOverTime(select(zfs.lastScrub).over(span)), { by: pool }),
  );

/** What can be asked of ZFS pools. */
export const zfsSignals = {
  poolDegraded: signal({
    title: "Pools that are degraded",
    help: "1 for a pool that works without one of its disks.",
    unit: "boolean",
    expr: state("DEGRADED"),
  }),
  poolFaulted: signal({
    title: "Pools that can not be used",
    help: "1 for a pool that is faulted, suspended or not there.",
    unit: "boolean",
    expr: state("FAULTED|OFFLINE|UNAVAIL|REMOVED|SUSPENDED"),
  }),
  redundancyLost: signal({
    title: "Parts of a redundant pool without redundancy",
    help: "One series for each vdev whose next disk takes the pool with it, whatever the pool calls itself.",
    unit: "none",
    expr: and(equal(redundancy, 0), wasRedundant, { on: pool }),
  }),
  deviceErrors: signal({
    title: "Errors of the pools' disks",
    help: "More than 0 for a disk that read, wrote or returned something wrong since its errors were cleared.",
    unit: "none",
    expr: max(select(zfs.deviceErrors), { by: ["target", "node", "pool", "device"] }),
  }),
  dataErrors: signal({
    title: "Pools with damaged data",
    help: "1 for a pool with files or volumes that it can not restore.",
    unit: "boolean",
    expr: max(select(zfs.dataErrors), { by: pool }),
  }),
  scrubAge: signal({
    title: "Time since the last scrub",
    help: "Proxmox VE scrubs on the second Sunday of each month.",
    unit: "seconds",
    expr: scalarMinus(time(), max(select(zfs.lastScrub), { by: pool })),
  }),
  scrubErrors: signal({
    title: "Errors that the last scrub found",
    help: "More than 0 means that a disk or its cable returned something wrong.",
    unit: "none",
    expr: max(select(zfs.scrubErrors), { by: pool }),
  }),
  poolUsed: signal({
    title: "Pools: share in use",
    help: "From nine tenths on ZFS gets slow.",
    unit: "ratio",
    expr: divide(max(select(zfs.allocated), { by: pool }), greater(max(select(zfs.size), { by: pool }), 0)),
  }),
  redundancy: signal({
    title: "Disks that each part of a redundant pool can still lose",
    help: "At 0 the next failing disk takes the pool with it; a pool that never was redundant is left out.",
    unit: "none",
    expr: and(redundancy, wasRedundant, { on: pool }),
  }),
  fragmentation: signal({
    title: "Fragmentation of the free space",
    help: "High figures make writing slow, and only space that is freed makes them lower.",
    unit: "ratio",
    expr: max(select(zfs.fragmentation), { by: pool }),
  }),
};

/** What can be asked of disks. */
export const diskSignals = {
  diskHealthy: signal({
    title: "Disks that SMART calls healthy",
    help: "0 for a disk that expects to fail.",
    unit: "boolean",
    expr: ofDisk(min(select(disks.healthy), { by: disk })),
  }),
  diskLifeLeft: signal({
    title: "Life left of solid-state disks",
    help: "By the disk's own count of what was written.",
    unit: "ratio",
    expr: ofDisk(min(select(disks.wearoutLeft), { by: disk })),
  }),
  diskInventory: signal({
    title: "Disks",
    help: "The disks of each node: serial number, path, model, kind and what uses it.",
    unit: "none",
    expr: max(select(disks.info), { by: ["target", "node", "disk", "device", "model", "type", "used"] }),
  }),
  diskVanished: signal({
    title: "Disks that vanished within a day",
    help: "One series for each serial number that its node no longer lists while it lists other disks.",
    unit: "boolean",
    expr: and(unless(gone, unnamed, { on: ["target", "node", "model"] }), known, { on: ["target", "node"] }),
  }),
};
