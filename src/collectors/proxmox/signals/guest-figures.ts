import { minutes } from "../../../core/duration.ts";
import type { Metric } from "../../../core/metric.ts";
import { divide, greater, max, rate, select, sum } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { resources, snapshots } from "../metrics/resources.ts";
import { namedGuest, placedGuest } from "./by-name.ts";
import { guestSignals } from "./guests.ts";
import { haSignals } from "./ha.ts";

const guest = ["=~", "(qemu|lxc)/.*"] as const;
const by = ["target", "id"] as const;
const figure = (metric: Metric<"gauge", "id">) => max(select(metric, { id: guest }), { by });
const share = (used: Metric<"gauge", "id">, of: Metric<"gauge", "id">) =>
  namedGuest(divide(figure(used), greater(figure(of), 0)));
const perSecond = (metric: Metric<"counter", "id">) =>
  namedGuest(max(rate(select(metric, { id: guest }).over(minutes(5))), { by }));

/** What each guest uses and does, with its name. */
export const guestFigures = {
  guestRunning: signal({
    title: "Running",
    help: "0 while the guest is stopped; absent while its node says nothing.",
    unit: "boolean",
    expr: namedGuest(guestSignals.guestUp.expr),
  }),
  guestPlace: signal({
    title: "Guests and their nodes",
    help: "Where each guest is; one that migrates is there twice for a moment.",
    unit: "none",
    expr: max(select(resources.guestInfo, { template: ["!=", "1"] }), {
      by: ["target", "name", "id", "node", "type", "tags"],
    }),
  }),
  guestsOnNode: signal({
    title: "Guests that run, by node",
    help: "A sudden fall on one node and rise on others is a migration, or a node that was lost.",
    unit: "none",
    expr: sum(placedGuest(guestSignals.guestUp.expr), { by: ["target", "node"] }),
  }),
  guestUptime: signal({
    title: "Time since the start",
    help: "Falls to 0 at each restart.",
    unit: "seconds",
    expr: namedGuest(figure(resources.uptime)),
  }),
  guestCpu: signal({
    title: "CPU",
    help: "In use, of all CPUs of the guest; near 1 for long it wants more of them.",
    unit: "ratio",
    expr: namedGuest(figure(resources.cpuUsage)),
  }),
  guestMemory: signal({
    title: "Memory",
    help: "In use, of what the guest was promised; a container's cache counts, so that near 1 is not bad there.",
    unit: "ratio",
    expr: share(resources.memoryUsage, resources.memorySize),
  }),
  guestMemoryHost: signal({
    title: "Memory of the node that the guest takes",
    help: "More than its own memory is QEMU's overhead, less is what it has not touched yet.",
    unit: "bytes",
    expr: namedGuest(figure(resources.guestMemoryHost)),
  }),
  guestDisk: signal({
    title: "Root file system in use",
    help: "Of containers alone; a full one stops what runs in it.",
    unit: "ratio",
    expr: share(resources.diskUsage, resources.diskSize),
  }),
  guestReceived: signal({
    title: "Received per second",
    help: "Bytes over the guest's network interfaces.",
    unit: "bytes",
    expr: perSecond(resources.received),
  }),
  guestSent: signal({
    title: "Sent per second",
    help: "Bytes over the guest's network interfaces.",
    unit: "bytes",
    expr: perSecond(resources.transmitted),
  }),
  guestRead: signal({
    title: "Read per second",
    help: "Bytes from the guest's disks.",
    unit: "bytes",
    expr: perSecond(resources.read),
  }),
  guestWritten: signal({
    title: "Written per second",
    help: "Bytes to the guest's disks.",
    unit: "bytes",
    expr: perSecond(resources.written),
  }),
  guestRestarts: signal({
    title: "Restarts in an hour",
    help: "How often the time since the start fell; three or more look like a crash at each start.",
    unit: "none",
    expr: namedGuest(guestSignals.restarts.expr),
  }),
  guestLocked: signal({
    title: "Locked",
    help: "1 while a backup, migration or snapshot is under way or was broken off; for hours it is worth a look.",
    unit: "boolean",
    expr: namedGuest(guestSignals.lockedForWork.expr),
  }),
  guestHalted: signal({
    title: "Halted by an error",
    help: "1 for a virtual machine that QEMU stopped, whatever Proxmox VE calls it.",
    unit: "boolean",
    expr: namedGuest(guestSignals.guestFaulted.expr),
  }),
  guestGivenUp: signal({
    title: "Given up by high availability",
    help: "1 for a guest that the HA manager touches no more until somebody resets it.",
    unit: "boolean",
    expr: namedGuest(haSignals.serviceError.expr),
  }),
  guestSnapshots: signal({
    title: "Snapshots",
    help: "How many the guest has; each grows with what is changed after it.",
    unit: "none",
    expr: namedGuest(max(select(snapshots.count), { by })),
  }),
};
