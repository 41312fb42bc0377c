import { add, divide, scalarMinus, subtract, time, type Vector } from "../../../core/promql.ts";

/** The share that is taken, as `df` counts it: what is reserved for root is neither used nor available. */
export const shareUsed = <L extends string>(used: Vector<L>, available: Vector<NoInfer<L>>): Vector<L> =>
  divide(used, add(used, available));

/** Seconds since a moment. */
export const ageOf = <L extends string>(timestamp: Vector<L>): Vector<L> => scalarMinus(time(), timestamp);

/** Seconds until a moment. */
export const timeUntil = <L extends string>(timestamp: Vector<L>): Vector<L> => subtract(timestamp, time());
