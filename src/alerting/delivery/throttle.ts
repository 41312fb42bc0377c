import { DELIVERY_REASONS, type DeliveryError } from "../../core/delivery-errors.ts";
import type { DestinationState } from "../../core/conversation.ts";
import type { DeliveryPolicy } from "../../core/notifier.ts";
import { LONGEST_RETRY_AFTER_MS } from "./backoff.ts";

/** So many failures in a row are the destination's, not the message's. */
const FAILURES_UNTIL_BROKEN = 5;
const FIRST_PROBE_MS = 10_000;
const LONGEST_PROBE_MS = 5 * 60_000;
/** When a destination says "too many" but not for how long. */
const USUAL_PAUSE_MS = 30_000;
/**
 * A transaction that waited for another one has a moment that is past; what is further ahead comes of a clock put back.
 */
const MOST_WAITED_MS = 10_000;

/**
 * How many deliveries may begin now: none in a pause, one when a probe of a broken destination is due, else the
 * bucket's tokens.
 */
export function allowance(state: DestinationState, rate: DeliveryPolicy["rate"], now: number): number {
  if (isAhead(state.pausedUntil, now, LONGEST_RETRY_AFTER_MS)) return 0;
  const tokens = Math.floor(tokensAt(state, rate, now));
  if (state.brokenReason === undefined) return tokens;
  return isAhead(state.probeAt, now, LONGEST_PROBE_MS) ? 0 : Math.min(1, tokens);
}

/** The state after deliveries began. */
export function spend(
  state: DestinationState,
  rate: DeliveryPolicy["rate"],
  count: number,
  now: number,
): DestinationState {
  return {
    ...state,
    tokens: tokensAt(state, rate, now) - count,
    refilledAt: now,
    probeAt: state.brokenReason === undefined || count === 0 ? state.probeAt : now + probeDelay(state.failures),
  };
}

/** A moment that is ahead, unless it is further ahead than it ever was set: then the clock was put back. */
const isAhead = (moment: number, now: number, most: number): boolean => moment > now && moment <= now + most;

function tokensAt(
  { tokens, refilledAt }: DestinationState,
  { perSecond, burst }: DeliveryPolicy["rate"],
  now: number,
): number {
  if (refilledAt > now + MOST_WAITED_MS) return Math.min(burst, Math.max(1, tokens));
  const elapsed = Math.max(0, now - refilledAt) / 1000;
  return Math.min(burst, tokens + elapsed * perSecond);
}

/**
 * Whether nothing can be delivered before a person mends the destination: its messages wait, however long that takes.
 */
export const waitsForPerson = ({ brokenReason }: DestinationState): boolean =>
  brokenReason !== undefined && DELIVERY_REASONS[brokenReason].class === "destination";

const probeDelay = (failures: number): number =>
  Math.min(LONGEST_PROBE_MS, FIRST_PROBE_MS * 2 ** Math.min(16, Math.max(0, failures - FAILURES_UNTIL_BROKEN)));

/** The state after a delivery arrived; the same object for a destination that was well. */
export function afterSuccess(state: DestinationState): DestinationState {
  if (state.failures === 0 && state.brokenReason === undefined) return state;
  return { ...state, failures: 0, brokenReason: undefined, brokenSince: undefined, probeAt: 0 };
}

/**
 * The state after a delivery failed that began `sinceMs` ago: paused, a step closer to broken, or broken at once when
 * only a person can mend it.
 */
export function afterFailure(
  state: DestinationState,
  error: DeliveryError,
  now: number,
  sinceMs = 0,
): DestinationState {
  const kind = DELIVERY_REASONS[error.reason].class;
  // it answered, and means this one message
  if (kind === "message") return error.reason === "internal" ? state : afterSuccess(state);
  if (kind === "rate_limit") {
    const pause = Math.min(error.retryAfterMs ?? USUAL_PAUSE_MS, LONGEST_RETRY_AFTER_MS);
    return { ...state, pausedUntil: Math.max(state.pausedUntil, now + pause) };
  }
  // begun before it was known to be broken, so it is no probe, and says nothing new
  if (state.brokenSince !== undefined && now - sinceMs < state.brokenSince) return state;
  // only what fails by itself counts against messages
  const isOtherwise = kind === "retry" && waitsForPerson(state);
  const failures = (isOtherwise ? Math.min(state.failures, FAILURES_UNTIL_BROKEN - 1) : state.failures) + 1;
  if (kind === "retry" && failures < FAILURES_UNTIL_BROKEN) return { ...state, failures };
  return {
    ...state,
    failures,
    brokenReason: error.reason,
    brokenSince: state.brokenSince ?? now,
    probeAt: now + probeDelay(failures),
  };
}
