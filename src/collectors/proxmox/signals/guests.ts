import { hours } from "../../../core/duration.ts";
import {
  and,
  equal,
  labelReplace,
  max,
  min,
  or,
  resets,
  scalarMinus,
  select,
  time,
  unless,
} from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { status } from "../metrics/cluster.ts";
import { guestConfig, guests, resources, snapshots } from "../metrics/resources.ts";
import { namedGuest, placedGuest } from "./by-name.ts";
import { haSignals } from "./ha.ts";

const guest = ["=~", "(qemu|lxc)/.*"] as const;
const by = ["target", "id"] as const;
const wanted = haSignals.serviceWanted.expr;
const startedAtBoot = max(select(guestConfig.onboot), { by });
const guestUp = max(select(status.up, { id: guest }), { by });
const shallRun = or(unless(equal(startedAtBoot, 1), equal(wanted, 0)), equal(wanted, 1));
const locked = max(select(resources.lockState), { by });
const faulted = max(select(guests.faulted), { by });
const lockedForWork = max(select(resources.lockState, { state: ["!=", "suspended"] }), { by });

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
    expr: guestUp,
  }),
  guestDown: signal({
    title: "Guests that shall run and do not",
    help: "One series for each, unless work has it locked or its node is in maintenance; any is worth a look.",
    unit: "boolean",
    expr: unless(
      placedGuest(unless(and(equal(guestUp, 0), shallRun), equal(locked, 1))),
      equal(haSignals.nodeInMaintenance.expr, 1),
      { on: ["target", "node"] },
    ),
  }),
  guestFaulted: signal({
    title: "Virtual machines that QEMU stopped",
    help: "1 after an error of the storage, of QEMU or of the guest's kernel.",
    unit: "boolean",
    expr: faulted,
  }),
  lockedForWork: signal({
    title: "Guests that are locked and not suspended",
    help: "A suspended guest keeps its lock until it is resumed.",
    unit: "boolean",
    expr: lockedForWork,
  }),
  guestsHalted: signal({
    title: "Virtual machines that are halted by an error",
    help: "One series for each that QEMU stopped; Proxmox VE calls it running all the same.",
    unit: "boolean",
    expr: placedGuest(equal(faulted, 1)),
  }),
  guestsLocked: signal({
    title: "Guests that are locked",
    help: "One series for each; a backup, migration or snapshot is under way, or was broken off when it lasts for hours.",
    unit: "boolean",
    expr: placedGuest(equal(lockedForWork, 1)),
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
