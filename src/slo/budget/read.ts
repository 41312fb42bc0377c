import type { Slo } from "../model.ts";
import { budgetAt, neededSpan, type Budget } from "./budget.ts";
import { excludedSpans, type Exclusion } from "./exclusions.ts";
import { excluding, historyOf, type GroupHistory } from "./increments.ts";
import type { HistorySource } from "./source.ts";
import type { Span } from "./spans.ts";
import { boundsAt } from "./window.ts";

/** What is needed to tell budgets. */
export interface BudgetReading {
  readonly source: HistorySource;
  readonly exclusions?: readonly Exclusion[];
  /** Unix seconds. */
  readonly at: number;
  readonly signal?: AbortSignal;
}

/**
 * Histories of SLOs over a span, without the time that maintenance takes out until `end`, by id. An SLO that was not measured
 * has one history that knows nothing. Throws `CollectError` when the source could not be asked.
 */
export async function readHistories(
  slos: readonly Slo[],
  span: Span,
  { source, exclusions = [], signal }: Omit<BudgetReading, "at">,
  end = span.to,
): Promise<ReadonlyMap<string, readonly GroupHistory[]>> {
  const found = await source.read(slos, span, signal);
  return new Map(
    slos.map((slo) => {
      const excluded = excludedSpans(exclusions, slo, { from: span.from, to: end });
      const measured = found.get(slo.id) ?? [];
      const known = measured.length > 0 ? measured : [{ group: {}, history: historyOf([], span) }];
      return [slo.id, known.map(({ group, history }) => ({ group, history: excluding(history, excluded) }))];
    }),
  );
}

/** Histories are let go portion by portion: those of a month take 140 kB for each SLO and group. */
const PORTION = 100;

const portions = (slos: readonly Slo[]): readonly (readonly Slo[])[] =>
  Array.from({ length: Math.ceil(slos.length / PORTION) }, (_, i) => slos.slice(i * PORTION, (i + 1) * PORTION));

/** The budgets of SLOs, one for each group, by id; as {@link readHistories}. */
export async function readBudgets(
  slos: readonly Slo[],
  reading: BudgetReading,
): Promise<ReadonlyMap<string, readonly Budget[]>> {
  const { at } = reading;
  // SLOs of one span are asked for together; those whose windows end at another time know of other maintenance
  const bySpan = Map.groupBy(slos, (slo) => JSON.stringify([neededSpan(slo, at), boundsAt(slo.window, at).end]));
  const budgets = new Map<string, readonly Budget[]>();
  for (const some of [...bySpan.values()].flatMap(portions)) {
    const [first] = some;
    if (first === undefined) continue;
    const histories = await readHistories(some, neededSpan(first, at), reading, boundsAt(first.window, at).end);
    for (const slo of some)
      budgets.set(
        slo.id,
        (histories.get(slo.id) ?? []).map((of) => budgetAt(slo, of, at)),
      );
  }
  return budgets;
}
