import { allowedOf, coverageOf, leftOf } from "../budget/budget.ts";
import { excludedSpans, type Exclusion } from "../budget/exclusions.ts";
import { excluding, ratioOfSum, sumOf } from "../budget/increments.ts";
import type { Span } from "../budget/spans.ts";
import type { Slo } from "../model.ts";
import { firingsOf, lookback, type Firing } from "./evaluate.ts";
import { readRawCounts, type GroupCounts, type RawReading } from "./raw-counts.ts";

/** A ticket; `inhibited` when a page fired at its beginning, so that nobody would have been told of it. */
export interface TicketFiring extends Firing {
  readonly inhibited: boolean;
}

/** What an SLO would have told of a past time. What is not known is undefined. */
export interface Backtest {
  readonly sloId: string;
  readonly group: Readonly<Record<string, string>>;
  readonly objective: number;
  /** Unix seconds. */
  readonly span: Span;
  readonly events: number;
  readonly errors: number;
  readonly ratio: number | undefined;
  /** Share of the budget of the whole span that was left at its end. */
  readonly left: number | undefined;
  /** Share of the span that was measured. */
  readonly coverage: number;
  readonly pages: readonly Firing[];
  readonly tickets: readonly TicketFiring[];
}

/** How a backtest is made. */
export interface BacktestOptions extends Omit<RawReading, "byId"> {
  /** Every SLO that is known, for composites. */
  readonly slos: readonly Slo[];
  /** What if: shares in place of the SLO's own objective; its own unless given. */
  readonly objectives?: readonly number[] | undefined;
  /** Time that the budget does not count; alerts fire in it all the same. */
  readonly exclusions?: readonly Exclusion[] | undefined;
}

/**
 * Tells what an SLO's alerts would have done, from its own queries over a past time: for each group one result for each
 * objective; nothing when nothing was measured. Throws `CollectError` when Prometheus can not be asked.
 */
export async function backtestSlo(slo: Slo, options: BacktestOptions): Promise<readonly Backtest[]> {
  const { span, objectives = [slo.objective], exclusions = [] } = options;
  const reading = {
    ...options,
    byId: new Map(options.slos.map((one) => [one.id, one])),
    span: { from: span.from - lookback(slo), to: span.to },
  };
  const groups = await readRawCounts(slo, reading);
  const excluded = excludedSpans(exclusions, slo, span);
  return groups.flatMap((counts) =>
    objectives.map((objective) => backtest({ ...slo, objective }, { ...counts, excluded }, span)),
  );
}

function backtest(slo: Slo, counts: GroupCounts & { readonly excluded: readonly Span[] }, span: Span): Backtest {
  const sum = sumOf(excluding(counts.counted, counts.excluded), span);
  const pages = firingsOf(slo, counts, "page", span);
  return {
    sloId: slo.id,
    group: counts.group,
    objective: slo.objective,
    span,
    events: sum.total,
    errors: sum.errors,
    ratio: ratioOfSum(sum),
    left: leftOf(sum, allowedOf(slo)),
    coverage: coverageOf(sum),
    pages,
    tickets: firingsOf(slo, counts, "ticket", span).map((ticket) => ({
      ...ticket,
      inhibited: pages.some(({ from, to = span.to }) => from <= ticket.from && ticket.from < to),
    })),
  };
}
