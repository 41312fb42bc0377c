import type { CollectContext } from "../../../core/pack.ts";
import { pools } from "../metrics/pools.ts";
import type { SeenPool } from "./pool-memory.ts";
import type { PoolRow, PoolScan } from "./pool-shape.ts";

/**
 * A sequential resilver, as dRAID does it for its spares, is no scan: the pool's status alone tells of it.
 * Source: `check_status` of github.com/openzfs/zfs, lib/libzfs/libzfs_status.c
 */
const REBUILDING = "REBUILDING";

/**
 * Records what is known of a pool's scrubs. A resilver takes the place of the last scrub on ZFS' record, and so does a
 * scrub under way: what was seen of the last finished one is kept in `seen`.
 */
export function recordScan(
  context: CollectContext,
  labels: { readonly pool: string },
  { scan, status_code }: Pick<PoolRow, "scan" | "status_code">,
  seen: SeenPool,
): { readonly isResilvering: boolean | undefined } {
  context.record(pools.neverScrubbed, labels, scan === undefined ? undefined : scan === null);
  const running = runningOf(scan);
  context.record(pools.scrubbing, labels, running && running.function === "SCRUB");
  const isResilvering = status_code === REBUILDING || (running && running.function === "RESILVER");
  context.record(pools.resilvering, labels, isResilvering);
  if (running?.scan !== undefined) recordRunning(context, labels, running.scan);
  if (scan?.function === "SCRUB" && scan.state === "FINISHED")
    seen.lastScrub = { endedAt: scan.end_time, errors: scan.errors };
  context.record(pools.lastScrub, labels, seen.lastScrub?.endedAt);
  context.record(pools.scrubErrors, labels, seen.lastScrub?.errors);
  return { isResilvering };
}

interface Running {
  /** Undefined when none is under way. */
  readonly function: string | undefined;
  readonly scan?: PoolScan;
}

function runningOf(scan: PoolScan | null | undefined): Running | undefined {
  if (scan === null) return { function: undefined };
  if (scan?.state === undefined) return undefined;
  return scan.state === "SCANNING" ? { function: scan.function, scan } : { function: undefined };
}

function recordRunning(context: CollectContext, labels: { readonly pool: string }, scan: PoolScan): void {
  const { percentage, pause } = scan;
  // what was written since the scan began may bring it a little above 100
  const progress = percentage === undefined || percentage < 0 ? undefined : Math.min(1, percentage / 100);
  context.record(pools.scanProgress, labels, progress);
  context.record(pools.scanStart, labels, scan.start_time);
  if (scan.function === "SCRUB")
    context.record(pools.scrubPaused, labels, pause === undefined ? undefined : pause !== null);
}
