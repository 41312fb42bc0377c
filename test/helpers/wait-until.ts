import { setTimeout as pause } from "node:timers/promises";

/** How long to wait and how often to look, in milliseconds: 30 s and every 50 ms unless told otherwise. */
export interface Patience {
  readonly deadlineMs?: number;
  readonly everyMs?: number;
}

/**
 * Repeats the check until it gives something other than undefined or false, and returns that. A check that throws
 * counts as "not yet"; the last error is the cause of the error at the deadline, which begins with `what`: "the node is
 * active".
 */
export async function waitUntil<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  { deadlineMs = 30_000, everyMs = 50 }: Patience = {},
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    let cause: unknown;
    try {
      const result = await check();
      if (result !== undefined && result !== false) return result;
    } catch (error) {
      if (error instanceof GivenUp) throw error;
      cause = error;
    }
    if (performance.now() >= end) throw timedOut(what, deadlineMs, cause);
    await pause(everyMs);
  }
}

/** Thrown by a check of {@link waitUntil} when waiting any longer is of no use. */
export class GivenUp extends Error {
  override readonly name = "GivenUp";
}

function timedOut(what: string, deadlineMs: number, cause: unknown): Error {
  const last = cause instanceof Error ? `; the last try failed: ${cause.message}` : "";
  return new Error(`Waited ${deadlineMs / 1000} s in vain until ${what}${last}`, { cause });
}
