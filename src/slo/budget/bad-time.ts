import { inSeconds, milliseconds, minutes, type Duration } from "../../core/duration.ts";
import { eachSlice, SLICE_SECONDS, timeOf, type History } from "./increments.ts";
import type { Span } from "./spans.ts";
import { isBad } from "./tally.ts";

/** Bad slices with less between them belong together. */
const GAP = inSeconds(minutes(30));

/** Time in which more failed than allowed, as one thing that happened. */
export interface Incident extends Span {
  readonly events: number;
  readonly errors: number;
  /** Time of its bad slices alone. */
  readonly badTime: Duration;
}

/** What consumed the budget, in order of time: bad slices with half an hour at most between them are one incident. */
export function incidentsIn(history: History, span: Span, allowed: number): readonly Incident[] {
  const found: Incident[] = [];
  eachSlice(history, span, (at, events, errors) => {
    if (!isBad(events, errors, allowed)) return;
    const from = at - SLICE_SECONDS;
    const last = found.at(-1);
    const slice = { from, to: at, events, errors, badTime: timeOf(1) };
    if (last === undefined || from - last.to > GAP) found.push(slice);
    else found[found.length - 1] = together(last, slice);
  });
  return found;
}

const together = (a: Incident, b: Incident): Incident => ({
  from: a.from,
  to: b.to,
  events: a.events + b.events,
  errors: a.errors + b.errors,
  badTime: milliseconds(a.badTime + b.badTime),
});
