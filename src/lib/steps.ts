import { setImmediate as turn } from "node:timers/promises";

/** A computation that can be left at each of its steps, so that others are served meanwhile. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/**
 * So long nobody else is served, in milliseconds, and as much longer as a step takes: a request takes a few turns of
 * the loop.
 */
const TURN_MS = 8;

/** Computes at once. */
export function computeAtOnce<Result>(steps: Steps<Result>): Result {
  let next = steps.next();
  while (next.done !== true) next = steps.next();
  return next.value;
}

/** Computes, and lets others have the event loop every few milliseconds. Rejects with the signal's reason. */
export async function computeInTurns<Result>(steps: Steps<Result>, signal: AbortSignal): Promise<Result> {
  for (;;) {
    signal.throwIfAborted();
    const end = performance.now() + TURN_MS;
    do {
      const next = steps.next();
      if (next.done === true) return next.value;
    } while (performance.now() < end);
    await turn();
  }
}

/** Maps a list; after each `perStep` of it the computation can be left. */
export function* mapInSteps<Item, Result>(
  items: readonly Item[],
  perStep: number,
  toResult: (item: Item, at: number) => Result,
): Steps<Result[]> {
  const results: Result[] = [];
  for (const [at, item] of items.entries()) {
    if (at > 0 && at % perStep === 0) yield;
    results.push(toResult(item, at));
  }
  return results;
}
