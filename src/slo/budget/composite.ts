import type { Sli } from "../model.ts";
import type { History } from "./increments.ts";

type Method = Extract<Sli, { kind: "composite" }>["method"];

/** A member of a composite, all its groups taken together. */
export interface Member {
  readonly weight: number;
  /** Share of its events that may fail. */
  readonly allowed: number;
  readonly history: History;
}

/** One member in one slice in which it was measured; `ratio` is undefined when nothing happened. */
interface Part {
  readonly weight: number;
  readonly allowed: number;
  readonly total: number;
  readonly errors: number;
  readonly ratio: number | undefined;
}

/**
 * What a composite counts, from its members' histories of the same start, step and length; a member that was not
 * measured in a slice does not count in it. The methods are those of the rules.
 */
export function compositeHistory(method: Method, members: readonly Member[]): History {
  const [first] = members;
  if (first === undefined) throw new RangeError("a composite needs a member");
  const { start, step, excluded } = first.history;
  const total = first.history.total.map(() => Number.NaN);
  const errors = total.slice();
  for (let i = 0; i < total.length; i++) {
    const parts = members.flatMap((member) => partAt(member, i));
    if (parts.length === 0) continue;
    const [all, failed] = METHODS[method](parts);
    total[i] = all;
    errors[i] = failed;
  }
  return { start, step, total, errors, excluded };
}

/** Groups taken together: a slice is measured when any of them is. */
export const together = (histories: readonly History[]): History =>
  compositeHistory(
    "occurrences",
    histories.map((history) => ({ weight: 1, allowed: 1, history })),
  );

const METHODS: Record<Method, (parts: readonly Part[]) => readonly [total: number, errors: number]> = {
  occurrences: (parts) => [
    parts.reduce((sum, { weight, total }) => sum + weight * total, 0),
    parts.reduce((sum, { weight, errors }) => sum + weight * errors, 0),
  ],
  timeslices: (parts) => [1, parts.some(({ ratio = 0, allowed }) => ratio > allowed) ? 1 : 0],
  ratio_timeslices: (parts) => [
    1,
    Math.min(
      1,
      parts.reduce((sum, { weight, ratio = 0 }) => sum + weight * ratio, 0),
    ),
  ],
  worst: (parts) => [1, Math.max(...parts.map(({ ratio = 0 }) => ratio))],
};

function partAt({ weight, allowed, history }: Member, i: number): Part[] {
  const total = history.total[i] ?? Number.NaN;
  const errors = history.errors[i] ?? Number.NaN;
  if (Number.isNaN(total)) return [];
  return [{ weight, allowed, total, errors, ratio: total > 0 ? errors / total : undefined }];
}
