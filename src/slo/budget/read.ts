import type { CollectError } from "../../core/errors.ts";
import type { Slo } from "../model.ts";
import { budgetOf, type Budget } from "./budget.ts";
import { excludedSpans, type Exclusion } from "./exclusions.ts";
import { excluding, historyOf, type GroupHistory } from "./increments.ts";
import type { HistorySource, TallySource } from "./source.ts";
import type { Span } from "./spans.ts";

/** What is needed to tell histories. */
interface HistoryReading {
  readonly source: HistorySource;
  readonly exclusions?: readonly Exclusion[];
  readonly signal?: AbortSignal;
}

/**
 * Histories of SLOs over a span, without the time that maintenance takes out until `end`, by id. An SLO that was not
 * measured has one history that knows nothing. Throws `CollectError` when the source could not be asked.
 */
export async function readHistories(
  slos: readonly Slo[],
  span: Span,
  { source, exclusions = [], signal }: HistoryReading,
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

/** What is needed to tell budgets. */
export interface BudgetReading {
  readonly source: TallySource;
  readonly exclusions?: readonly Exclusion[];
  /** Unix seconds. */
  readonly at: number;
  readonly signal?: AbortSignal;
}

/** What is known of many SLOs, by id: of each either its budgets, one for each group, or why they are not known. */
export interface Budgets {
  readonly budgets: ReadonlyMap<string, readonly Budget[]>;
  readonly troubles: ReadonlyMap<string, CollectError>;
}

/** Points of days that are over are let go portion by portion. */
const PORTION = 200;

/**
 * The budgets of many SLOs; one that was not measured has a budget that is not known. Throws `CollectError` when the
 * source could not be asked at all; an SLO that can not be read for itself is no hindrance to the others.
 */
export async function readAllBudgets(slos: readonly Slo[], reading: BudgetReading): Promise<Budgets> {
  const { source, exclusions = [], at, signal } = reading;
  const budgets = new Map<string, readonly Budget[]>();
  const troubles = new Map<string, CollectError>();
  for (let i = 0; i < slos.length; i += PORTION) {
    const some = slos.slice(i, i + PORTION);
    const found = await source.tally({ slos: some, exclusions, at, signal });
    for (const [id, why] of found.troubles) troubles.set(id, why);
    for (const slo of some) {
      const tallies = found.tallies.get(slo.id);
      if (tallies !== undefined)
        budgets.set(
          slo.id,
          tallies.map((of) => budgetOf(slo, of, at)),
        );
    }
  }
  return { budgets, troubles };
}

/** As {@link readAllBudgets}, but throws the first fault of any SLO. */
export async function readBudgets(
  slos: readonly Slo[],
  reading: BudgetReading,
): Promise<ReadonlyMap<string, readonly Budget[]>> {
  const { budgets, troubles } = await readAllBudgets(slos, reading);
  for (const why of troubles.values()) throw why;
  return budgets;
}
