import { optionally } from "../../../core/optionally.ts";
import type { CollectContext } from "../../../core/pack.ts";
import type { TrueNasClient } from "../client.ts";
import { pools } from "../metrics/pools.ts";
import { rawPoolRows, scrubTaskRows, spaceRows } from "./pool-shape.ts";
import { leavesOf } from "./vdev-shape.ts";

/** Slow requests of disks, by guid as a number: JSON has numbers there, which lose their last digits like this. */
export type SlowRequests = ReadonlyMap<number, number>;

/** Reads the slow requests of the pools' disks; none where the API does not tell of them. */
export async function readSlowRequests(
  client: TrueNasClient,
  context: CollectContext,
  names: readonly string[],
): Promise<SlowRequests> {
  const slow = new Map<number, number>();
  await optionally(context, "slow requests", async () => {
    const { dialect } = await client.api(context.signal);
    if (dialect.rawPools === undefined || names.length === 0) return;
    const params = [{ pool_names: names, topology: true }];
    const found = await client.call({ method: dialect.rawPools, params, shape: rawPoolRows, signal: context.signal });
    for (const { guid, slowIos } of found.flatMap(({ topology }) => topology.flatMap(leavesOf)))
      if (guid !== undefined && slowIos !== undefined) slow.set(Number(guid), slowIos);
  });
  return slow;
}

/** Asked without filters and without children, the server looks at the roots alone. */
const ROOTS = [
  [],
  {
    extra: { retrieve_children: false, retrieve_user_props: false, properties: ["used", "available"] },
    select: ["id", "used.parsed", "available.parsed"],
  },
];

/** Records the space of the pools as their owner sees it: that of their root datasets. */
export async function recordSpace(
  client: TrueNasClient,
  context: CollectContext,
  names: readonly string[],
): Promise<void> {
  await optionally(context, "space of the root datasets", async () => {
    const call = { method: "pool.dataset.query", params: ROOTS, shape: spaceRows, signal: context.signal };
    const roots = new Map((await client.call(call)).map((row) => [row.id, row]));
    for (const pool of names) {
      context.record(pools.usableUsed, { pool }, roots.get(pool)?.used);
      context.record(pools.usableAvailable, { pool }, roots.get(pool)?.available);
    }
  });
}

/** Records whether the server scrubs the pools by itself. */
export async function recordScrubTasks(
  client: TrueNasClient,
  context: CollectContext,
  names: readonly string[],
): Promise<void> {
  await optionally(context, "scrub tasks", async () => {
    const tasks = await client.call({ method: "pool.scrub.query", shape: scrubTaskRows, signal: context.signal });
    for (const pool of names) {
      const own = tasks.filter(({ pool_name: name = pool }) => name === pool);
      const isUnknown = own.some(({ pool_name, enabled }) => pool_name === undefined || enabled === undefined);
      const isScheduled = own.some(({ pool_name, enabled }) => pool_name === pool && enabled === true);
      context.record(pools.scrubScheduled, { pool }, isScheduled ? true : isUnknown ? undefined : false);
    }
  });
}
