import type { CollectReason } from "../../core/errors.ts";
import type { RpcPace } from "./contract.ts";

/** Reasons after which a server may lock out who comes again too soon. */
const REFUSED: ReadonlySet<CollectReason> = new Set<CollectReason>(["unauthorized", "rate_limited"]);
const MOST_REFUSED_WAITS = 10;

/** When the next socket may be opened. All times are milliseconds of one clock that never jumps. */
export class SocketPace {
  readonly #pace: RpcPace;
  /** Of the last sockets, as many as the window takes, oldest first. */
  readonly #openings: number[] = [];
  #failures = 0;
  #refusals = 0;
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(pace: RpcPace) {
    this.#pace = pace;
  }

  /** How long to wait, from `now` on, before a socket may be opened. */
  waitAt(now: number): number {
    const { openings, window } = this.#pace;
    const oldest = this.#openings.length < openings ? undefined : this.#openings[0];
    return Math.max(0, this.#notBefore - now, oldest === undefined ? 0 : oldest + window - now);
  }

  opened(now: number): void {
    this.#openings.push(now);
    if (this.#openings.length > this.#pace.openings) this.#openings.shift();
  }

  loggedIn(): void {
    this.#refusals = 0;
  }

  /** A socket did not come as far as to be logged in. */
  failed(now: number, reason: CollectReason): void {
    const { refusedWait, firstWait, lastWait } = this.#pace;
    const wait = REFUSED.has(reason)
      ? Math.min(refusedWait * 2 ** this.#refusals++, refusedWait * MOST_REFUSED_WAITS)
      : Math.min(firstWait * 2 ** this.#failures++, lastWait);
    this.#notBefore = now + wait;
  }

  /**
   * A socket was lost that had been logged in since `since`. Sockets that live for their share of the window keep
   * within its bound on their own, so that the next may be opened at once; a shorter life counts as a failure.
   */
  lost(now: number, since: number, reason: CollectReason): void {
    const { window, openings } = this.#pace;
    if (now - since < window / openings) return this.failed(now, reason);
    this.#failures = 0;
  }
}
