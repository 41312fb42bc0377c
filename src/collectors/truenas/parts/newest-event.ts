import { setTimeout as pause } from "node:timers/promises";
import { inSeconds, type Duration } from "../../../core/duration.ts";
import { CollectError } from "../../../core/errors.ts";
import type { LatestEvent, TrueNasClient } from "../client.ts";

/** Which event is wanted. */
export interface WantedEvent {
  readonly name: string;
  /** An older one counts as none. */
  readonly stale: Duration;
  /** How long to wait for one. */
  readonly patience: Duration;
  readonly signal: AbortSignal;
}

/** Milliseconds between two looks. */
const LOOK = 100;

/**
 * What the newest event of the name carried, once there is one that is not old. Throws `timeout`, or the signal's
 * reason.
 */
export async function newestEvent(
  client: Pick<TrueNasClient, "latest">,
  { name, stale, patience, signal }: WantedEvent,
): Promise<unknown> {
  const endsAt = performance.now() + patience;
  for (;;) {
    const newest = client.latest(name);
    if (newest !== undefined && isFresh(newest, stale)) return newest.fields;
    if (performance.now() >= endsAt) throw new CollectError("timeout", inVain(name, patience));
    await pause(LOOK, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** One from the future is as old as a clock that was set back since. */
function isFresh({ receivedAt }: LatestEvent, stale: Duration): boolean {
  const age = Date.now() - receivedAt;
  return age >= 0 && age <= stale;
}

const inVain = (name: string, patience: Duration): string =>
  `${name}: no event came within ${inSeconds(patience)} s. Check that the user of the API key has the role REPORTING_READ, and that the dashboard of the server shows figures`;
