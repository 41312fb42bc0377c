import type { Metric } from "../../../core/metric.ts";
import type { CollectContext } from "../../../core/pack.ts";
import { HA_NODE_STATES, HA_SERVICE_STATES, status } from "../metrics/cluster.ts";
import { LOCKS, guests, resources } from "../metrics/resources.ts";
import type { LastKnown } from "../last-known.ts";
import type { Resource } from "../schema.ts";
import { isGuest, onePerId } from "./placement.ts";

/** States in which QEMU stopped a virtual machine by itself. Source: QEMU's QMP reference, RunState. */
const FAULTS: ReadonlySet<string> = new Set(["io-error", "internal-error", "guest-panicked"]);

/** Records every node, guest and storage of `/cluster/resources` once. */
export function recordResources(rows: readonly Resource[], context: CollectContext, memory: LastKnown): void {
  for (const { row, count } of onePerId(rows)) {
    recordNumbers(row, context);
    if (row.type === "node") recordStates(resources.haState, row.id, row.hastate, HA_NODE_STATES, context);
    if (isGuest(row)) recordGuest(row, count, context, memory);
    if (row.type === "storage") recordStorage(row, context);
  }
}

function recordNumbers(row: Resource, context: CollectContext): void {
  const { id } = row;
  const values = [
    [resources.diskSize, row.maxdisk],
    [resources.diskUsage, usedDisk(row)],
    [resources.memorySize, row.maxmem],
    [resources.memoryUsage, row.mem],
    [resources.cpuUsage, row.cpu],
    [resources.cpuLimit, row.maxcpu],
    [resources.uptime, row.uptime],
    [resources.storageShared, row.shared],
    [resources.transmitted, row.netout],
    [resources.received, row.netin],
    [resources.written, row.diskwrite],
    [resources.read, row.diskread],
    [resources.transmittedGauge, row.netout],
    [resources.receivedGauge, row.netin],
    [resources.writtenGauge, row.diskwrite],
    [resources.readGauge, row.diskread],
    [resources.guestMemoryHost, row.memhost],
  ] as const;
  for (const [metric, value] of values) context.record(metric, { id }, value);
}

/**
 * Proxmox VE says 0 for guests whose file systems it does not see: virtual machines, and containers that are stopped.
 */
const usedDisk = (row: Resource): number | undefined => (isGuest(row) && row.disk === 0 ? undefined : row.disk);

function recordGuest(row: Resource, count: number, context: CollectContext, memory: LastKnown): void {
  const { id, node = "", type, tags = "" } = row;
  if (isKnown(row)) context.record(status.up, { id }, row.status === "running");
  // the statistics hold QEMU's own word for the state of a virtual machine
  if (isKnown(row) && type === "qemu") context.record(guests.faulted, { id }, FAULTS.has(row.status ?? ""));
  recordStates(resources.haState, id, row.hastate, HA_SERVICE_STATES, context);
  recordStates(resources.lockState, id, row.lock, LOCKS, context);
  const name = memory.recall(id, "name", row.name);
  const template = memory.recall(id, "template", row.template === undefined ? undefined : String(Number(row.template)));
  context.record(resources.guestInfo, { id, node, name, type, template, tags }, 1);
  context.record(resources.guestPlacements, { id }, count);
}

function recordStorage(row: Resource, context: CollectContext): void {
  const { id, node = "", storage = "", plugintype = "" } = row;
  if (isKnown(row)) context.record(status.up, { id }, row.status === "available");
  // Proxmox VE prints them in another order at each call
  const content = (row.content ?? "").split(",").toSorted().join(",");
  context.record(resources.storageInfo, { id, node, storage, plugintype, content }, 1);
}

const isKnown = ({ status: text }: Resource): boolean => text !== undefined && text !== "unknown";

/** Which of the states it is in; one that Proxmox VE has learnt since is a series of its own. */
function recordStates(
  metric: Metric<"gauge", "id" | "state">,
  id: string,
  current: string | undefined,
  states: readonly string[],
  context: CollectContext,
): void {
  if (current === undefined || current === "") return;
  for (const state of new Set([...states, current])) context.record(metric, { id, state }, state === current);
}
