import { eachSlice, type GroupHistory, type History, type Slices, type Sum } from "./increments.ts";
import type { Span } from "./spans.ts";

/** What happened in a span, and in how many of its slices more failed than the objective allows. */
export interface Counted extends Sum {
  readonly bad: number;
}

/** What a budget is told from: sums over spans of 5 minute slices, whatever they are kept as. */
export interface Tally {
  /** Of a span whose ends are on the grid; excluded time is left out. */
  sum(span: Span): Counted;
  /** Unix seconds: the end of the first slice that was measured, as far back as is known. */
  readonly since: number | undefined;
}

/** One group of an SLO, `{}` where it has no groups. */
export interface GroupTally extends Pick<GroupHistory, "group"> {
  readonly tally: Tally;
}

/** {@link Counted} while it grows. */
export type Adding = { -readonly [Key in keyof Counted]: Counted[Key] };

export const nothing = (): Adding => ({ total: 0, errors: 0, measured: 0, slices: 0, bad: 0 });

/** Adds the slices of a span. */
export function addSlices(sum: Adding, history: Slices, span: Span, allowed: number): void {
  eachSlice(history, span, (_, total, errors) => {
    sum.slices++;
    if (Number.isNaN(total)) return;
    sum.measured++;
    sum.total += total;
    sum.errors += errors;
    if (isBad(total, errors, allowed)) sum.bad++;
  });
}

/** Whether more of a slice failed than the share `allowed`. */
export const isBad = (total: number, errors: number, allowed: number): boolean => total > 0 && errors / total > allowed;

/** Unix seconds: the end of the first slice that was measured, whether it counts or not. */
export function measuredSince({ start, step, total }: Omit<Slices, "excluded">): number | undefined {
  for (let i = 0; i < total.length; i++) if (!Number.isNaN(total[i] ?? Number.NaN)) return start + i * step;
  return undefined;
}

/** A history whose values are all there. */
export function tallyOf(history: History, allowed: number): Tally {
  return {
    since: measuredSince(history),
    sum: (span) => {
      const sum = nothing();
      addSlices(sum, history, span, allowed);
      return sum;
    },
  };
}
