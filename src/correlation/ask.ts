import { formatDuration, type Duration } from "../core/duration.ts";
import { asCollectError, CollectError } from "../core/errors.ts";
import { failSpan, inSpan } from "../lib/tracing.ts";
import { whenAborted } from "../lib/when-aborted.ts";
import type { Outcome } from "../core/telemetry.ts";

/** How long a source is asked. */
export interface AskOptions {
  /** Of each source. */
  readonly deadline: Duration;
  readonly signal: AbortSignal;
}

/**
 * Asks one source, if there is one; `what` is asked for, such as `logs`. A failure is an outcome; rejects only with the
 * signal's reason.
 */
export async function ask<Source, Reading>(
  what: string,
  source: Source | undefined,
  read: (source: Source, signal: AbortSignal) => Promise<Reading>,
  options: AskOptions,
): Promise<Outcome<Reading>> {
  if (source === undefined) return { state: "not_configured" };
  return inSpan(`read ${what}`, { isOnlyChild: true }, async (span) => {
    const outcome = await askWithin(source, read, options);
    if (outcome.state === "down") failSpan(span, outcome.reason);
    return outcome;
  });
}

async function askWithin<Source, Reading>(
  source: Source,
  read: (source: Source, signal: AbortSignal) => Promise<Reading>,
  { deadline, signal }: AskOptions,
): Promise<Outcome<Reading>> {
  const begun = performance.now();
  const late = AbortSignal.timeout(deadline);
  const ended = new AbortController();
  const both = AbortSignal.any([signal, late, ended.signal]);
  const tookMs = (): number => Math.round(performance.now() - begun);
  try {
    const reading = await Promise.race([read(source, both), whenAborted(both)]);
    return { state: "read", reading, tookMs: tookMs() };
  } catch (thrown) {
    signal.throwIfAborted();
    const error = late.aborted
      ? new CollectError("timeout", `no answer within ${formatDuration(deadline)} (\`evidence.deadline\`)`)
      : asCollectError(thrown);
    return { state: "down", reason: error.reason, message: error.message, tookMs: tookMs() };
  } finally {
    // what is still asked for when a reading has failed is of no use to anybody
    ended.abort();
  }
}
