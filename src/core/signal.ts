import type { Severity } from "./alert.ts";
import type { Unit } from "./metric.ts";
import type { Vector } from "./promql.ts";

/** From a value on (null: from the lowest), how bad it is; `ok` where nothing is wrong. */
export interface Level {
  readonly from: number | null;
  readonly severity: Severity | "ok";
}

/** One question about a system and its PromQL answer, written once; panels, rules and tables are renderings of it. */
export interface Signal<L extends string> {
  readonly title: string;
  /** One sentence: what it shows and when to worry. */
  readonly help: string;
  readonly unit: Unit;
  readonly expr: Vector<L>;
  /**
   * Rising; only for what no alert of a pack can compare with a number, such as the budgets of SLOs, whose alerts are
   * written from specifications, or totals of all systems. The thresholds of an alert go before.
   */
  readonly levels?: readonly Level[];
}

/** Declares a signal; its labels follow from the expression. */
export const signal = <L extends string>(of: Signal<L>): Signal<L> => of;
