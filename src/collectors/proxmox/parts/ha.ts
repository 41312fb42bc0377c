import { seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import type { ProxmoxClient } from "../client.ts";
import { HA_NODE_STATES, ha } from "../metrics/cluster.ts";
import { currentShape, managerStatusShape, type CurrentRow, type ManagerStatus } from "./ha-shape.ts";

/** `/cluster/ha/status/current` and `/cluster/ha/status/manager_status`. */
export const haPart: Part<ProxmoxClient> = {
  id: "ha",
  title: "High availability: manager, local managers, services",
  every: seconds(60),
  deadline: seconds(30),
  metrics: ha,
  async collect(client, context) {
    const current = await client.askCluster("cluster/ha/status/current", currentShape, context.signal);
    const services = current.filter(isKept);
    // without one the manager goes idle and its time stands still
    if (services.length === 0) throw new NoData("the HA manager keeps no guest");
    const path = "cluster/ha/status/manager_status";
    recordManager(await client.askCluster(path, managerStatusShape, context.signal), context);
    recordServices(services, context);
    context.record(ha.armed, {}, armed(current));
  },
};

const isKept = ({ type, request_state }: CurrentRow): boolean => type === "service" && request_state !== "ignored";

function recordManager({ manager_status: manager, lrm_status }: ManagerStatus, context: CollectContext): void {
  const states = manager?.node_status ?? {};
  const lrms = lrm_status ?? {};
  context.record(ha.managerSeen, {}, manager?.timestamp);
  for (const node of [...new Set([...Object.keys(states), ...Object.keys(lrms)])].toSorted()) {
    const master = manager?.master_node;
    context.record(ha.master, { node }, master === undefined ? undefined : master === node);
    recordNodeState(node, states[node], context);
    const { state, timestamp } = lrms[node] ?? {};
    context.record(ha.lrmSeen, { node }, timestamp);
    context.record(ha.lrmActive, { node }, state === undefined ? undefined : state === "active");
  }
}

function recordNodeState(node: string, current: string | undefined, context: CollectContext): void {
  if (current === undefined) return;
  for (const state of new Set([...HA_NODE_STATES, current]))
    context.record(ha.nodeState, { node, state }, state === current);
}

function recordServices(services: readonly CurrentRow[], context: CollectContext): void {
  for (const [id, row] of new Map(services.map((service) => [guestId(service.sid), service]))) {
    if (id === undefined) continue;
    context.record(ha.serviceWanted, { id }, wanted(row.request_state));
    context.record(ha.serviceError, { id }, row.crm_state === undefined ? undefined : row.crm_state === "error");
  }
}

/** The guest of a service: `vm:100` is `qemu/100`, `ct:101` is `lxc/101`. */
function guestId(sid: string | undefined): string | undefined {
  const [, type, vmid] = /^(vm|ct):(\d+)$/.exec(sid ?? "") ?? [];
  return type === undefined ? undefined : `${type === "vm" ? "qemu" : "lxc"}/${vmid}`;
}

/** `enabled` is the old word for started. Source: pve-ha-manager, PVE::HA::Resources. */
const wanted = (state: string | undefined): boolean | undefined =>
  state === undefined ? undefined : state === "started" || state === "enabled";

/** On standby there is nothing to be fenced. */
function armed(current: readonly CurrentRow[]): boolean | undefined {
  const state = current.find(({ type }) => type === "fencing")?.["armed-state"];
  if (state === "armed") return true;
  return state === "disarming" || state === "disarmed" ? false : undefined;
}
