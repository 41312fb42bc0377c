import { eachSlice, SLICE_SECONDS, sumOf, type History } from "../budget/increments.ts";
import type { Span } from "../budget/spans.ts";

const POINTS = 180;

/** One step of a chart; undefined is not known. */
export interface CoursePoint {
  /** Unix seconds: the end of the step. */
  readonly at: number;
  /** Share of the whole period's budget that is left by then. */
  readonly left: number | undefined;
  /** How fast the budget burnt in the step; 1 is what the objective allows. */
  readonly burn: number | undefined;
  /** Share of the step that was measured; undefined when all of it is excluded. */
  readonly coverage: number | undefined;
}

/**
 * How the budget of a span went, in at most 180 steps of whole slices. `counted` is how many events the whole
 * budget is a share of, so that the course ends where the budget does.
 */
export function courseOf(history: History, span: Span, allowed: number, counted: number): readonly CoursePoint[] {
  const slices = Math.ceil((span.to - span.from) / SLICE_SECONDS);
  const step = Math.max(1, Math.ceil(slices / POINTS)) * SLICE_SECONDS;
  const course: CoursePoint[] = [];
  let errors = 0;
  let isMeasured = false;
  for (let from = span.from; from < span.to; from += step) {
    const at = Math.min(span.to, from + step);
    const sum = sumOf(history, { from, to: at });
    errors += sum.errors;
    isMeasured ||= sum.measured > 0;
    course.push({
      at,
      left: isMeasured ? 1 - (counted > 0 ? errors / counted / allowed : 0) : undefined,
      burn: sum.total > 0 ? sum.errors / sum.total / allowed : undefined,
      coverage: sum.slices > 0 ? sum.measured / sum.slices : undefined,
    });
  }
  return course;
}

/** Stretches in which nothing was measured, of at least an hour, for people to see. */
export function gapsIn(history: History, span: Span): readonly Span[] {
  const gaps: Span[] = [];
  eachSlice(history, span, (at, total) => {
    if (!Number.isNaN(total)) return;
    const last = gaps.at(-1);
    if (last !== undefined && last.to === at - SLICE_SECONDS) gaps[gaps.length - 1] = { from: last.from, to: at };
    else gaps.push({ from: at - SLICE_SECONDS, to: at });
  });
  return gaps.filter(({ from, to }) => to - from >= 3_600);
}
