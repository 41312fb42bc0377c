import type { estypes } from "@elastic/elasticsearch";
import { CollectError } from "../../core/errors.ts";
import type { ReadingNotes } from "../../core/telemetry.ts";
import { isWhole, type SearchAnswer } from "./answers.ts";
import { RefusedError } from "./errors.ts";
import type { TimedLine } from "./lines.ts";
import type { Profile } from "./profile.ts";

/** Which lines are read. */
export interface SampleQuestion {
  /** Such as `lines of the window`. */
  readonly purpose: string;
  readonly indices: readonly string[];
  readonly profile: Profile;
  readonly query: estypes.QueryDslQueryContainer;
  /** Most lines. */
  readonly lines: number;
  readonly seed: number;
}

/** A part of a search that is the same for each way to read. */
export interface LineSearch {
  readonly query: estypes.QueryDslQueryContainer;
  readonly sort?: estypes.SortCombinations[];
  readonly fields: { readonly field: string; readonly format?: string }[];
  readonly _source: false;
  readonly track_total_hits: true;
}

/** What was read, in the order in which it came. */
export interface Read {
  readonly lines: readonly TimedLine[];
  /** How many came, those without a time included. */
  readonly came: number;
  readonly total: number;
  readonly isExact: boolean;
  readonly notes: readonly string[];
  readonly queries: ReadingNotes["queries"];
}

/** How many lines there are, and whether that is all of them. */
export const countsOf = (answer: SearchAnswer): { readonly total: number; readonly isExact: boolean } => ({
  total: answer.hits.total?.value ?? answer.hits.hits.length,
  isExact: answer.hits.total?.relation === "eq" && isWhole(answer),
});

/** Less at a time may do. */
export const isTooMuch = (thrown: unknown): boolean =>
  thrown instanceof CollectError &&
  (thrown.reason === "body_too_large" ||
    (thrown instanceof RefusedError && /window is too large/.test(thrown.message)));
