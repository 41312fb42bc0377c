import type { TempoLimits } from "./limits.ts";
import type { StoreView } from "./view.ts";

/** A request to the query frontend, of tenants that are known. */
export interface TempoRequest {
  readonly query: URLSearchParams;
  readonly accept: string;
  readonly view: StoreView;
  readonly limits: TempoLimits;
  /** Unix milliseconds. */
  readonly now: number;
  /** How old a push is before `mode=blocks` sees it. */
  readonly blocklistPollMs: number;
}
