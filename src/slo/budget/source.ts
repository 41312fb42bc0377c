import type { Slo } from "../model.ts";
import type { GroupHistory } from "./increments.ts";
import type { Span } from "./spans.ts";

/** Where histories of SLOs come from. */
export interface HistorySource {
  /**
   * What the SLOs counted in a span of 5 minute steps, by id: one history for each group that was measured at any time, an
   * empty list for none. Throws `CollectError` when it could not be asked.
   */
  read(slos: readonly Slo[], span: Span, signal?: AbortSignal): Promise<ReadonlyMap<string, readonly GroupHistory[]>>;
}
