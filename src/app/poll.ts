import { CollectError, NoData, asCollectError } from "../core/errors.ts";
import { DuplicateSample, Recorder, type Snapshot } from "../core/metric.ts";
import { formatDuration } from "../core/duration.ts";
import type { OpenPart } from "../core/pack.ts";
import { failSpan, inSpan } from "../lib/tracing.ts";
import { seenError, type SeenError } from "./part-status.ts";

/** What one poll of one part brought. */
export type PollResult = { readonly durationMs: number; readonly errors: readonly SeenError[] } & (
  | { readonly outcome: "success"; readonly snapshot: Snapshot }
  | { readonly outcome: "no_data"; readonly note: string }
  /** The snapshot tells how the poll went, and nothing else; a part that threw has none. */
  | { readonly outcome: "failed"; readonly snapshot?: Snapshot }
);

/**
 * Polls a part once, within its deadline. Never throws: a failure is a result with its reason. A part that does not
 * heed its signal is left behind at the deadline, and what it records after that is not kept. Each poll is a trace.
 */
export function poll(part: OpenPart, stopped: AbortSignal): Promise<PollResult> {
  const { collector, target } = part.of;
  const attributes = {
    "watchkeeper.collector": collector,
    "watchkeeper.target": target,
    "watchkeeper.part": part.id,
  };
  // targets are many: they are no part of a name, by which spans are counted
  return inSpan(`poll ${collector} ${part.id}`, { attributes, isRoot: true }, async (span) => {
    const result = await collect(part, stopped);
    span.setAttributes({
      "watchkeeper.outcome": result.outcome,
      "watchkeeper.missing_pieces": result.errors.filter(({ piece }) => piece !== undefined).length,
    });
    const [first] = result.errors;
    if (result.outcome === "failed" && first !== undefined)
      failSpan(span, (result.errors.find(({ piece }) => piece === undefined) ?? first).reason);
    return result;
  });
}

async function collect(part: OpenPart, stopped: AbortSignal): Promise<PollResult> {
  const begun = performance.now();
  const errors: SeenError[] = [];
  let isOver = false;
  let isAnythingRead = false;
  const recorder = new Recorder();
  const own = new Set(Object.values(part.metrics));
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(part.deadline)]);
  try {
    const collecting = part.collect({
      signal,
      record: (metric, labels, value) => {
        if (!own.has(metric)) throw new Error(`part ${part.id} does not declare ${metric.name}`);
        recorder.record(metric, labels, value);
      },
      wasRead: () => {
        isAnythingRead = true;
      },
      missing: (piece, error) => {
        if (!isOver) errors.push(seenError(error, piece));
      },
    });
    await Promise.race([collecting, rejectWhenAborted(signal)]);
    const snapshot = recorder.snapshot(Date.now());
    const isNothing = errors.length > 0 && !isAnythingRead && tellsOutcomeOnly(snapshot, part);
    return { outcome: isNothing ? "failed" : "success", snapshot, errors, durationMs: performance.now() - begun };
  } catch (thrown) {
    const durationMs = performance.now() - begun;
    if (thrown instanceof NoData) return { outcome: "no_data", note: thrown.message, errors, durationMs };
    errors.push(seenError(failure(thrown, part)));
    return { outcome: "failed", errors, durationMs };
  } finally {
    isOver = true;
  }
}

const tellsOutcomeOnly = ({ families }: Snapshot, { outcomeMetrics = [] }: OpenPart): boolean =>
  families.every(({ metric, samples }) => samples.length === 0 || outcomeMetrics.includes(metric));

function failure(thrown: unknown, part: OpenPart): CollectError {
  if (thrown instanceof DuplicateSample)
    return new CollectError("unexpected_shape", `the target names a thing twice: ${thrown.message}`);
  if (thrown instanceof Error && thrown.name === "TimeoutError")
    return new CollectError("timeout", `part ${part.id} was not done within ${formatDuration(part.deadline)}`);
  return asCollectError(thrown);
}

function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}
