import { z } from "zod";
import { minutes, seconds } from "../../../core/duration.ts";
import { asCollectError } from "../../../core/errors.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { eachNode, type ProxmoxClient } from "../client.ts";
import { ZFS_STATES, zfs } from "../metrics/nodes.ts";
import { nodeZone } from "../node-zone.ts";
import { requireOnRoot } from "../permissions/required.ts";
import { looseNumber, looseText, rows } from "../../../lib/answers/loose-shapes.ts";
import { uniqueBy } from "../unique.ts";
import { hasDataErrors, readCtime, readScan, type ScanFacts } from "../zfs/prose.ts";
import { readPoolTree, zfsRows, type PoolTree } from "../zfs/tree.ts";

const poolRow = z.object({
  name: z.string(),
  size: looseNumber,
  alloc: looseNumber,
  free: looseNumber,
  frag: looseNumber,
  dedup: looseNumber,
  health: looseText,
});

const detailShape = z.object({ scan: looseText, errors: looseText, children: zfsRows });

/** `zpool` waits for a pool that is suspended. */
const POOL_BOUNDS = { timeout: seconds(20) };

/** `/nodes/{node}/disks/zfs` and `/nodes/{node}/disks/zfs/{pool}`. */
export const zfsPart: Part<ProxmoxClient> = {
  id: "zfs",
  title: "ZFS pools",
  every: minutes(5),
  deadline: seconds(60),
  metrics: zfs,
  async collect(client, context) {
    await requireOnRoot(client, "Sys.Audit", context.signal);
    await eachNode(client, context, async (node) => {
      const found = await client.askNode(node, "disks/zfs", rows(poolRow), context.signal, POOL_BOUNDS);
      const pools = uniqueBy(found, ({ name }) => name);
      for (const pool of pools) recordPool(context, node, pool);
      await Promise.all(pools.map(({ name }) => readDetail(client, context, { node, pool: name })));
    });
  },
};

interface OfPool {
  readonly node: string;
  readonly pool: string;
}

function recordPool(context: CollectContext, node: string, row: z.output<typeof poolRow>): void {
  const labels = { node, pool: row.name };
  const { health } = row;
  if (health !== undefined) {
    for (const state of new Set([...ZFS_STATES, health]))
      context.record(zfs.state, { ...labels, state }, state === health);
  }
  // of a pool that is not to be had, zpool knows no figures, and Proxmox VE makes 0 of that
  if (row.size === undefined || row.size <= 0) return;
  context.record(zfs.size, labels, row.size);
  context.record(zfs.allocated, labels, row.alloc);
  context.record(zfs.free, labels, row.free);
  context.record(zfs.fragmentation, labels, row.frag === undefined ? undefined : row.frag / 100);
  context.record(zfs.dedup, labels, row.dedup);
}

async function readDetail(client: ProxmoxClient, context: CollectContext, labels: OfPool): Promise<void> {
  const { node, pool } = labels;
  try {
    const path = `disks/zfs/${encodeURIComponent(pool)}`;
    const { scan, errors, children } = await client.askNode(node, path, detailShape, context.signal, POOL_BOUNDS);
    context.record(zfs.dataErrors, labels, hasDataErrors(errors));
    recordTree(context, labels, readPoolTree(pool, children));
    await recordScan(client, context, labels, readScan(scan));
  } catch (thrown) {
    if (context.signal.aborted) throw thrown;
    context.missing(`${node}/${pool}`, asCollectError(thrown));
  }
}

function recordTree(context: CollectContext, labels: OfPool, { vdevs, devices }: PoolTree): void {
  for (const { name: vdev, redundancy, full } of vdevs) {
    context.record(zfs.redundancy, { ...labels, vdev }, redundancy);
    context.record(zfs.redundancyFull, { ...labels, vdev }, full);
  }
  for (const { name, online, errors } of devices) {
    context.record(zfs.deviceOnline, { ...labels, device: name }, online);
    for (const [kind, count] of Object.entries(errors))
      context.record(zfs.deviceErrors, { ...labels, device: name, kind }, count);
  }
}

async function recordScan(
  client: ProxmoxClient,
  context: CollectContext,
  labels: OfPool,
  { scrub, resilvering }: ScanFacts,
): Promise<void> {
  context.record(zfs.resilvering, labels, resilvering);
  if (scrub === undefined) return;
  context.record(zfs.scrubErrors, labels, scrub.errors);
  const zone = await nodeZone(client, labels.node, context.signal);
  context.record(zfs.lastScrub, labels, zone && readCtime(scrub.ended, zone));
}
