import { formatDuration, milliseconds, seconds } from "../../core/duration.ts";
import { ERRORS, EVENTS, FAILURES, ID_LABEL, inStep, TOTAL } from "../conventions.ts";
import type { Sli, SloRule, Timeslices } from "../model.ts";
import { aggregate } from "./aggregate.ts";
import { compositeExpressions } from "./composite.ts";
import { exact, series, SLICE, type RuleContext, type SliExpressions, type Stepped } from "./context.ts";
import { ratioOver } from "./sums.ts";

/**
 * The two records that everything else is a sum of, and what is behind them: the steps that they are sums of, and for
 * time slices of events the events.
 */
export function sliRecords(context: RuleContext): SloRule[] {
  const { slo, stepped } = context;
  // the same whatever it is compatible with: sums reach back over a change of labels, and would find two series that
  // become one
  const labels = { [ID_LABEL]: slo.id };
  const pair = ([total, errors]: CountNames, of: SliExpressions): SloRule[] => [
    { record: total, expr: of.total, labels },
    { record: errors, expr: of.errors, labels },
  ];
  const slices =
    slo.sli.kind === "events" && slo.timeslices !== undefined ? slicesOf(context, slo.timeslices) : undefined;
  const counts: CountNames = slices === undefined ? [TOTAL, ERRORS] : [EVENTS, FAILURES];
  const counted =
    stepped === undefined
      ? pair(counts, countExpressions(context))
      : [
          ...pair(stepsOf(context, counts), stepExpressions(context, stepped)),
          ...pair(counts, sumsOf(context, stepped)),
        ];
  return [...counted, ...(slices === undefined ? [] : pair([TOTAL, ERRORS], slices))];
}

type CountNames = readonly [total: string, errors: string];

const stepsOf = ({ step }: RuleContext, [total, errors]: CountNames): CountNames => {
  const text = formatDuration(step);
  return [inStep(total, text), inStep(errors, text)];
};

/**
 * What is counted, 5 minutes at a time or where the context knows how a step. Where the total is known and the errors
 * are not, there were none; comparisons keep out NaN, one of which would spoil every sum for the whole window.
 */
export function countExpressions(context: RuleContext): SliExpressions {
  const { slo, stepped } = context;
  const { sli, groupBy, timeslices } = slo;
  if (sli.kind === "ratio") return ratioExpressions(sli, groupBy, timeslices);
  if (sli.kind === "composite") return compositeExpressions(sli, context);
  if (stepped !== undefined) {
    const total = aggregate("sum", stepped.total, groupBy);
    return { total: `${total} >= 0`, errors: `${failedInStep(stepped, groupBy)} or ${total} * 0 >= 0` };
  }
  const window = formatDuration(SLICE);
  const total = aggregate("sum", sli.total.at(window), groupBy);
  const errors = aggregate("sum", sli.errors.at(window), groupBy);
  return { total: `${total} >= 0`, errors: `${errors} >= 0 or ${total} * 0 >= 0` };
}

/** Below 0 only until it is added up, or what counters were read a moment apart would never come out even. */
const failedInStep = (stepped: Stepped, groupBy: readonly string[]): string =>
  `${aggregate("sum", stepped.errors, groupBy)} >= ${stepped.isSigned ? "-Inf" : "0"}`;

/** As {@link countExpressions}; the total was recorded just before, and is not worked out again. */
function stepExpressions(context: RuleContext, stepped: Stepped): SliExpressions {
  const { id, groupBy } = context.slo;
  const [total] = stepsOf(context, stepped.counts);
  const none = aggregate("sum", series(total, id), groupBy);
  return {
    total: `${aggregate("sum", stepped.total, groupBy)} >= 0`,
    errors: `${failedInStep(stepped, groupBy)} or ${none} * 0`,
  };
}

/** A range took in its oldest moment before Prometheus 3: one step of the 5 minutes before would count twice. */
const STEPS_OF_SLICE = formatDuration(milliseconds(SLICE - seconds(1)));

function sumsOf(context: RuleContext, { counts, isSigned }: Stepped): SliExpressions {
  const [total, errors] = stepsOf(context, counts);
  const sum = (step: string): string => `sum_over_time(${series(step, context.slo.id)}[${STEPS_OF_SLICE}])`;
  return { total: sum(total), errors: isSigned ? `clamp_min(${sum(errors)}, 0)` : sum(errors) };
}

/** A slice that is longer than 5 minutes is judged every 5 minutes, over its length until then. */
function slicesOf(context: RuleContext, { length, objective }: Timeslices): SliExpressions {
  const events = series(EVENTS, context.slo.id);
  const ratio = ratioOver(context, length, [FAILURES, EVENTS]);
  return { total: `${events} >= bool 0`, errors: `${ratio} > bool ${exact(1 - objective)} or ${events} * 0` };
}

/** A known ratio makes 5 minutes count once, whatever happened in them; those of slices count as failed or not. */
function ratioExpressions(
  sli: Extract<Sli, { kind: "ratio" }>,
  groupBy: readonly string[],
  timeslices: Timeslices | undefined,
): SliExpressions {
  const known = aggregate("avg", sli.errorRatio.at(formatDuration(timeslices?.length ?? SLICE)), groupBy);
  const ratio = `clamp_max(${known} >= 0, 1)`;
  return {
    total: `${ratio} * 0 + 1`,
    errors: timeslices === undefined ? ratio : `${ratio} > bool ${exact(1 - timeslices.objective)}`,
  };
}
