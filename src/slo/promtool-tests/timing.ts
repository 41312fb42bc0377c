import { milliseconds, minutes, type Duration } from "../../core/duration.ts";
import type { Slo } from "../model.ts";
import type { Stepping } from "../promql/steps.ts";
import { isExact } from "../rules/context.ts";
import { writtenTiers } from "./burn-levels.ts";

/** How often what is tested happens. */
export interface Timing {
  /** Between two samples of an input series: a step where steps are counted, so that none is empty. */
  readonly sampling: Duration;
  /** Between two evaluations in the cases that take minutes. */
  readonly interval: Duration;
  /** How counters are read; undefined where nothing is counted step by step. */
  readonly stepping: Stepping | undefined;
}

/**
 * Between two evaluations in the cases that wait for a ticket, as in life. Of steps it sees one in so many, of failures
 * as of events, so that ratios are what they are; rules of a month are what makes tests slow.
 */
export const LONG_INTERVAL = minutes(2);

/** The timing of an SLO that is tested together with its members. */
export const timingOf = (slos: readonly Slo[], stepping: Stepping): Timing =>
  slos.some(isExact)
    ? { sampling: stepping.step, interval: stepping.step, stepping }
    : { sampling: minutes(1), interval: LONG_INTERVAL, stepping: undefined };

/** From an event until the evaluation that counts its step. */
export const delayOf = ({ stepping }: Timing): Duration =>
  milliseconds(stepping === undefined ? 0 : Math.ceil((stepping.lag + stepping.step) / stepping.step) * stepping.step);

/** Until every page that must fire does; longer windows than an hour have their first value after 5 minutes. */
export function quickLength(slo: Slo, timing: Timing): Duration {
  const settled = timing.stepping === undefined ? minutes(10) : milliseconds(minutes(5) + delayOf(timing));
  return roundedUp(milliseconds(waitOf(slo, "page") + settled), minutes(2));
}

/** Until every alert that must fire does, the one that nothing is measured among them. */
export function longLength(slo: Slo): Duration {
  const wait = Math.max(NO_DATA_WAIT, waitOf(slo, "page"), waitOf(slo, "ticket"));
  return roundedUp(milliseconds(wait + minutes(10)), minutes(10));
}

const NO_DATA_WAIT = minutes(15);

/** The rules raise one alert for all of its tiers, as soon as the quickest. */
export function waitOf(slo: Slo, which: "page" | "ticket"): Duration {
  const own = writtenTiers(slo).filter(({ alert }) => alert === which);
  return milliseconds(own.length === 0 ? 0 : Math.min(...own.map((tier) => tier.for)));
}

/** A multiple of a duration that is not shorter than another. */
export const roundedUp = (length: Duration, of: Duration): Duration => milliseconds(Math.ceil(length / of) * of);
