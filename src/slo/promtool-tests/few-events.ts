import { milliseconds, minutes, type Duration } from "../../core/duration.ts";
import { isExact } from "../rules/context.ts";
import { fixedTotal, type CaseContext, type Phase } from "./case-parts.ts";

/** So few failures in a quiet time that the minimum keeps the alerts quiet. */
export interface FewEvents {
  readonly text: string;
  /**
   * A quiet time, the failures, which are counted at that moment and not before, and a quiet time for so long after it.
   */
  phases(until: Duration, after: Duration): readonly Phase[];
}

/** Fewer than the minimum, by more than `increase` may err. */
const SURELY_LESS = 0.6;

/** How many must have failed or happened, when everything fails. */
export function leastFailures({ slo: { minimum } }: CaseContext): number {
  const { events, failures } = minimum;
  return Math.max(failures, events > Math.max(failures, 1) ? events : 0);
}

/** Undefined where there is no minimum, or no failures below it. */
export function fewEvents(context: CaseContext): FewEvents | undefined {
  const { slo, timing } = context;
  if (slo.sli.kind !== "events") return undefined;
  const { stepping, sampling } = timing;
  const least = leastFailures(context);
  const fixed = fixedTotal(context);
  const isCounted = isExact(slo) && stepping !== undefined;
  const lessThan = (minimum: number): number => (isCounted ? minimum - 1 : Math.floor(minimum * SURELY_LESS));
  const count = fixed === undefined ? lessThan(least) : (fixed * sampling) / minutes(5);
  // a gauge's samples go on, so that they can only be few by number of the failed ones
  if (count < 1 || count > lessThan(fixed === undefined ? least : slo.minimum.failures)) return undefined;
  // what is read late is read in whole steps, and where few steps are seen it has to be the one that is
  const end = (until: Duration): number =>
    isCounted ? Math.floor((until - stepping.lag) / stepping.step) * stepping.step : until;
  const total = fixed ?? (count * minutes(5)) / sampling;
  const rest = { total: fixed ?? 0, failed: 0 };
  return {
    text: `${count === 1 ? "one failure" : `${count} failures`} in a quiet time, fewer than the minimum`,
    phases: (until, after) => [
      { length: milliseconds(end(until) - sampling), ...rest },
      { length: sampling, total, failed: total },
      { length: milliseconds(until - end(until) + after), ...rest },
    ],
  };
}
