import { days, hours, minutes, type Duration } from "../core/duration.ts";
import type { Slo, SloWindow, Tier } from "./model.ts";

/**
 * The burn rate table of the SRE workbook (table 5-8: 2 % of the budget in an hour, 5 % in six, 10 % in three days)
 * with the usual row between, 10 % in a day; the short window is a twelfth of the long one, so that an alert ends soon
 * after its cause.
 * Source: https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts
 */
const TABLE = [
  { alert: "page", budget: 0.02, long: hours(1), short: minutes(5), for: minutes(0), keepFiringFor: minutes(15) },
  { alert: "page", budget: 0.05, long: hours(6), short: minutes(30), for: minutes(0), keepFiringFor: minutes(30) },
  { alert: "ticket", budget: 0.1, long: days(1), short: hours(2), for: minutes(15), keepFiringFor: hours(1) },
  { alert: "ticket", budget: 0.1, long: days(3), short: hours(6), for: minutes(30), keepFiringFor: hours(2) },
] as const;

/** Below this the same shares of a budget would mean rates that the objective allows: no alert should tell of those. */
const LEAST_PERIOD = days(28);

const CALENDAR_LENGTHS = { week: days(7), month: days(30), quarter: days(90), year: days(365) } as const;

/** How long a window is; of a calendar one the usual length, since rules can not know where a month begins. */
export const lengthOf = (window: SloWindow): Duration =>
  window.kind === "rolling" ? window.length : CALENDAR_LENGTHS[window.unit];

const known = new Map<Duration, readonly Tier[]>();

/**
 * The table for a window: the same shares of its budget in the same times, so that the factor grows with the window. A
 * window shorter than four weeks has the factors of four weeks, and only the rows that fit into it at least twice.
 */
export function tiersFor(window: SloWindow): readonly Tier[] {
  const period = lengthOf(window);
  // thousands of SLOs have a handful of windows
  const tiers = known.get(period) ?? tableFor(period);
  known.set(period, tiers);
  return tiers;
}

function tableFor(period: Duration): readonly Tier[] {
  const counted = Math.max(period, LEAST_PERIOD);
  return TABLE.filter(({ long }) => long * 2 <= period).map(({ budget, ...row }) => ({
    ...row,
    factor: Number(((budget * counted) / row.long).toPrecision(4)),
  }));
}

/** The table of an SLO: its own, or that of the engine for its window. */
export const tiersOf = ({ alerting, window }: Slo): readonly Tier[] => alerting.tiers ?? tiersFor(window);
