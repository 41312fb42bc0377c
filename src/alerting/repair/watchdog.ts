import type { AlertSource, Watchdog } from "../../core/alerting-config.ts";

/**
 * What is known of a source that is expected to give signs of life. `unsure`: it was not listened to for long enough
 * yet, so that an alert about it is neither raised nor ended.
 */
export interface SourceWatch {
  readonly source: string;
  readonly state: "heard" | "silent" | "unsure";
  /** Unix milliseconds by the store's clock; undefined when it never was. */
  readonly lastHeardAt: number | undefined;
}

/** A source is never called silent before it was listened to for so long. */
const LEAST_LISTENED_MS = 30_000;
/** What lies between two checks counts as listened to for no longer than this: the process may have been stopped. */
const MOST_STEP_MS = 60_000;

interface Quiet {
  lastHeardAt: number | undefined;
  /** Whether a sign of life was noticed since this began to watch. */
  wasHeard: boolean;
  /** For how long it was listened to in vain, on the clock that never jumps. */
  quietFor: number;
}

/**
 * Tells which sources fell silent. A silence is measured by listening, on the monotonic clock: neither a wall clock
 * that jumps nor a pause of this process makes one. The store's times only tell of the time before this process began,
 * and then one more interval must pass in vain, since nobody may have been there to listen.
 */
export class SourceWatcher {
  readonly #watched: readonly (AlertSource & { readonly watchdog: Watchdog })[];
  readonly #quiet = new Map<string, Quiet>();
  #checkedAt: number | undefined;

  constructor(sources: readonly AlertSource[]) {
    this.#watched = sources.flatMap((source) =>
      source.watchdog === undefined ? [] : [{ ...source, watchdog: source.watchdog }],
    );
  }

  /**
   * To be called every half a minute with when each source was last heard and the store's clock; `monotonicNow` is
   * `performance.now()`.
   */
  check(heartbeats: ReadonlyMap<string, number>, now: number, monotonicNow: number): readonly SourceWatch[] {
    const step = Math.min(MOST_STEP_MS, monotonicNow - (this.#checkedAt ?? monotonicNow));
    this.#checkedAt = monotonicNow;
    return this.#watched.map(({ name, watchdog }) => {
      const lastHeardAt = heartbeats.get(name);
      const quiet = this.#listen(name, lastHeardAt, step);
      return { source: name, state: stateOf(quiet, watchdog, now), lastHeardAt };
    });
  }

  #listen(source: string, lastHeardAt: number | undefined, step: number): Quiet {
    const former = this.#quiet.get(source);
    const isNews = former !== undefined && former.lastHeardAt !== lastHeardAt;
    const quiet = {
      lastHeardAt,
      wasHeard: isNews || (former?.wasHeard ?? false),
      quietFor: isNews ? 0 : (former?.quietFor ?? 0) + step,
    };
    this.#quiet.set(source, quiet);
    return quiet;
  }
}

function stateOf(
  { lastHeardAt, wasHeard, quietFor }: Quiet,
  { every, misses }: Watchdog,
  now: number,
): SourceWatch["state"] {
  const borne = every * misses;
  if (quietFor > borne) return "silent";
  if (wasHeard) return "heard";
  if (lastHeardAt === undefined) return "unsure";
  if (now - lastHeardAt <= borne) return "heard";
  return quietFor >= Math.max(every, LEAST_LISTENED_MS) ? "silent" : "unsure";
}
