import { DELIVERY_REASONS, type DeliveryReason } from "../../core/delivery-errors.ts";
import type { ConversationState, DestinationState } from "../../core/conversation.ts";
import type { ConversationCount } from "../../core/delivery-store.ts";

/** Why something failed, in words for the person who must act. */
export interface FailureReport {
  readonly reason: DeliveryReason;
  readonly meaning: string;
  readonly action: string;
  /** The destination's own words, or what went wrong; one line. */
  readonly detail?: string | undefined;
}

/** A reason with its words. */
export function failureReport(reason: DeliveryReason, detail?: string): FailureReport {
  const { meaning, action } = DELIVERY_REASONS[reason];
  return { reason, meaning, action, ...(detail !== undefined && { detail }) };
}

/**
 * How a destination does. `paused`: it asked for a pause. `broken`: only probes are sent until one arrives. `removed`:
 * it is not in the configuration any more, so nothing is sent there.
 */
export type DestinationHealth = "well" | "paused" | "broken" | "removed";

/** A destination, as it is now. Times are Unix milliseconds. */
export interface DestinationReport {
  readonly name: string;
  /** Absent when it is not in the configuration any more. */
  readonly type?: string | undefined;
  readonly health: DestinationHealth;
  /** Since when it is broken. */
  readonly since?: number;
  /** When the pause ends, or when the next probe is due. */
  readonly until?: number;
  readonly failure?: FailureReport;
  /** Messages that wait, those among them that are held by a time interval, and those that are not tried any more. */
  readonly waiting: number;
  readonly held: number;
  readonly dead: number;
  /** Since when the oldest of what waits, and is not held, does. */
  readonly oldestWaitingSince?: number;
}

/** A destination of the configuration. */
export interface ConfiguredDestination {
  readonly name: string;
  readonly type: string;
}

/** What is known of all destinations: those that are configured, and those that still have something waiting. */
export function destinationReports(
  configured: readonly ConfiguredDestination[],
  states: readonly DestinationState[],
  counts: readonly ConversationCount[],
  now: number,
): readonly DestinationReport[] {
  const types = new Map(configured.map(({ name, type }) => [name, type]));
  const byName = new Map(states.map((state) => [state.destination, state]));
  const owed = counts.filter(({ state, count }) => count > 0 && (state === "pending" || state === "dead"));
  const names = new Set([...types.keys(), ...owed.map(({ destination }) => destination)]);
  return [...names].map((name) => {
    const type = types.get(name);
    const ofIt = counts.filter(({ destination }) => destination === name);
    return { name, type, ...healthOf(type, byName.get(name), now), ...owedAt(ofIt) };
  });
}

type Health = Pick<DestinationReport, "health" | "since" | "until" | "failure">;

function healthOf(type: string | undefined, state: DestinationState | undefined, now: number): Health {
  if (type === undefined) return { health: "removed" };
  if (state?.brokenReason !== undefined)
    return {
      health: "broken",
      ...(state.brokenSince !== undefined && { since: state.brokenSince }),
      until: state.probeAt,
      failure: failureReport(state.brokenReason),
    };
  if (state !== undefined && state.pausedUntil > now)
    return { health: "paused", until: state.pausedUntil, failure: failureReport("rate_limited") };
  return { health: "well" };
}

function owedAt(counts: readonly ConversationCount[]) {
  const sum = (state: ConversationState, held?: boolean): number =>
    counts
      .filter((one) => one.state === state && (held === undefined || one.held === held))
      .reduce((total, { count }) => total + count, 0);
  const late = counts.filter(({ state, held, count }) => state === "pending" && !held && count > 0);
  return {
    waiting: sum("pending"),
    held: sum("pending", true),
    dead: sum("dead"),
    ...(late.length > 0 && { oldestWaitingSince: Math.min(...late.map((one) => one.oldestPendingSince)) }),
  };
}
