import pLimit from "p-limit";
import { CollectError } from "../../core/errors.ts";
import { allowedOf } from "../budget/budget.ts";
import { compositeHistory, together } from "../budget/composite.ts";
import { groupHistories, type Piece } from "../budget/group-histories.ts";
import {
  historyOf,
  ratioAt,
  ratioOfSum,
  SLICE_SECONDS,
  sumUntil,
  type GroupHistory,
  type History,
  type Increment,
} from "../budget/increments.ts";
import { queryRange, type PrometheusTarget } from "../../lib/prometheus/query-range.ts";
import type { Span } from "../budget/spans.ts";
import { seconds } from "../../core/duration.ts";
import type { Slo, Timeslices } from "../model.ts";
import { exact, ruleContext, type RuleContext } from "../rules/context.ts";
import { countExpressions } from "../rules/sli.ts";
import type { Counts } from "./evaluate.ts";

/** As fine as the rules look at the windows up to an hour. */
const STEP_SECONDS = 60;
const DAY_SECONDS = 86_400;
const CONCURRENCY = 4;

/** What one group of an SLO would have recorded. */
export interface GroupCounts extends Counts {
  readonly group: Readonly<Record<string, string>>;
}

/** Where past measurements are, of which time, and who else is there to be a member. */
export interface RawReading {
  readonly target: PrometheusTarget;
  /** Unix seconds. */
  readonly span: Span;
  readonly byId: ReadonlyMap<string, Slo>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What an SLO's rules would have recorded each minute, had they been there, from its own queries. Nothing of a group
 * that was not measured. Throws `CollectError` when Prometheus can not be asked, and for a composite whose member is
 * not known.
 */
export async function readRawCounts(slo: Slo, reading: RawReading): Promise<readonly GroupCounts[]> {
  if (slo.sli.kind === "composite") return readComposite(slo, slo.sli, reading);
  // the history's own step: what a step added is the same sum whatever its length
  const context = ruleContext(slo, reading.byId, { externalUrl: "", step: seconds(STEP_SECONDS), lag: seconds(0) });
  const groups = await readGroups(context, reading);
  const { timeslices } = slo;
  if (slo.sli.kind === "events" && timeslices !== undefined)
    return groups.map(({ group, history }) => ({
      group,
      counted: slicesOf(history, timeslices, context.stepped !== undefined),
      events: history,
    }));
  return groups.map(({ group, history }) => ({ group, counted: history, events: history }));
}

async function readComposite(
  slo: Slo,
  { method, members }: Extract<Slo["sli"], { kind: "composite" }>,
  reading: RawReading,
): Promise<readonly GroupCounts[]> {
  const empty = historyOf([], reading.span, STEP_SECONDS);
  const parts = [];
  for (const { sloId, weight } of members) {
    const member = reading.byId.get(sloId);
    if (member === undefined)
      throw new CollectError("internal", `${slo.id} is made of ${sloId}, which is not among the SLOs that were read`);
    const groups = await readRawCounts(member, reading);
    const history = groups.length === 0 ? empty : together(groups.map(({ counted }) => counted));
    parts.push({ weight, allowed: allowedOf(member), history });
  }
  const history = compositeHistory(method, parts);
  return [{ group: {}, counted: history, events: history }];
}

async function readGroups(context: RuleContext, reading: RawReading): Promise<readonly GroupHistory[]> {
  const limit = pLimit(CONCURRENCY);
  const pieces = await Promise.all(daysOf(reading.span).map((day) => limit(() => readDay(reading, day, context))));
  return groupHistories(context.slo.groupBy, pieces.flat(), reading.span, STEP_SECONDS);
}

async function readDay({ target, signal }: RawReading, day: Span, context: RuleContext): Promise<Piece[]> {
  const { total, errors } = countExpressions(context);
  const isStepped = context.stepped !== undefined;
  const span = isStepped ? { ...day, from: day.from - SLICE_SECONDS + STEP_SECONDS } : day;
  const read = (query: string) => queryRange(target, query, span, { step: STEP_SECONDS, signal });
  const [all, failed] = await Promise.all([read(total), read(errors)]);
  const keyOf = (labels: Piece["labels"]): string =>
    JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const failures = new Map(failed.series.map(({ labels, values }) => [keyOf(labels), new Map(values)]));
  return all.series.map(({ labels, values }) => {
    const others = failures.get(keyOf(labels));
    const pairs = values.map(([at, value]) => [at, value, others?.get(at) ?? Number.NaN] as const);
    const { start, total, errors } = historyOf(isStepped ? addedUp(pairs) : pairs, day, STEP_SECONDS);
    return { labels, start, total, errors };
  });
}

/** At each step what happened in the 5 minutes until then, of what was measured in them. */
function addedUp(steps: readonly Increment[]): Increment[] {
  const known = new Map(steps.map((each) => [each[0], each]));
  return steps.map(([at]) => {
    let [total, errors] = [0, 0];
    for (let end = at; end > at - SLICE_SECONDS; end -= STEP_SECONDS) {
      const [, all, failed] = known.get(end) ?? [end, 0, 0];
      total += all;
      errors += failed;
    }
    return [at, total, Math.max(0, errors)];
  });
}

function daysOf({ from, to }: Span): Span[] {
  const first = Math.floor(from / STEP_SECONDS) * STEP_SECONDS;
  const last = Math.floor(to / STEP_SECONDS) * STEP_SECONDS;
  return Array.from({ length: Math.max(0, Math.ceil((last - first) / DAY_SECONDS)) }, (_, i) => ({
    from: first + i * DAY_SECONDS,
    to: Math.min(last, first + (i + 1) * DAY_SECONDS),
  }));
}

/** Time slices as the rules judge them: over their length until each step. */
function slicesOf(history: History, { length, objective }: Timeslices, isStepped: boolean): History {
  const allowed = exact(1 - objective);
  const ratio = (at: number): number =>
    (isStepped ? ratioOfSum(sumUntil(history, at, length)) : ratioAt(history, at, length)) ?? 0;
  const errors = history.total.map((total, i) => {
    if (Number.isNaN(total)) return Number.NaN;
    return ratio(history.start + i * history.step) > allowed ? 1 : 0;
  });
  return { ...history, total: history.total.map((total) => (Number.isNaN(total) ? total : 1)), errors };
}
