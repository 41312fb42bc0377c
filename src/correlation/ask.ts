import { formatDuration, type Duration } from "../core/duration.ts";
import { asCollectError, CollectError } from "../core/errors.ts";
import { whenAborted } from "../lib/when-aborted.ts";
import type { Outcome } from "../core/telemetry.ts";

/** How long a source is asked. */
export interface AskOptions {
  /** Of each source. */
  readonly deadline: Duration;
  readonly signal: AbortSignal;
}

/** Asks one source, if there is one. A failure is an outcome; rejects only with the signal's reason. */
export async function ask<Source, Reading>(
  source: Source | undefined,
  read: (source: Source, signal: AbortSignal) => Promise<Reading>,
  { deadline, signal }: AskOptions,
): Promise<Outcome<Reading>> {
  if (source === undefined) return { state: "not_configured" };
  const begun = performance.now();
  const late = AbortSignal.timeout(deadline);
  const both = AbortSignal.any([signal, late]);
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
  }
}
