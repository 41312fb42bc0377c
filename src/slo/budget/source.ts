import type { CollectError } from "../../core/errors.ts";
import type { Slo } from "../model.ts";
import type { Exclusion } from "./exclusions.ts";
import type { GroupHistory } from "./increments.ts";
import type { Span } from "./spans.ts";
import type { GroupTally } from "./tally.ts";

/** Where histories of SLOs come from. */
export interface HistorySource {
  /**
   * What the SLOs counted in a span of 5 minute steps, by id: one history for each group that was measured at any time,
   * an empty list for none; only of those `wanted`. Throws `CollectError` when it could not be asked.
   */
  read(
    slos: readonly Slo[],
    span: Span,
    signal?: AbortSignal,
    wanted?: (labels: Readonly<Record<string, string>>) => boolean,
  ): Promise<ReadonlyMap<string, readonly GroupHistory[]>>;
}

/** What is wanted of a {@link TallySource}. */
export interface TallyQuestion {
  readonly slos: readonly Slo[];
  readonly exclusions: readonly Exclusion[];
  /** Unix seconds. */
  readonly at: number;
  readonly signal?: AbortSignal | undefined;
}

/** What could be read, by id: of each SLO either what its groups counted, one at least, or why that is not known. */
export interface TallyReading {
  readonly tallies: ReadonlyMap<string, readonly GroupTally[]>;
  readonly troubles: ReadonlyMap<string, CollectError>;
}

/** Where budgets of many SLOs are told from, again and again: it keeps sums and not histories. */
export interface TallySource {
  /** What budgets at a moment are told from. Throws `CollectError` when it could not be asked at all. */
  tally(question: TallyQuestion): Promise<TallyReading>;
}
