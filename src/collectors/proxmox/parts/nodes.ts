import { z } from "zod";
import { seconds } from "../../../core/duration.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { eachNode, type ProxmoxClient } from "../client.ts";
import { nodes } from "../metrics/nodes.ts";
import { looseNumber, looseText } from "../../../lib/answers/loose-shapes.ts";

const space = (free: "free" | "avail" | "available") =>
  z
    .object({ total: looseNumber, used: looseNumber, [free]: looseNumber })
    .nullish()
    .catch(undefined);

const statusShape = z.object({
  loadavg: z.array(looseNumber).nullish().catch(undefined),
  wait: looseNumber,
  swap: space("free"),
  rootfs: space("avail"),
  memory: space("available"),
  ksm: z.object({ shared: looseNumber }).nullish().catch(undefined),
  pveversion: looseText,
  kversion: looseText,
  "current-kernel": z.object({ release: looseText }).nullish().catch(undefined),
});

type NodeStatus = z.output<typeof statusShape>;

/** `/nodes/{node}/status`: what the statistics of the cluster do not hold. */
export const nodesPart: Part<ProxmoxClient> = {
  id: "nodes",
  title: "Load, swap and root file system of each node",
  every: seconds(60),
  deadline: seconds(30),
  metrics: nodes,
  collect: (client, context) =>
    eachNode(client, context, async (node) => {
      recordNode(node, await client.askNode(node, "status", statusShape, context.signal), context);
    }),
};

function recordNode(node: string, found: NodeStatus, context: CollectContext): void {
  const labels = { node };
  const [load1, load5, load15] = found.loadavg ?? [];
  context.record(nodes.load1, labels, load1);
  context.record(nodes.load5, labels, load5);
  context.record(nodes.load15, labels, load15);
  context.record(nodes.iowait, labels, found.wait);
  context.record(nodes.swapSize, labels, found.swap?.total);
  context.record(nodes.swapUsage, labels, found.swap?.used);
  context.record(nodes.rootfsSize, labels, found.rootfs?.total);
  context.record(nodes.rootfsUsage, labels, found.rootfs?.used);
  context.record(nodes.rootfsAvailable, labels, found.rootfs?.avail);
  context.record(nodes.memoryAvailable, labels, found.memory?.available);
  context.record(nodes.ksmShared, labels, found.ksm?.shared);
  recordVersion(node, found, context);
}

/** The texts are such as `pve-manager/9.1.1/42db4a6cf33dac83` and `Linux 6.17.2-1-pve #1 SMP ...`. */
function recordVersion(node: string, found: NodeStatus, context: CollectContext): void {
  const version = /^pve-manager\/([^/]+)/.exec(found.pveversion ?? "")?.[1];
  if (version === undefined) return;
  const kernel = found["current-kernel"]?.release ?? /^\S+ (\S+)/.exec(found.kversion ?? "")?.[1] ?? "";
  context.record(nodes.version, { node, version, kernel }, 1);
}
