import { seconds } from "../../../core/duration.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import type { ProxmoxClient } from "../client.ts";
import { status } from "../metrics/cluster.ts";
import { guests, resources } from "../metrics/resources.ts";
import type { LastKnown } from "../last-known.ts";
import type { ClusterStatus } from "../schema.ts";
import { recordResources } from "../resources/record-resources.ts";

/** `/cluster/status` and `/cluster/resources`: what the cluster's own statistics say, without a call to any node. */
export const clusterPart: Part<ProxmoxClient> = {
  id: "cluster",
  title: "Nodes, guests and storages, as the cluster sees them",
  every: seconds(15),
  deadline: seconds(12),
  metrics: { ...status, ...resources, faulted: guests.faulted },
  async collect(client, context) {
    const found = await client.readInventory(context.signal);
    recordStatus(found.status, context, client.memory);
    recordResources(found.resources, context, client.memory);
    client.memory.sweep();
  },
};

function recordStatus({ cluster, nodes }: ClusterStatus, context: CollectContext, memory: LastKnown): void {
  if (cluster !== undefined) {
    const id = `cluster/${cluster.name}`;
    context.record(status.up, { id }, cluster.quorate);
    const { nodes: count, quorate, version } = cluster;
    const labels = { id, nodes: digits(count), quorate: digits(quorate), version: version ?? "" };
    context.record(status.clusterInfo, labels, 1);
  }
  for (const { id, name, online, level, nodeid } of new Map(nodes.map((node) => [node.id, node])).values()) {
    context.record(status.up, { id }, online);
    // the level comes with the statistics, which a node that is away does not send
    const known = online === true || level !== "" ? level : undefined;
    const labels = { id, level: memory.recall(id, "level", known), name, nodeid: nodeid ?? "" };
    context.record(status.nodeInfo, labels, 1);
  }
}

/** A label as prometheus-pve-exporter prints it: flags are digits. */
const digits = (value: number | boolean | undefined): string => (value === undefined ? "" : String(Number(value)));
