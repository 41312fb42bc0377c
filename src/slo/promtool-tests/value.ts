import type { Form } from "./form.ts";

/** What a test can not be written for, in words that go on after "has". */
export class Odd extends Error {}

/** The value of a series: a number, the quotient of two, or a native histogram of fast and slow events. */
export type Value =
  | { readonly kind: "linear"; readonly form: Form }
  | { readonly kind: "quotient"; readonly numerator: Form; readonly denominator: Form }
  | { readonly kind: "histogram"; readonly fast: Form; readonly slow: Form; readonly metric: string };

/** One series of a query's answer. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: Value;
}

/** A query's answer; a scalar is one sample without labels. */
export interface Vector {
  readonly isScalar: boolean;
  readonly samples: readonly Sample[];
}
