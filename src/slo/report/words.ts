import { inWords } from "../../lib/times.ts";
import type { Budget } from "../budget/budget.ts";
import { percent } from "../percent.ts";
import { LEAST_COVERAGE, type Report, type ReportIncident, type ReportRow, type ReportStatus } from "./report.ts";
import { writeTime } from "./period.ts";

/** What reports say, in every form of them. */

export const STATUS: Readonly<Record<ReportStatus, string>> = {
  missed: "missed",
  at_risk: "at risk",
  met: "met",
  unknown: "not known",
};

/** Id of a row with the labels of its group. */
export function rowName({ slo, budget }: ReportRow): string {
  const labels = Object.entries(budget.group).map(([label, value]) => `${label}="${value}"`);
  return labels.length === 0 ? slo.id : `${slo.id} {${labels.join(", ")}}`;
}

/** `1 missed, 2 met`. */
export const countsInWords = ({ counts }: Report): string => {
  const parts = (["missed", "at_risk", "unknown", "met"] as const)
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${STATUS[status]}`);
  return parts.length === 0 ? "no objectives" : parts.join(", ");
};

/** The share of good events; words where it is not known. */
export function goodInWords({ ratio, coverage }: Budget): string {
  if (ratio !== undefined) return percent(1 - ratio);
  return coverage > 0 ? "no events" : "not measured";
}

/** What is left of the budget. */
export const leftInWords = ({ left }: Budget): string => (left === undefined ? "not known" : percent(left));

/** Time in which more failed than the objective allows. */
export const badInWords = ({ badTime, coverage }: Budget): string =>
  coverage === 0 ? "not known" : badTime === 0 ? "none" : inWords(badTime);

/** What may be hidden: the time that was not measured; undefined when all of it was. */
export function gapInWords({ status, budget: { coverage, window } }: ReportRow): string | undefined {
  if (coverage >= 1) return undefined;
  if (coverage === 0) return "Nothing was measured: nothing is known.";
  const missing = inWords((1 - coverage) * (window.to - window.from) * 1_000);
  const limit = status === "unknown" ? ` Nobody can say that it was met of less than ${percent(LEAST_COVERAGE)}.` : "";
  return `Measured for ${percent(coverage)} of the time: what happened in the other ${missing} is not known.${limit}`;
}

/** What was taken out, each once: when, why and, unless it was of all, of which objectives. */
export function exclusionsInWords({ rows, period: { timeZone } }: Report): readonly string[] {
  const times = Map.groupBy(
    rows.flatMap((row) => row.excluded.map((of) => ({ ...of, row }))),
    ({ from, to, reason }) => JSON.stringify([from, to, reason]),
  );
  return [...times.values()]
    .toSorted(([a], [b]) => (a?.from ?? 0) - (b?.from ?? 0))
    .flatMap((same) => {
      const [first] = same;
      if (first === undefined) return [];
      const whose = same.length === rows.length ? "" : ` (${same.map(({ row }) => rowName(row)).join(", ")})`;
      return [`${writeTime(first.from, timeZone)} to ${writeTime(first.to, timeZone)}: ${first.reason}${whose}`];
    });
}

/** Of what a budget is a share where that is not what was measured; undefined where none is such a one. */
export function baseInWords({ rows }: Report): string | undefined {
  const ids = new Set(rows.flatMap((row) => (row.countsAhead ? [row.slo.id] : [])));
  return ids.size === 0
    ? undefined
    : `Budgets of time are of the whole period, also of what is still to come of it: ${[...ids].join(", ")}.`;
}

/** One incident: when, how long, what it took. */
export const incidentInWords = (
  { from, to, badTime, events, errors, consumed }: ReportIncident,
  zone: string,
): string =>
  `${writeTime(from, zone)} to ${writeTime(to, zone)}: ${percent(consumed)} of the budget, ` +
  `${percent(errors / events)} failed, ${inWords(badTime)} bad`;
