import { historyOf, type History, type Increment } from "../increments.ts";
import type { Span } from "../spans.ts";

/** Midnight UTC, 1 November 2026, a Sunday. */
export const MIDNIGHT = Date.UTC(2026, 10, 1) / 1_000;
export const HOUR = 3_600;
export const DAY = 86_400;

/** What happens in one slice, by its end; undefined is not measured. */
type Traffic = (at: number) => readonly [total: number, errors: number] | undefined;

/** The values of a span, one each step. */
export function increments(span: Span, traffic: Traffic, step = 300): Increment[] {
  const values: Increment[] = [];
  for (let at = span.from + step; at <= span.to; at += step) {
    const slice = traffic(at);
    if (slice !== undefined) values.push([at, ...slice]);
  }
  return values;
}

/** A history of a span whose ends are on the grid. */
export const history = (span: Span, traffic: Traffic, step = 300): History =>
  historyOf(increments(span, traffic, step), span, step);

/** Whether a moment is after `from` until `to`. */
export const within = (at: number, from: number, to: number): boolean => at > from && at <= to;
