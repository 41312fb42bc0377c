import type { LabIndex } from "./lab-index.ts";

/**
 * The score of a document, or {@link NO_MATCH}. Relevance is not emulated: a clause that matches is worth 1, in a
 * filter 0.
 */
export type Matcher = (doc: number) => number;

/** A query that was read: for each index it makes what tests its documents. */
export type Query = (index: LabIndex) => Matcher;

/** What the query meets outside of itself. */
export interface QueryWorld {
  /** Milliseconds since 1970. */
  readonly now: number;
}

export const NO_MATCH = -1;

/** What {@link Matcher} says of a test. */
export const scored = (matches: boolean): number => (matches ? 1 : NO_MATCH);
