import { days } from "../../core/duration.ts";
import type { Route, TimeInterval } from "../../core/routing.ts";
import { contains, steadyUntil } from "./time-ranges.ts";

/** Farther nobody looks: what holds for longer is said to hold until then. */
export const HORIZON = days(366);

/** Why a route holds its messages back. */
export type Hold =
  | { readonly kind: "mute"; readonly interval: TimeInterval }
  | { readonly kind: "inactive"; readonly intervals: readonly TimeInterval[] };

/**
 * Why the route holds its messages at a moment: an interval that mutes it, or that no active one has come; else
 * undefined.
 */
export function holdAt(route: Route, intervals: readonly TimeInterval[], at: Date): Hold | undefined {
  const { muting, active } = intervalsOf(route, intervals);
  const interval = muting.find((one) => contains(one, at.getTime()));
  if (interval !== undefined) return { kind: "mute", interval };
  const isActive = active.length === 0 || active.some((one) => contains(one, at.getTime()));
  return isActive ? undefined : { kind: "inactive", intervals: active };
}

/** What was found for a route stays true until then: deliveries ask again and again while they are held. */
const found = new WeakMap<Route, { intervals: readonly TimeInterval[]; from: number; until: number }>();

/**
 * The first minute at which the route no longer holds its messages back: it is in no mute interval and, when there are
 * active ones, in one of them. Undefined when it holds nothing at `at`; a year ahead when it holds for longer than
 * that.
 */
export function heldUntil(route: Route, intervals: readonly TimeInterval[], at: Date): Date | undefined {
  const from = at.getTime();
  const known = found.get(route);
  if (known?.intervals === intervals && known.from <= from && from < known.until) return new Date(known.until);
  if (holdAt(route, intervals, at) === undefined) return undefined;
  const until = endOfHold(route, intervals, from);
  found.set(route, { intervals, from, until });
  return new Date(until);
}

function endOfHold(route: Route, intervals: readonly TimeInterval[], from: number): number {
  const { muting, active } = intervalsOf(route, intervals);
  const ranges = [...muting, ...active].flatMap((interval) => interval.ranges);
  const end = from + HORIZON;
  let at = from;
  while (at < end && holdAt(route, intervals, new Date(at)) !== undefined)
    at = Math.min(end, ...ranges.map((range) => Math.max(at + 1, steadyUntil(range, at))));
  return at;
}

function intervalsOf({ muteTimeIntervals, activeTimeIntervals }: Route, intervals: readonly TimeInterval[]) {
  const named = (names: readonly string[]): readonly TimeInterval[] =>
    intervals.filter(({ name }) => names.includes(name));
  return { muting: named(muteTimeIntervals), active: named(activeTimeIntervals) };
}
