import type { Exchange } from "../exchange.ts";
import type { ProxmoxState, PveGuest, PveNode, PveStorage, StorageOnNode, WireRow } from "../model.ts";
import { commas, hasStatistics, withOdd } from "../rows.ts";
import type { Route } from "./route.ts";

const TYPES: Readonly<Record<string, (exchange: Exchange) => WireRow[]>> = {
  pool: pools,
  vm: guests,
  node: nodes,
  storage: storages,
  sdn: networks,
  network: networks,
};

/** /cluster/resources: from memory, and of each kind only the rows that the token may see. */
export const RESOURCE_ROUTES: readonly Route[] = [
  {
    path: "/cluster/resources",
    query: ["type"],
    oneOf: { type: ["vm", "storage", "node", "sdn", "network"] },
    handle: resources,
  },
];

function resources(exchange: Exchange): WireRow[] {
  const type = exchange.query.get("type");
  if (type !== null) return TYPES[type]?.(exchange) ?? [];
  return [pools, guests, nodes, storages, networks].flatMap((rows) => rows(exchange));
}

/** The row of a node. What it does not know is absent: of a dead node, of a silent one, or without Sys.Audit. */
export function nodeRow(exchange: Exchange, node: PveNode): WireRow {
  const { cluster, state } = exchange;
  const known = hasStatistics(cluster, node);
  const audit = exchange.may(`/nodes/${node.name}`, "Sys.Audit");
  return {
    id: `node/${node.name}`,
    node: node.name,
    type: "node",
    status: status(node, known),
    ...(known && { level: node.level }),
    ...(known && node.online && audit && current(node)),
    ...(known && audit && { maxcpu: node.cpus, maxmem: node.memory.total, maxdisk: node.rootfs.total }),
    ...(exchange.isRelease9 && hastate(state, node)),
  };
}

function status({ online }: PveNode, known: boolean): string {
  if (!online) return "offline";
  return known ? "online" : "unknown";
}

const current = ({ uptime, cpu, memory, rootfs }: PveNode): WireRow => ({
  uptime,
  cpu,
  mem: memory.used,
  disk: rootfs.used,
  "cgroup-mode": 2,
});

function hastate({ ha }: ProxmoxState, { name }: PveNode): WireRow {
  const status = ha?.nodes[name]?.status;
  return status === undefined ? {} : { hastate: status };
}

function nodes(exchange: Exchange): WireRow[] {
  return exchange.state.nodes.map((node) => withOdd(nodeRow(exchange, node), node.odd));
}

function guests(exchange: Exchange): WireRow[] {
  const { state } = exchange;
  const byName = new Map(state.nodes.map((node) => [node.name, node]));
  const services = new Map(state.ha?.services.map((service) => [service.sid, service.state]));
  return state.guests
    .filter(({ vmid }) => exchange.mayGuest(vmid, "VM.Audit"))
    .map((guest) => {
      const node = byName.get(guest.node);
      const known = node === undefined || hasStatistics(exchange.cluster, node);
      const hastate = services.get(`${guest.type === "qemu" ? "vm" : "ct"}:${guest.vmid}`);
      return withOdd(
        {
          ...guestRow(guest, known, exchange.isRelease9),
          ...(guest.lock !== undefined && { lock: guest.lock }),
          ...(guest.pool !== undefined && { pool: guest.pool }),
          ...(guest.tags !== undefined && { tags: guest.tags }),
          ...(hastate !== undefined && { hastate }),
        },
        guest.odd,
      );
    });
}

/** Without statistics a guest is unknown, and its name, template flag and figures are absent. */
function guestRow(guest: PveGuest, known: boolean, isRelease9: boolean): WireRow {
  const { type, vmid, node } = guest;
  const row = { id: `${type}/${vmid}`, vmid, node, type };
  if (!known) return { ...row, status: "unknown" };
  return {
    ...row,
    status: guest.status,
    name: guest.name,
    template: guest.template ? 1 : 0,
    uptime: guest.uptime,
    cpu: guest.cpu,
    maxcpu: guest.cpus,
    mem: guest.mem,
    maxmem: guest.maxmem,
    ...(isRelease9 && { memhost: guest.memhost }),
    disk: guest.disk,
    maxdisk: guest.maxdisk,
    netin: guest.netin,
    netout: guest.netout,
    diskread: guest.diskread,
    diskwrite: guest.diskwrite,
  };
}

/** A pool has the sums of its guests that run. */
function pools(exchange: Exchange): WireRow[] {
  const { state } = exchange;
  return state.pools
    .filter((pool) => exchange.may(`/pool/${pool}`, "Pool.Audit"))
    .map((pool) => {
      const members = state.guests.filter((guest) => guest.pool === pool && guest.uptime > 0);
      const row = { id: `/pool/${pool}`, pool, type: "pool" };
      if (members.length === 0) return row;
      const sum = (figure: (guest: PveGuest) => number): number =>
        members.reduce((total, guest) => total + figure(guest), 0);
      const maxcpu = sum(({ cpus }) => cpus);
      return {
        ...row,
        uptime: Math.max(...members.map(({ uptime }) => uptime)),
        mem: sum(({ mem }) => mem),
        maxmem: sum(({ maxmem }) => maxmem),
        cpu: sum(({ cpu, cpus }) => cpu * cpus) / maxcpu,
        maxcpu,
      };
    });
}

function storages(exchange: Exchange): WireRow[] {
  const { state, cluster } = exchange;
  return state.storages
    .filter(({ storage }) => exchange.may(`/storage/${storage}`, "Datastore.Audit"))
    .flatMap((storage) =>
      state.nodes.flatMap((node) => {
        const here = storage.onNodes[node.name];
        if (here === undefined) return [];
        const known = hasStatistics(cluster, node) && here.active && !node.hungStorages.includes(storage.storage);
        return [withOdd(storageRow(exchange, storage, node, known ? here : undefined), storage.odd)];
      }),
    );
}

function storageRow(
  { cluster }: Exchange,
  { storage, type, shared, content }: PveStorage,
  { name }: PveNode,
  here: StorageOnNode | undefined,
): WireRow {
  return {
    id: `storage/${name}/${storage}`,
    storage,
    node: name,
    type: "storage",
    plugintype: type,
    status: here === undefined ? "unknown" : "available",
    shared: shared ? 1 : 0,
    content: commas(cluster, content),
    ...(here !== undefined && { maxdisk: here.total, disk: here.used }),
  };
}

/** Release 9 has networks where release 8 had SDN zones. */
function networks(exchange: Exchange): WireRow[] {
  const wanted = exchange.query.get("type");
  const kind = exchange.isRelease9 ? "network" : "sdn";
  if (wanted !== null && wanted !== kind) return [];
  return exchange.state.nodes
    .filter(({ online }) => online)
    .map(({ name: node }) =>
      exchange.isRelease9
        ? {
            id: `network/${node}/zone/localnetwork`,
            network: "localnetwork",
            "network-type": "zone",
            node,
            type: kind,
            status: "ok",
          }
        : { id: `sdn/${node}/localnetwork`, sdn: "localnetwork", node, type: kind, status: "ok" },
    );
}
