import { seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import { optionally } from "../../../core/optionally.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { rows } from "../../../lib/answers/loose-shapes.ts";
import type { TrueNasClient } from "../client.ts";
import { pools } from "../metrics/pools.ts";
import { poolMemory, type SeenPool } from "../storage/pool-memory.ts";
import { recordScan } from "../storage/pool-scan.ts";
import { readSlowRequests, recordScrubTasks, recordSpace, type SlowRequests } from "../storage/pool-pieces.ts";
import { importedOf, poolShape, type PoolRow } from "../storage/pool-shape.ts";
import { readPoolTree, type PoolTree } from "../storage/vdev-tree.ts";

/** The pools of data and the boot pool: their health, space, vdevs and scrubs. */
export const poolsPart: Part<TrueNasClient> = {
  id: "pools",
  title: "Pools",
  every: seconds(60),
  deadline: seconds(45),
  metrics: pools,
  async collect(client, context) {
    const { signal } = context;
    const found = await client.call({ method: "pool.query", shape: rows(poolShape), signal });
    const named = found.filter(({ name }, i) => found.findIndex((other) => other.name === name) === i);
    const listed: ListedPool[] = named.map((pool) => ({ pool, role: "data" }));
    await optionally(context, "boot pool", async () => {
      const pool = await client.call({ method: "boot.get_state", shape: poolShape, signal });
      if (!named.some(({ name }) => name === pool.name)) listed.push({ pool, role: "boot" });
    });
    if (listed.length === 0) throw new NoData("the server has no pools");
    const isThere = ({ pool }: ListedPool): boolean => importedOf(pool) === true;
    const imported = listed.filter(isThere).map(({ pool }) => pool.name);
    recordPools(client, context, listed, await readSlowRequests(client, context, imported));
    const ofData = imported.filter((name) => named.some((pool) => pool.name === name));
    if (ofData.length === 0) return;
    await recordSpace(client, context, ofData);
    await recordScrubTasks(client, context, ofData);
  },
};

interface ListedPool {
  readonly pool: PoolRow;
  readonly role: "data" | "boot";
}

function recordPools(
  client: TrueNasClient,
  context: CollectContext,
  listed: readonly ListedPool[],
  slow: SlowRequests,
): void {
  const memory = client.memory(poolMemory);
  const keyOf = ({ pool, role }: ListedPool): string => pool.guid ?? `${role} ${pool.name}`;
  for (const each of listed) {
    const isImported = importedOf(each.pool);
    recordState(context, each, isImported);
    if (isImported === true) recordPool(context, each.pool, memory.of(keyOf(each)), slow);
  }
}

function recordState(context: CollectContext, { pool, role }: ListedPool, isImported: boolean | undefined): void {
  const { name, guid = "", status = "", status_code = "" } = pool;
  context.record(pools.info, { pool: name, guid, role, status, status_code }, 1);
  context.record(pools.imported, { pool: name }, isImported);
}

function recordPool(context: CollectContext, row: PoolRow, seen: SeenPool, slow: SlowRequests): void {
  const labels = { pool: row.name };
  context.record(pools.healthy, labels, row.healthy);
  context.record(pools.warning, labels, row.warning);
  context.record(pools.suspended, labels, isSuspended(row));
  context.record(pools.size, labels, row.size);
  context.record(pools.allocated, labels, row.allocated);
  context.record(pools.fragmentation, labels, asRatio(row.fragmentation));
  context.record(pools.autotrim, labels, row.autotrim);
  const { isResilvering } = recordScan(context, labels, row, seen);
  if (row.topology === null || row.topology === undefined) return;
  const tree = readPoolTree(row.topology, isResilvering === true, seen);
  if (isResilvering === false) seen.whole = tree.whole;
  seen.disks = new Map([...seen.disks, ...tree.disks]);
  recordTree(context, labels, tree, slow);
}

const isSuspended = ({ status, status_code = "" }: PoolRow): boolean | undefined => {
  if (status === "SUSPENDED" || status_code.startsWith("IO_FAILURE_")) return true;
  return status === undefined ? undefined : false;
};

const asRatio = (percent: number | undefined): number | undefined =>
  percent === undefined || percent < 0 || percent > 100 ? undefined : percent / 100;

function recordTree(context: CollectContext, labels: { pool: string }, tree: PoolTree, slow: SlowRequests): void {
  context.record(pools.redundancy, labels, tree.redundancy);
  context.record(pools.sparesAvailable, labels, tree.spares.available);
  context.record(pools.sparesInUse, labels, tree.spares.inUse);
  for (const { class: kind, name: vdev, type = "", status = "", online, redundancy } of tree.vdevs) {
    const ofVdev = { ...labels, class: kind, vdev };
    context.record(pools.vdev, { ...ofVdev, type, status }, 1);
    context.record(pools.vdevOnline, ofVdev, online);
    context.record(pools.vdevRedundancy, ofVdev, redundancy?.left);
    context.record(pools.vdevRedundancyFull, ofVdev, redundancy?.full);
  }
  for (const { class: kind, vdev, disk, guid, status = "", online, errors } of tree.devices) {
    const ofDevice = { ...labels, class: kind, vdev, disk, guid };
    context.record(pools.device, { ...ofDevice, status }, 1);
    context.record(pools.deviceOnline, ofDevice, online);
    for (const [error, count] of Object.entries(errors))
      context.record(pools.deviceErrors, { ...ofDevice, kind: error }, count);
    if (kind !== "spare") context.record(pools.slowIos, ofDevice, slow.get(Number(guid)));
  }
}
