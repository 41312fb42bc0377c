import { PveError } from "../exchange.ts";
import type { Exchange } from "../exchange.ts";
import type { PveNode, WireRow } from "../model.ts";
import { hasStatistics, isQuorate } from "../rows.ts";
import type { Route } from "./route.ts";

/** The paths of the cluster as a whole. */
export const CLUSTER_ROUTES: readonly Route[] = [
  { path: "/version", handle: version },
  {
    path: "/access/permissions",
    query: ["path", "userid"],
    handle: ({ cluster, token }) => cluster.permissions.effective(token),
  },
  { path: "/cluster/status", handle: status },
  { path: "/cluster/config/nodes", handle: configNodes },
  { path: "/cluster/config/qdevice", handle: qdevice },
  { path: "/cluster/ceph/status", handle: ceph },
  { path: "/nodes/:node/ceph/status", handle: ceph },
];

function version({ local }: Exchange): WireRow {
  return { ...local.release, console: "xtermjs" };
}

function status(exchange: Exchange): WireRow[] {
  exchange.need("/", "Sys.Audit");
  const { state, local } = exchange;
  const { clusterName } = state;
  if (clusterName === undefined) return [memberRow(exchange, local, 0)];
  const cluster = {
    type: "cluster",
    id: "cluster",
    name: clusterName,
    version: state.clusterVersion,
    nodes: state.nodes.length,
    quorate: isQuorate(state) ? 1 : 0,
  };
  return [cluster, ...state.nodes.map((node) => memberRow(exchange, node, node.nodeid))];
}

/** The subscription level comes with the statistics: without them it is empty. */
function memberRow({ cluster, local }: Exchange, node: PveNode, nodeid: number): WireRow {
  const { name, ip, online } = node;
  return {
    type: "node",
    id: `node/${name}`,
    name,
    nodeid,
    ip,
    local: node === local ? 1 : 0,
    online: online ? 1 : 0,
    level: hasStatistics(cluster, node) ? node.level : "",
  };
}

function configNodes(exchange: Exchange): WireRow[] {
  exchange.need("/", "Sys.Audit");
  if (exchange.state.clusterName === undefined) return [];
  return exchange.state.nodes.map(({ name, nodeid, ip }) => ({
    node: name,
    name,
    nodeid: String(nodeid),
    quorum_votes: "1",
    ring0_addr: ip,
  }));
}

/** Without a device an empty object, as the source of pve-cluster has it. */
function qdevice(exchange: Exchange): Record<string, string> {
  exchange.need("/", "Sys.Audit");
  return exchange.state.qdevice ?? {};
}

function ceph(exchange: Exchange): WireRow {
  exchange.need("/", "Sys.Audit", "Datastore.Audit");
  const { ceph } = exchange.state;
  if (ceph === undefined) throw new PveError(500, "binary not installed: /usr/bin/ceph-mon");
  return ceph;
}
