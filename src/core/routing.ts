import type { LabelMatcher } from "./label-matcher.ts";

/** A node of the routing tree, with everything that it takes over from the nodes above it filled in. */
export interface Route {
  /**
   * The matchers on the way from the root, such as `{}/{severity="critical"}`, and `+2` for the second of equal ones:
   * it stays the same when other routes are added or moved.
   */
  readonly id: string;
  /** All must match; the root has none. */
  readonly matchers: readonly LabelMatcher[];
  /** Go on to the next sibling after a match. */
  readonly continue: boolean;
  /** Names of destinations; never empty. */
  readonly destinations: readonly string[];
  /**
   * Labels that take the place of the sender's own grouping; undefined keeps that. An empty list makes one group of
   * all.
   */
  readonly groupBy?: readonly string[] | undefined;
  /** Names of intervals during which nothing new is told, and outside of which nothing new is told. */
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  readonly routes: readonly Route[];
}

/** A set of moments that recur: one is in it when it is in one of the ranges. */
export interface TimeInterval {
  readonly name: string;
  readonly ranges: readonly TimeRange[];
}

/** Moments of which every given part matches; a part that is not given matches always. Bounds are included. */
export interface TimeRange {
  /** Minutes since midnight; the end is not included and is at most 1,440. */
  readonly times?: readonly { readonly start: number; readonly end: number }[] | undefined;
  /** 0 is Sunday. */
  readonly weekdays?: readonly { readonly start: number; readonly end: number }[] | undefined;
  /** From 1, or from -1 for the last day. */
  readonly daysOfMonth?: readonly { readonly start: number; readonly end: number }[] | undefined;
  /** From 1. */
  readonly months?: readonly { readonly start: number; readonly end: number }[] | undefined;
  readonly years?: readonly { readonly start: number; readonly end: number }[] | undefined;
  /** Name in the IANA time zone database, such as `Europe/Berlin`; UTC unless given. */
  readonly location: string;
}
