import type { CollectContext } from "../../../core/pack.ts";
import { pools } from "../metrics/pools.ts";
import type { SeenPool } from "./pool-memory.ts";
import type { PoolScan } from "./pool-shape.ts";

/**
 * Records what is known of a pool's scrubs. A resilver takes the place of the last scrub on ZFS' record, and so does a
 * scrub under way: what was seen of the last finished one is kept in `seen`.
 */
export function recordScan(
  context: CollectContext,
  labels: { readonly pool: string },
  scan: PoolScan | null | undefined,
  seen: SeenPool,
): { readonly isResilvering: boolean | undefined } {
  context.record(pools.neverScrubbed, labels, scan === undefined ? undefined : scan === null);
  const running = runningOf(scan);
  context.record(pools.scrubbing, labels, running && running.function === "SCRUB");
  context.record(pools.resilvering, labels, running && running.function === "RESILVER");
  if (running?.scan !== undefined) recordRunning(context, labels, running.scan);
  if (scan?.function === "SCRUB" && scan.state === "FINISHED")
    seen.lastScrub = { endedAt: scan.end_time, errors: scan.errors };
  context.record(pools.lastScrub, labels, seen.lastScrub?.endedAt);
  context.record(pools.scrubErrors, labels, seen.lastScrub?.errors);
  return { isResilvering: running && running.function === "RESILVER" };
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
