/** A number that depends on what the input series are given: a constant and so much of each unknown. */
export interface Form {
  readonly constant: number;
  readonly terms: ReadonlyMap<string, number>;
}

/** A constant. */
export const constant = (value: number): Form => ({ constant: value, terms: new Map() });

/** So much of one unknown. */
export const unknown = (name: string, factor = 1): Form => ({ constant: 0, terms: new Map([[name, factor]]) });

/** `left + factor * right`. */
export function plus(left: Form, right: Form, factor = 1): Form {
  const terms = new Map(left.terms);
  for (const [name, value] of right.terms) {
    const sum = (terms.get(name) ?? 0) + factor * value;
    if (Math.abs(sum) < DUST) terms.delete(name);
    else terms.set(name, sum);
  }
  return { constant: left.constant + factor * right.constant, terms };
}

const DUST = 1e-12;

/** `form * factor`. */
export const times = (form: Form, factor: number): Form => plus(constant(0), form, factor);

/** Whether a form is the same number whatever the unknowns are. */
export const isConstant = ({ terms }: Form): boolean => terms.size === 0;

/** The number that `left` is a multiple of `right` by; undefined when it is none. */
export function multipleOf(left: Form, right: Form): number | undefined {
  const [name, value] = [...right.terms][0] ?? [];
  if (name === undefined || value === undefined) return undefined;
  const factor = (left.terms.get(name) ?? 0) / value;
  const rest = plus(left, right, -factor);
  return isConstant(rest) && Math.abs(rest.constant) < DUST ? factor : undefined;
}

/** The value of a form; an unknown that is not given is 0. */
export function valueOf({ constant: start, terms }: Form, given: ReadonlyMap<string, number>): number {
  let sum = start;
  for (const [name, factor] of terms) sum += factor * (given.get(name) ?? 0);
  return sum;
}
