import { historyOf, SLICE_SECONDS, type GroupHistory, type History } from "./increments.ts";
import type { Span } from "./spans.ts";

/**
 * A stretch of one series: its labels, and its values from `start` (Unix seconds) at each step, NaN where there is
 * none.
 */
export interface Piece extends Pick<History, "start" | "total" | "errors"> {
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Histories by the group-by labels, in the order of their values; groups of which nothing is known are left out. Where
 * several series say something of one slice, as replicas of a Prometheus do, the one with more events is believed: the
 * other missed some.
 */
export function groupHistories(
  groupBy: readonly string[],
  pieces: Iterable<Piece>,
  span: Span,
  step = SLICE_SECONDS,
): readonly GroupHistory[] {
  const groups = new Map<string, History>();
  for (const piece of pieces) {
    const key = JSON.stringify(groupBy.map((label) => piece.labels[label] ?? ""));
    const history = groups.get(key) ?? historyOf([], span, step);
    if (put(history, piece)) groups.set(key, history);
  }
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, history]) => {
      const texts = JSON.parse(key) as readonly string[];
      return { group: Object.fromEntries(groupBy.map((label, i) => [label, texts[i] ?? ""])), history };
    });
}

/** Whether anything of the piece is known in the history's span. */
function put(history: History, { start, total, errors }: Piece): boolean {
  const shift = (start - history.start) / history.step;
  let isKnown = false;
  for (let i = Math.max(0, -shift); i < total.length && i + shift < history.total.length; i++) {
    const [events, failed] = [total[i] ?? Number.NaN, errors[i] ?? Number.NaN];
    if (!isCount(events) || !isCount(failed)) continue;
    isKnown = true;
    const [before, failedBefore] = [history.total[i + shift] ?? Number.NaN, history.errors[i + shift] ?? Number.NaN];
    if (events < before || (events === before && failed < failedBefore)) continue;
    history.total[i + shift] = events;
    history.errors[i + shift] = failed;
  }
  return isKnown;
}

const isCount = (value: number): boolean => Number.isFinite(value) && value >= 0;
