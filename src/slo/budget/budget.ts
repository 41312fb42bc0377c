import { days, hours, inSeconds, seconds, type Duration } from "../../core/duration.ts";
import type { Slo } from "../model.ts";
import { exact } from "../rules/context.ts";
import { tiersOf } from "../tiers.ts";
import { gridTime, ratioOfSum, SLICE, timeOf, type GroupHistory, type Sum } from "./increments.ts";
import type { Span } from "./spans.ts";
import { tallyOf, type GroupTally, type Tally } from "./tally.ts";
import { boundsAt, type WindowBounds } from "./window.ts";

/** By which window it is told how fast the budget burns now. */
const NOW = hours(1);
const DAY = days(1);

/** How fast the budget burnt over a window that ends now; 1 uses it up just at the end of the SLO's own window. */
export interface Burn {
  readonly window: Duration;
  readonly ratio: number;
  readonly burn: number;
}

/** The error budget of an SLO, or of one group of it, at a moment. What is not known is undefined. */
export interface Budget {
  readonly sloId: string;
  readonly group: Readonly<Record<string, string>>;
  /** Unix seconds: the last full 5 minutes. */
  readonly at: number;
  readonly window: WindowBounds;
  /** Events in the window and those of them that failed; slices of time where these are what counts. */
  readonly events: number;
  readonly errors: number;
  /** Share of failed events in the window; undefined without any event. */
  readonly ratio: number | undefined;
  /**
   * Share of the budget that is left, below 0 when overspent; 1 without any event, undefined when nothing was measured.
   */
  readonly left: number | undefined;
  /** How fast the budget burnt in the last hour; undefined without any event in it. */
  readonly burn: number | undefined;
  /** The same over 5 minutes and every window of the burn rate table, those that are known, from short to long. */
  readonly burns: readonly Burn[];
  /** Share of the window's time, but for what is excluded, in which it was measured: 0 to 1. */
  readonly coverage: number;
  /** How much time that is. */
  readonly measuredTime: Duration;
  /**
   * Unix seconds: when the first 5 minutes that were measured ended, as far back as is looked at; undefined for never.
   */
  readonly since: number | undefined;
  /**
   * Whether it was measured lately, so that what happens now is a part of it; true while maintenance is all there is.
   */
  readonly isCurrent: boolean;
  /**
   * Until nothing is left at the rate of the last hour, 0 when nothing is; undefined when it will not happen in this
   * window.
   */
  readonly exhaustedIn: Duration | undefined;
  /** Time of slices in which more failed than the objective allows. */
  readonly badTime: Duration;
}

/** Share of events that may fail, without the dust of binary fractions. */
export const allowedOf = ({ objective }: Pick<Slo, "objective">): number => exact(1 - objective);

/** Whether an SLO counts time, so that the whole budget of a month is known on its first day. */
export const countsTime = ({ sli, timeslices }: Slo): boolean =>
  timeslices !== undefined || sli.kind === "ratio" || (sli.kind === "composite" && sli.method !== "occurrences");

/**
 * Whether the budget is one of the whole window, also of what is still to come of it; otherwise it is a share of what
 * was measured, so that what is left says the same of a rolling window and of a month that a report looks at.
 */
export const countsAhead = (slo: Slo): boolean => slo.window.kind === "calendar" && countsTime(slo);

/** The budget at a moment (Unix seconds) from a history, as {@link budgetOf}. */
export const budgetAt = (slo: Slo, { group, history }: GroupHistory, at: number, bounds?: WindowBounds): Budget =>
  budgetOf(slo, { group, tally: tallyOf(history, allowedOf(slo)) }, at, bounds);

/**
 * The budget at a moment (Unix seconds), sum over sum, so exact; over the SLO's own window or other bounds. A budget of
 * time over a calendar window is one of the whole window: what is still to come counts as time, what was not measured
 * does not.
 */
export function budgetOf(slo: Slo, { group, tally }: GroupTally, at: number, bounds?: WindowBounds): Budget {
  const now = gridTime(at);
  const window = bounds ?? boundsAt(slo.window, now);
  const sum = tally.sum(window);
  const allowed = allowedOf(slo);
  const left = leftOf(sum, allowed, countsAhead(slo) ? tally.sum({ from: window.to, to: window.end }).slices : 0);
  const ratioNow = ratioOfSum(tally.sum(lately(window.to, NOW)));
  const burn = ratioNow === undefined ? undefined : ratioNow / allowed;
  return {
    sloId: slo.id,
    group,
    at: now,
    window,
    events: sum.total,
    errors: sum.errors,
    ratio: ratioOfSum(sum),
    left,
    burn,
    burns: burnsAt(slo, tally, window.to),
    coverage: coverageOf(sum),
    measuredTime: timeOf(sum.measured),
    since: tally.since,
    isCurrent: isCurrent(slo, tally, now),
    exhaustedIn: exhaustion(slo, left, burn, window),
    badTime: timeOf(sum.bad),
  };
}

const lately = (at: number, window: Duration): Span => ({ from: at - inSeconds(window), to: at });

/** Share of the budget left after a sum; `ahead` is what will still be counted of the window, where that is known. */
export function leftOf({ total, errors, measured }: Sum, allowed: number, ahead = 0): number | undefined {
  if (measured === 0) return undefined;
  const counted = total + ahead;
  return counted > 0 ? 1 - errors / counted / allowed : 1;
}

/** Share of time in which it was measured; what nothing counts in was measured in no part of it. */
export const coverageOf = ({ measured, slices }: Sum): number => (slices === 0 ? 0 : measured / slices);

/** A ratio is not known while nothing happens, so that a quiet night is no sign that nothing is measured. */
function isCurrent({ sli }: Slo, tally: Tally, at: number): boolean {
  const { measured, slices } = tally.sum(lately(at, sli.kind === "events" ? NOW : DAY));
  return measured > 0 || slices === 0;
}

function burnsAt(slo: Slo, tally: Tally, at: number): Burn[] {
  const allowed = allowedOf(slo);
  return burnWindows(slo).flatMap((window) => {
    const ratio = ratioOfSum(tally.sum(lately(at, window)));
    return ratio === undefined ? [] : [{ window, ratio, burn: ratio / allowed }];
  });
}

const burnWindows = (slo: Slo): readonly Duration[] =>
  [...new Set([SLICE, ...tiersOf(slo).flatMap(({ long, short }) => [short, long])])].toSorted((a, b) => a - b);

/**
 * A rolling window, and a budget of time, lose `burn` of the budget in each length of the window. The budget of events
 * of a calendar window grows with the events, by as much as a burn of 1 takes from it.
 */
function exhaustion(
  slo: Slo,
  left: number | undefined,
  burn: number | undefined,
  { from, to, end }: WindowBounds,
): Duration | undefined {
  if (left === undefined) return undefined;
  if (left <= 0) return seconds(0);
  if (burn === undefined) return undefined;
  const rolling = slo.window.kind === "rolling";
  const grows = !rolling && !countsTime(slo);
  const pace = grows ? burn - 1 : burn;
  if (pace <= 0) return undefined;
  const after = Math.round((left * ((grows ? to : end) - from)) / pace);
  return Number.isSafeInteger(after * 1_000) && (rolling || to + after <= end) ? seconds(after) : undefined;
}

/** What a source must be asked for, so that the budget at a moment and all its windows can be told. */
export function neededSpan(slo: Slo, at: number): Span {
  const { to } = boundsAt(slo.window, gridTime(at));
  return { from: Math.min(...beginningsAt(slo, at)), to };
}

/** Where the windows of a budget at a moment begin; only days in which one does are not taken whole. */
export function beginningsAt(slo: Slo, at: number): readonly number[] {
  const { from, to } = boundsAt(slo.window, gridTime(at));
  return [from, ...[NOW, DAY, ...burnWindows(slo)].map((window) => to - inSeconds(window))];
}
