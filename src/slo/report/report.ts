import { incidentsIn, type Incident } from "../budget/bad-time.ts";
import { allowedOf, budgetAt, countsAhead, type Budget } from "../budget/budget.ts";
import { excludedTimes, type ExcludedTime, type Exclusion } from "../budget/exclusions.ts";
import { sumOf, type GroupHistory } from "../budget/increments.ts";
import { readHistories } from "../budget/read.ts";
import type { Span } from "../budget/spans.ts";
import type { HistorySource } from "../budget/source.ts";
import type { Slo } from "../model.ts";
import { courseOf, gapsIn, type CoursePoint } from "./course.ts";
import type { ReportPeriod } from "./period.ts";

/** Below this share of the budget an objective that is met is said to be at risk. */
const RISK = 0.25;
/** Of less than this share of the time measured nobody can say that an objective was met. */
export const LEAST_COVERAGE = 0.5;
/** That of a policy that says nothing else. */
const MIN_COVERAGE = 0.1;
const MOST_INCIDENTS = 10;
/** What took a smaller share of the budget is no incident of its own. */
const LEAST_CONSUMED = 0.01;

/** How an objective did; `unknown` when too little was measured to say that it was met. */
export type ReportStatus = "missed" | "at_risk" | "met" | "unknown";

/** Something that consumed budget, and how much: 1 is all that the period allows. */
export interface ReportIncident extends Incident {
  readonly consumed: number;
}

/** One objective, or one group of it, over the period. */
export interface ReportRow {
  readonly slo: Pick<Slo, "id" | "service" | "name" | "description" | "objective">;
  readonly status: ReportStatus;
  /** Over the bounds of the period, whatever the objective's own window is. */
  readonly budget: Budget;
  /** Those that consumed most, most first; none while it is not known what there is to consume. */
  readonly incidents: readonly ReportIncident[];
  readonly excluded: readonly ExcludedTime[];
  /** Times of an hour and more in which nothing was measured. */
  readonly gaps: readonly Span[];
  readonly course: readonly CoursePoint[];
  /** Whether the budget is one of the whole period, of which a part is still to come. */
  readonly countsAhead: boolean;
}

/** A report, whole: its JSON form is this. */
export interface Report {
  readonly period: ReportPeriod;
  /** When it was made, Unix seconds. */
  readonly at: number;
  /** Worst first: missed, at risk, unknown, met; each by what is left. */
  readonly rows: readonly ReportRow[];
  readonly counts: Readonly<Record<ReportStatus, number>>;
}

/** What a report is made of. */
export interface ReportOptions {
  readonly source: HistorySource;
  readonly period: ReportPeriod;
  readonly exclusions?: readonly Exclusion[];
  /** Unix seconds. */
  readonly at: number;
  /** Share of the time that must be measured for what is left to be known, as a policy says it; 0.1 unless given. */
  readonly minCoverage?: number;
  readonly signal?: AbortSignal;
}

/** Reports on SLOs over a period. Throws `CollectError` when the source could not be asked. */
export async function reportOn(slos: readonly Slo[], options: ReportOptions): Promise<Report> {
  const { period, at, exclusions = [] } = options;
  const { from, to, end } = period.bounds;
  const histories = await readHistories(slos, { from, to }, options, end);
  const rows = slos.flatMap((slo) => {
    const excluded = excludedTimes(exclusions, slo, { from, to });
    return (histories.get(slo.id) ?? []).map((of) => rowOf(slo, of, options, excluded));
  });
  const counts = { missed: 0, at_risk: 0, met: 0, unknown: 0 };
  for (const { status } of rows) counts[status]++;
  return { period, at, rows: rows.toSorted(byTrouble), counts };
}

function rowOf(
  slo: Slo,
  of: GroupHistory,
  { period: { bounds }, minCoverage = MIN_COVERAGE }: ReportOptions,
  excluded: readonly ExcludedTime[],
): ReportRow {
  const { id, service, name, description, objective } = slo;
  const budget = knownBudget(budgetAt(slo, of, bounds.to, bounds), minCoverage);
  const ahead = countsAhead(slo) ? sumOf(of.history, { from: bounds.to, to: bounds.end }).slices : 0;
  const allowed = allowedOf(slo);
  const counted = budget.events + ahead;
  const consumed = ({ errors }: Incident): number => errors / counted / allowed;
  const known = budget.left === undefined ? [] : incidentsIn(of.history, bounds, allowed);
  const incidents = known
    .map((incident) => ({ ...incident, consumed: consumed(incident) }))
    .filter((incident) => incident.consumed >= LEAST_CONSUMED)
    .toSorted((a, b) => b.consumed - a.consumed || a.from - b.from)
    .slice(0, MOST_INCIDENTS);
  return {
    slo: { id, service, name, description, objective },
    status: statusOf(budget),
    budget,
    incidents,
    excluded,
    gaps: gapsIn(of.history, bounds),
    course: courseOf(of.history, bounds, allowed, counted),
    countsAhead: ahead > 0,
  };
}

/** Without what too little was measured to tell, as gates and pages do. */
const knownBudget = (budget: Budget, minCoverage: number): Budget =>
  budget.coverage < minCoverage ? { ...budget, left: undefined, exhaustedIn: undefined } : budget;

function statusOf({ left, coverage }: Budget): ReportStatus {
  if (left === undefined) return "unknown";
  if (left < 0) return "missed";
  if (coverage < LEAST_COVERAGE) return "unknown";
  return left < RISK ? "at_risk" : "met";
}

const RANK: Record<ReportStatus, number> = { missed: 0, at_risk: 1, unknown: 2, met: 3 };

const byTrouble = (a: ReportRow, b: ReportRow): number =>
  RANK[a.status] - RANK[b.status] ||
  (a.budget.left ?? 1) - (b.budget.left ?? 1) ||
  (a.slo.id < b.slo.id ? -1 : a.slo.id > b.slo.id ? 1 : 0);
