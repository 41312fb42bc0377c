import { minutes, type Duration } from "../core/duration.ts";

/** A job that runs again and again. */
export interface Repetition {
  /** Settles when the first run has ended. */
  readonly first: Promise<void>;
  /** Aborts the run that is under way, waits for its end, and lets no other begin. */
  stop(): Promise<void>;
}

/** What {@link repeat} does, and when. */
export interface RepeatOptions {
  readonly every: Duration;
  /** Wait before the first run. */
  readonly after: Duration;
  /** One run; what it throws is lost, so it catches by itself. After one that gives `again` the next comes sooner. */
  run(signal: AbortSignal): Promise<"again" | void>;
  /** From 0 to 1; `Math.random` unless a test gives another. */
  readonly random?: () => number;
}

/** Share of the interval by which each run is moved, so that many jobs do not meet at one moment again and again. */
const JITTER = 0.1;
/** Wait after the first of several runs that ask for another; twice as long after each more, the interval at most. */
const FIRST_AGAIN = minutes(1);

/**
 * Runs a job at an interval, never twice at once: a run that takes longer than the interval lets the runs it overlaps
 * fall out. The beat is kept, so that jitter does not add up.
 */
export function repeat({ every, after, run, random = Math.random }: RepeatOptions): Repetition {
  const stopped = new AbortController();
  const firstEnded = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let beat = performance.now() + after;
  let again = 0;

  const runOnce = async (): Promise<void> => {
    const wish = await run(stopped.signal).catch(() => undefined);
    firstEnded.resolve();
    if (stopped.signal.aborted) return;
    const now = performance.now();
    again = wish === "again" ? again + 1 : 0;
    const soon = again === 0 ? every : FIRST_AGAIN * 2 ** (again - 1);
    if (soon < every) beat = now + soon;
    else beat += every * Math.max(1, Math.ceil((now - beat) / every));
    const jitter = (random() - 0.5) * JITTER * Math.min(soon, every);
    timer = setTimeout(begin, Math.max(0, beat + jitter - now));
  };
  const begin = (): void => {
    running = runOnce();
  };
  timer = setTimeout(begin, after);

  return {
    first: firstEnded.promise,
    async stop() {
      stopped.abort(new DOMException("stopped", "AbortError"));
      clearTimeout(timer);
      await running;
      firstEnded.resolve();
    },
  };
}
