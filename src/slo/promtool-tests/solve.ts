import { isConstant, plus, valueOf, type Form } from "./form.ts";
import { Odd } from "./value.ts";

/** Events and failed ones, as forms of the unknowns. */
export interface Counts {
  readonly total: Form;
  readonly errors: Form;
}

/** What the unknowns must be. */
export type Unknowns = ReadonlyMap<string, number>;

/** Finds the unknowns for wanted numbers of events. */
export interface Solution {
  /**
   * Events in 5 minutes when nothing about them can be chosen, such as the samples of a gauge; then only the share
   * counts.
   */
  readonly fixedTotal: number | undefined;
  at(total: number, errors: number): Unknowns;
  /** Unknowns that count failed events only, and those that count good ones only. */
  readonly onlyFailed: ReadonlySet<string>;
  readonly onlyGood: ReadonlySet<string>;
}

/** Throws {@link Odd} when no numbers of the input series give what is wanted. */
export function solve({ total, errors }: Counts): Solution {
  if (isConstant(total)) return fixed(total.constant, errors);
  if (total.constant !== 0 || errors.constant !== 0) throw new Odd("a constant beside what it counts");
  for (const [name, factor] of total.terms)
    if (factor > 0 && (errors.terms.get(name) ?? 0) > factor * 1.000001)
      throw new Odd("failures that count more than their events");
  const good = combination({ total, errors }, 1, 0);
  const failed = combination({ total, errors }, 1, 1);
  if (good === undefined) throw new Odd("no series that are good events and no failures");
  if (failed === undefined) throw new Odd("no series that are failures and events, both");
  const names = [...new Set([...total.terms.keys(), ...errors.terms.keys()])];
  const without = (one: Unknowns, other: Unknowns): ReadonlySet<string> =>
    new Set(names.filter((name) => (one.get(name) ?? 0) === 0 && (other.get(name) ?? 0) > 0));
  return {
    fixedTotal: undefined,
    at: (all, bad) =>
      new Map(names.map((name) => [name, (good.get(name) ?? 0) * (all - bad) + (failed.get(name) ?? 0) * bad])),
    onlyFailed: without(good, failed),
    onlyGood: without(failed, good),
  };
}

function fixed(total: number, errors: Form): Solution {
  const sum = [...errors.terms.values()].reduce((all, factor) => all + factor, 0);
  if (total <= 0 || sum === 0) throw new Odd("no series that could fail");
  return {
    fixedTotal: total,
    at: (all, bad) => {
      const value = (total * (all === 0 ? 0 : bad / all) - errors.constant) / sum;
      return new Map([...errors.terms.keys()].map((name) => [name, clean(value)]));
    },
    onlyFailed: new Set(),
    onlyGood: new Set(),
  };
}

const clean = (value: number): number => (Math.abs(value) < 1e-12 ? 0 : Number(value.toPrecision(12)));

/** One unknown or two that, none below 0, give these numbers. */
function combination(counts: Counts, total: number, errors: number): Unknowns | undefined {
  const names = [...new Set([...counts.total.terms.keys(), ...counts.errors.terms.keys()])];
  const factor = (form: Form, name: string): number => form.terms.get(name) ?? 0;
  for (const name of names) {
    const [ofTotal, ofErrors] = [factor(counts.total, name), factor(counts.errors, name)];
    const value = total / ofTotal;
    if (ofTotal > 0 && near(ofErrors * value, errors)) return new Map([[name, value]]);
  }
  for (const [i, one] of names.entries())
    for (const other of names.slice(i + 1)) {
      const [a, b] = [factor(counts.total, one), factor(counts.total, other)];
      const [c, d] = [factor(counts.errors, one), factor(counts.errors, other)];
      const determinant = a * d - b * c;
      if (Math.abs(determinant) < 1e-12) continue;
      const first = clean((total * d - b * errors) / determinant);
      const second = clean((a * errors - total * c) / determinant);
      if (first >= 0 && second >= 0)
        return new Map(
          [
            [one, first],
            [other, second],
          ].filter(isSome),
        );
    }
  return undefined;
}

const isSome = (entry: (string | number)[]): entry is [string, number] => entry[1] !== 0;

const near = (left: number, right: number): boolean => Math.abs(left - right) < 1e-9;

/** Whether errors are the wanted share of the total, whatever the unknowns. */
export const isShare = ({ total, errors }: Counts, share: number, given: Unknowns): boolean =>
  near(valueOf(plus(errors, total, -share), given), 0);
