import { inSeconds, type Duration } from "../../core/duration.ts";
import { allowedOf } from "../budget/budget.ts";
import {
  FRESH,
  ratioOfSum,
  SLICE_SECONDS,
  strideOf,
  sumOf,
  sumUntil,
  type History,
  type Sum,
} from "../budget/increments.ts";
import type { Span } from "../budget/spans.ts";
import type { Slo, Tier } from "../model.ts";
import { isExact } from "../rules/context.ts";
import { ESTIMATE } from "../rules/sums.ts";
import { tiersOf } from "../tiers.ts";

/** One time that an alert would have fired, Unix seconds. */
export interface Firing {
  readonly from: number;
  /** Undefined: it still fires at the end. */
  readonly to: number | undefined;
  /** When its condition first held, which is `from` less its `for`. */
  readonly pendingSince: number;
  /** The windows that made it fire first. */
  readonly long: Duration;
  readonly short: Duration;
  /** Fastest burn that the long windows showed while it fired; 1 is what the objective allows. */
  readonly peakBurn: number;
}

/**
 * What an SLO, or one group of it, counted: `counted` for its ratios, `events` for its minimum where time slices are
 * counted.
 */
export interface Counts {
  readonly counted: History;
  readonly events: History;
}

/** Whether a tier burns too fast at a moment, and how fast. */
type Look = { readonly tier: Tier; readonly burn: number } | undefined;

/**
 * When the page or the ticket would have fired in a span: the rules' own condition at each step of the history, with
 * `for` and `keep_firing_for`. What rules know before the span counts too, as far as the history goes back.
 */
export function firingsOf(slo: Slo, counts: Counts, which: Tier["alert"], { from, to }: Span): readonly Firing[] {
  const tiers = tiersOf(slo).filter(({ alert }) => alert === which);
  if (tiers.length === 0 || !slo.alerting[which].enabled) return [];
  const alert = new Alert(tiers);
  const looking = { slo, counts, isStepped: isExact(slo) };
  const { step } = counts.counted;
  for (let at = (Math.floor(from / step) + 1) * step; at <= to; at += step) alert.look(at, lookAt(looking, tiers, at));
  return alert.ended();
}

/** What an alert looks at. */
interface Looking {
  readonly slo: Slo;
  readonly counts: Counts;
  /** Whether the SLO's events are added up step by step, and not from estimates of 5 minutes. */
  readonly isStepped: boolean;
}

function lookAt(looking: Looking, tiers: readonly Tier[], at: number): Look {
  const allowed = allowedOf(looking.slo);
  const found = tiers.flatMap((tier) => {
    const burn = burning(looking, tier, at, allowed);
    return burn === undefined ? [] : [{ tier, burn }];
  });
  return found.reduce<Look>((a, b) => (a === undefined || b.burn > a.burn ? b : a), undefined);
}

/**
 * The long window's burn; undefined when the tier is quiet. The short one is looked at first, since it nearly always
 * is.
 */
function burning(looking: Looking, tier: Tier, at: number, allowed: number): number | undefined {
  const { slo, counts } = looking;
  const isStepped = looking.isStepped && slo.timeslices === undefined;
  const { long, short, factor } = tier;
  const burns = (window: Duration): number =>
    (ratioOfSum(windowSum(counts.counted, at, window, isStepped)) ?? 0) / allowed;
  if (!(burns(short) > factor)) return undefined;
  const burn = burns(long);
  return burn > factor && isEnough(looking, long, at) ? burn : undefined;
}

function isEnough({ slo, counts: { events }, isStepped }: Looking, long: Duration, at: number): boolean {
  const { sli, minimum } = slo;
  if (sli.kind !== "events") return true;
  const sum = windowSum(events, at, long, isStepped);
  // estimates at a finer step count each event several times
  const times = isStepped ? 1 : (ESTIMATE * SLICE_SECONDS) / strideOf(events, inSeconds(long));
  const reaches = (count: number, least: number): boolean => count >= least * times;
  // failures are events too, so that a smaller minimum of events says nothing
  const says = minimum.events > Math.max(minimum.failures, 1);
  return reaches(sum.errors, minimum.failures) && (!says || reaches(sum.total, minimum.events));
}

function windowSum(history: History, at: number, window: Duration, isStepped: boolean): Sum {
  const length = inSeconds(window);
  if (isStepped && length <= FRESH) return sumUntil(history, at, window);
  return sumOf(history, { from: length <= SLICE_SECONDS ? at - 1 : at - length, to: at }, strideOf(history, length));
}

/**
 * An alert of Prometheus: pending, firing, kept firing. Source:
 * https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
 */
class Alert {
  readonly #for: number;
  readonly #keep: number;
  readonly #done: Firing[] = [];
  #pendingSince: number | undefined;
  #firing: Firing | undefined;
  #quietSince: number | undefined;

  constructor(tiers: readonly Tier[]) {
    this.#for = Math.min(...tiers.map((tier) => inSeconds(tier.for)));
    this.#keep = Math.max(...tiers.map(({ keepFiringFor }) => inSeconds(keepFiringFor)));
  }

  look(at: number, look: Look): void {
    if (look === undefined) this.#quiet(at);
    else this.#burns(at, look);
  }

  ended(): readonly Firing[] {
    return this.#firing === undefined ? this.#done : [...this.#done, this.#firing];
  }

  #burns(at: number, { tier, burn }: NonNullable<Look>): void {
    this.#pendingSince ??= at;
    this.#quietSince = undefined;
    if (this.#firing !== undefined) {
      this.#firing = { ...this.#firing, peakBurn: Math.max(this.#firing.peakBurn, burn) };
    } else if (at - this.#pendingSince >= this.#for) {
      const { long, short } = tier;
      this.#firing = { from: at, to: undefined, pendingSince: this.#pendingSince, long, short, peakBurn: burn };
    }
  }

  #quiet(at: number): void {
    this.#quietSince ??= at;
    if (this.#firing !== undefined && at - this.#quietSince < this.#keep) return;
    if (this.#firing !== undefined) this.#done.push({ ...this.#firing, to: at });
    this.#firing = undefined;
    this.#pendingSince = undefined;
  }
}

/** How far back rules look from a moment at most. */
export const lookback = (slo: Slo): number =>
  Math.max(SLICE_SECONDS, ...tiersOf(slo).map(({ long }) => inSeconds(long)));
