import type { PveGuest, ReplicationJob } from "../model.ts";
import type { World } from "./world.ts";

const QUARTER = 900;

/**
 * A replication job every 15 minutes for every fifth guest that runs, to the node after its own; none without others.
 */
export function buildReplication(world: World, guests: readonly PveGuest[]): ReplicationJob[] {
  if (world.nodeNames.length < 2) return [];
  return guests
    .filter(({ status }, index) => index % 5 === 0 && status === "running")
    .map((guest) => job(world, guest));
}

function job({ now, random, nodeNames }: World, { vmid, node }: PveGuest): ReplicationJob {
  const last = Math.floor(now / QUARTER) * QUARTER;
  return {
    id: `${vmid}-0`,
    guest: vmid,
    jobnum: 0,
    target: nodeNames[(nodeNames.indexOf(node) + 1) % nodeNames.length] ?? node,
    schedule: "*/15",
    state: {
      last_sync: last,
      last_try: last,
      next_sync: last + QUARTER,
      duration: random.between(1.5, 12, 6),
      fail_count: 0,
    },
  };
}
