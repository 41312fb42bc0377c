import type { Duration } from "../../core/duration.ts";

/** A signal that ends with a deadline or with the caller's own signal, whichever is first. */
export interface Deadline {
  /** Its reason is what the request must throw. */
  readonly signal: AbortSignal;
  /** Frees the timer and the caller's signal; call it when the work is done. */
  readonly stop: () => void;
}

/**
 * Starts a deadline. `createTimeout` makes the error of a deadline that passed, ours or the caller's (a signal whose
 * reason is a `TimeoutError`); any other reason of the caller is passed on as it is.
 */
export function startDeadline(
  after: Duration,
  caller: AbortSignal | undefined,
  createTimeout: (whose: "own" | "caller") => Error,
): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(createTimeout("own")), after);
  const follow = (): void => {
    const reason: unknown = caller?.reason;
    controller.abort(reason instanceof Error && reason.name === "TimeoutError" ? createTimeout("caller") : reason);
  };
  caller?.addEventListener("abort", follow, { once: true });
  if (caller?.aborted === true) follow();
  const stop = (): void => {
    clearTimeout(timer);
    caller?.removeEventListener("abort", follow);
  };
  return { signal: controller.signal, stop };
}

/**
 * The work's outcome or, as soon as the signal is aborted, its reason; what then becomes of the work is of no interest.
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
