import { formatDuration } from "../../core/duration.ts";
import { ERRORS, EVENTS, FAILURES, ID_LABEL, TOTAL } from "../conventions.ts";
import type { Sli, SloRule, Timeslices } from "../model.ts";
import { aggregate } from "./aggregate.ts";
import { compositeExpressions } from "./composite.ts";
import { exact, series, SLICE, type RuleContext, type SliExpressions } from "./context.ts";
import { ratioOver } from "./sums.ts";

/**
 * The two records that everything else is a sum of, and for time slices of events the events behind them. Where the total is
 * known and the errors are not, there were none; `>= 0` keeps out NaN, one of which would spoil every sum for the whole
 * window.
 */
export function sliRecords(context: RuleContext): SloRule[] {
  const { slo } = context;
  const { sli, timeslices } = slo;
  // the same whatever it is compatible with: sums reach back over a change of labels, and would find two series that become one
  const labels = { [ID_LABEL]: slo.id };
  const record = (name: string, expr: string): SloRule => ({ record: name, expr, labels });
  if (sli.kind === "events" && timeslices !== undefined) {
    const { total, errors } = eventExpressions(sli, slo.groupBy);
    const slices = slicesOf(slo.id, timeslices);
    return [
      record(EVENTS, total),
      record(FAILURES, errors),
      record(TOTAL, slices.total),
      record(ERRORS, slices.errors),
    ];
  }
  const { total, errors } = expressions(context);
  return [record(TOTAL, total), record(ERRORS, errors)];
}

function expressions(context: RuleContext): SliExpressions {
  const { sli, groupBy, timeslices } = context.slo;
  if (sli.kind === "events") return eventExpressions(sli, groupBy);
  if (sli.kind === "ratio") return ratioExpressions(sli, groupBy, timeslices);
  return compositeExpressions(sli, context);
}

function eventExpressions(sli: Extract<Sli, { kind: "events" }>, groupBy: readonly string[]): SliExpressions {
  const window = formatDuration(SLICE);
  const total = aggregate("sum", sli.total.at(window), groupBy);
  const errors = aggregate("sum", sli.errors.at(window), groupBy);
  return { total: `${total} >= 0`, errors: `${errors} >= 0 or ${total} * 0 >= 0` };
}

/** A slice that is longer than 5 minutes is judged every 5 minutes, over its length until then. */
function slicesOf(id: string, { length, objective }: Timeslices): SliExpressions {
  const events = series(EVENTS, id);
  const ratio = ratioOver(id, length, [FAILURES, EVENTS]);
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
