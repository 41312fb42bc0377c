import type { Unit } from "./metric.ts";
import type { Vector } from "./promql.ts";

/** One question about a system and its PromQL answer, written once; panels, rules and tables are renderings of it. */
export interface Signal<L extends string> {
  readonly title: string;
  /** One sentence: what it shows and when to worry. */
  readonly help: string;
  readonly unit: Unit;
  readonly expr: Vector<L>;
}

/** Declares a signal; its labels follow from the expression. */
export const signal = <L extends string>(of: Signal<L>): Signal<L> => of;
