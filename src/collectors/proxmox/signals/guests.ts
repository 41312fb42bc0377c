import { hours } from "../../../core/duration.ts";
import { equal, labelReplace, max, min, or, resets, scalarMinus, select, time, unless } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { status } from "../metrics/cluster.ts";
import { guestConfig, guests, resources, snapshots } from "../metrics/resources.ts";
import { namedGuest, placedGuest } from "./by-name.ts";
import { haSignals } from "./ha.ts";

const guest = ["=~", "(qemu|lxc)/.*"] as const;
const by = ["target", "id"] as const;
const wanted = haSignals.serviceWanted.expr;
const startedAtBoot = max(select(guestConfig.onboot), { by });

/** Joined for each resource alone: `pve_guest_info` and three figures of a guest would be many to many. */
const stalledFor = (resource: string) =>
  labelReplace(placedGuest(max(select(guests.pressure, { resource, kind: "full" }), { by })), {
    from: "id",
    pattern: ".*",
    to: "resource",
    replacement: resource,
  });

/** What can be asked of the guests. */
export const guestSignals = {
  guestUp: signal({
    title: "Guests that run",
    help: "0 for a guest that is stopped; absent for one of which nothing is known.",
    unit: "boolean",
    expr: max(select(status.up, { id: guest }), { by }),
  }),
  guestShallRun: signal({
    title: "Guests that shall run",
    help: "Those that start with their node, unless the HA manager shall keep them stopped, and those that it shall keep running.",
    unit: "boolean",
    expr: or(unless(equal(startedAtBoot, 1), equal(wanted, 0)), equal(wanted, 1)),
  }),
  guestFaulted: signal({
    title: "Virtual machines that QEMU stopped",
    help: "1 after an error of the storage, of QEMU or of the guest's kernel.",
    unit: "boolean",
    expr: max(select(guests.faulted), { by }),
  }),
  locked: signal({
    title: "Guests whose configuration is locked",
    help: "1 while a backup, migration, snapshot or the like is under way, or was broken off.",
    unit: "boolean",
    expr: max(select(resources.lockState), { by }),
  }),
  lockedForWork: signal({
    title: "Guests that are locked and not suspended",
    help: "A suspended guest keeps its lock until it is resumed.",
    unit: "boolean",
    expr: max(select(resources.lockState, { state: ["!=", "suspended"] }), { by }),
  }),
  restarts: signal({
    title: "Restarts in an hour",
    help: "How often the time since a guest's start fell.",
    unit: "none",
    expr: max(resets(select(resources.uptime, { id: guest }).over(hours(1))), { by }),
  }),
  stalled: signal({
    title: "Time in which all tasks of a guest wait",
    help: "By what they wait for: CPU, disks or memory; Proxmox VE 9 and newer.",
    unit: "ratio",
    expr: or(or(stalledFor("cpu"), stalledFor("io")), stalledFor("memory")),
  }),
  snapshotAge: signal({
    title: "Age of the oldest snapshot",
    help: "A snapshot grows with what is changed after it, and slows some storages down.",
    unit: "seconds",
    expr: namedGuest(scalarMinus(time(), min(select(snapshots.oldest), { by }))),
  }),
};
