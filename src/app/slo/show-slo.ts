import { formatDuration, inSeconds } from "../../core/duration.ts";
import { countsTime, type Budget } from "../../slo/budget/budget.ts";
import type { HistorySource } from "../../slo/budget/source.ts";
import type { Slo, Tier } from "../../slo/model.ts";
import { memoryKey } from "../../slo/gate.ts";
import { HEALTHY, isKnown, UNKNOWN } from "../../slo/policy/state.ts";
import type { Policy } from "../../slo/policy/schema.ts";
import { reportPeriod } from "../../slo/report/period.ts";
import { reportOn, type ReportRow } from "../../slo/report/report.ts";
import { tiersOf } from "../../slo/tiers.ts";
import { writeEntry, type WrittenEntry } from "./audit.ts";
import { summaryOf, type SloSummary } from "./list-slos.ts";
import type { SloState } from "./state.ts";

/** More groups than a person looks at. */
const MOST_GROUPS = 20;
const MOST_AUDIT = 20;

/** The budget of one group as it was read at `at` of the SLO. What is not known is null; times are Unix seconds. */
export interface GroupBudget {
  readonly group: Readonly<Record<string, string>>;
  readonly from: number;
  readonly to: number;
  /** When the window ends; of a rolling one it is `to`. */
  readonly end: number;
  readonly events: number | null;
  readonly errors: number | null;
  /** Share of good events. */
  readonly good: number | null;
  /** `healthy`, `unknown` or a state of the policy. */
  readonly state: string;
  readonly budgetRemaining: number | null;
  readonly burn: number | null;
  readonly coverage: number;
  readonly measuredSeconds: number;
  readonly exhaustedInSeconds: number | null;
  readonly badSeconds: number | null;
  /** How fast the budget burns over each window that is known, from short to long. */
  readonly burns: readonly { readonly window: string; readonly burn: number }[];
}

/** One row of the burn rate table, as it stands in the group that burns fastest. */
export interface TierNow {
  readonly alert: Tier["alert"];
  readonly enabled: boolean;
  readonly long: string;
  readonly short: string;
  readonly factor: number;
  /** How long both windows must burn faster before it alerts. */
  readonly forSeconds: number;
  readonly burnLong: number | null;
  readonly burnShort: number | null;
  /** Whether both windows burn faster than the factor; null when one is not known. */
  readonly burning: boolean | null;
}

/** Everything of one SLO. */
export interface SloDetail extends SloSummary {
  readonly at: string | null;
  readonly policy: string;
  /** Whether it is time that may fail, and not a share of events. */
  readonly countsTime: boolean;
  /** Where it is written. */
  readonly source: string;
  /** What is asked of Prometheus; none of a composite. */
  readonly queries: readonly { readonly what: string; readonly promql: string }[];
  readonly tiers: readonly TierNow[];
  /** Those with the least budget left, 20 at most. */
  readonly budgets: readonly GroupBudget[];
  /** What gates answered and how states changed, newest first. */
  readonly audit: readonly WrittenEntry[];
}

/** How the budget of an SLO went, group by group, worst first; or why that is not known. */
export interface SloCourse {
  readonly rows: readonly ReportRow[];
  readonly trouble?: string;
}

/** Everything of one SLO; undefined for an unknown id. */
export function showSlo(id: string, state: SloState): SloDetail | undefined {
  const { byId, snapshot, policy, audit, trouble } = state;
  const slo = byId.get(id);
  if (slo === undefined) return undefined;
  const budgets = leastLeft(snapshot?.budgets.get(id) ?? [], policy);
  const { file, line } = slo.source;
  return {
    ...summaryOf(slo, state),
    at: snapshot === undefined ? null : new Date(snapshot.at * 1_000).toISOString(),
    policy: policy.name,
    countsTime: countsTime(slo),
    source: `${file}:${line}`,
    queries: queriesOf(slo),
    tiers: tiersOf(slo).map((tier) => tierNow(slo, tier, trouble === undefined ? budgets : [])),
    budgets: budgets.slice(0, MOST_GROUPS).map((of) => groupBudget(of, state)),
    audit: audit.recent(id, MOST_AUDIT).map(writeEntry),
  };
}

/** How the budget went over the SLO's own window, group by group, worst first. Throws `CollectError`. */
export async function readCourse(id: string, state: SloState, signal: AbortSignal): Promise<readonly ReportRow[]> {
  const { byId, config, policy } = state;
  const slo = byId.get(id);
  if (slo === undefined) return [];
  const at = Math.floor(Date.now() / 1_000);
  const period = reportPeriod(slo.window, at, "current");
  const source = worstOf(slo, state);
  const minCoverage = policy.min_coverage;
  const { rows } = await reportOn([slo], { source, period, exclusions: config.exclusions, at, signal, minCoverage });
  return rows.slice(0, MOST_GROUPS);
}

/** Only what will be shown is kept: each group's history takes 140 kB for a month. */
function worstOf(slo: Slo, { source, snapshot, policy }: SloState): HistorySource {
  const keyOf = (labels: Budget["group"]): string => JSON.stringify(slo.groupBy.map((label) => labels[label] ?? ""));
  const worst = leastLeft(snapshot?.budgets.get(slo.id) ?? [], policy).slice(0, MOST_GROUPS);
  if (worst.length < MOST_GROUPS) return source;
  const shown = new Set(worst.map(({ group }) => keyOf(group)));
  return { read: (slos, span, signal) => source.read(slos, span, signal, (labels) => shown.has(keyOf(labels))) };
}

/** Those of which too little is known come last. */
function leastLeft(budgets: readonly Budget[], policy: Policy): readonly Budget[] {
  const rank = (budget: Budget): number => (isKnown(policy, budget) ? (budget.left ?? 2) : Number.MAX_VALUE);
  return budgets.toSorted((a, b) => rank(a) - rank(b));
}

function queriesOf({ sli }: Slo): SloDetail["queries"] {
  if (sli.kind === "composite") return [];
  if (sli.kind === "ratio") return [{ what: "share of errors", promql: sli.errorRatio.text }];
  return [
    { what: "all", promql: sli.total.text },
    { what: "failed", promql: sli.errors.text },
  ];
}

function groupBudget(budget: Budget, { policy, audit }: SloState): GroupBudget {
  const { sloId, group, window, events, errors, ratio, left, burn, burns, coverage, badTime } = budget;
  const isMeasured = left !== undefined;
  const state = audit.memory.get(memoryKey(sloId, group))?.state ?? HEALTHY;
  // what was well when the measuring ended says nothing of now, as gates see it
  const known = isKnown(policy, budget) && (budget.isCurrent || state !== HEALTHY) ? budget : undefined;
  const exhaustedIn = known?.exhaustedIn;
  return {
    group,
    ...window,
    events: isMeasured ? events : null,
    errors: isMeasured ? errors : null,
    good: ratio === undefined ? null : 1 - ratio,
    state: known === undefined ? UNKNOWN : state,
    budgetRemaining: known?.left ?? null,
    burn: burn ?? null,
    coverage,
    measuredSeconds: inSeconds(budget.measuredTime),
    exhaustedInSeconds: exhaustedIn === undefined ? null : inSeconds(exhaustedIn),
    badSeconds: isMeasured ? inSeconds(badTime) : null,
    burns: burns.map((of) => ({ window: formatDuration(of.window), burn: of.burn })),
  };
}

function tierNow(slo: Slo, { alert, long, short, factor, for: hold }: Tier, budgets: readonly Budget[]): TierNow {
  const burnOver = ({ burns }: Budget, window: number): number | undefined =>
    burns.find((of) => of.window === window)?.burn;
  const least = (budget: Budget): number => Math.min(burnOver(budget, long) ?? -1, burnOver(budget, short) ?? -1);
  const [worst] = budgets.toSorted((a, b) => least(b) - least(a));
  const burnLong = worst && burnOver(worst, long);
  const burnShort = worst && burnOver(worst, short);
  const isKnown = burnLong !== undefined && burnShort !== undefined;
  return {
    alert,
    enabled: slo.alerting[alert].enabled,
    long: formatDuration(long),
    short: formatDuration(short),
    factor,
    forSeconds: inSeconds(hold),
    burnLong: burnLong ?? null,
    burnShort: burnShort ?? null,
    burning: isKnown ? burnLong > factor && burnShort > factor : null,
  };
}
