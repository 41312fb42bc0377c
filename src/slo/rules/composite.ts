import { ERRORS, ID_LABEL, TOTAL } from "../conventions.ts";
import type { Sli, Slo } from "../model.ts";
import { exact, series, type RuleContext, type SliExpressions } from "./context.ts";

type Composite = Extract<Sli, { kind: "composite" }>;

interface Member {
  readonly weight: number;
  readonly total: string;
  readonly errors: string;
  /** Of the last 5 minutes; absent when nothing happened. */
  readonly ratio: string;
  readonly budget: number;
}

/**
 * What a composite counts in 5 minutes, from what its members recorded; a member that is not measured does not count.
 * `occurrences`: the members' events, each as often as its member weighs. The others count time: `timeslices` is bad
 * while any member misses its own objective, `ratio_timeslices` as bad as the members' weighted ratios together, and
 * `worst` as bad as the worst of them. A member with groups counts as a whole.
 */
export function compositeExpressions(sli: Composite, { slo, byId }: RuleContext): SliExpressions {
  const members = sli.members.map(({ sloId, weight }) => {
    const of = byId.get(sloId);
    if (of === undefined)
      throw new Error(`${slo.id} is made of ${sloId}, which is not among the SLOs that rules are written for`);
    return member(of, weight);
  });
  const joined = (text: (of: Member) => string): string => members.map(text).join(" or ");
  const idle = joined(({ total }) => `${total} * 0`);
  const measured = `max(${joined(({ total }) => total)}) * 0 + 1`;
  switch (sli.method) {
    case "occurrences":
      return {
        total: `sum(${joined(({ total, weight }) => weighted(total, weight))})`,
        errors: `sum(${joined(({ errors, weight }) => weighted(errors, weight))})`,
      };
    case "timeslices":
      return {
        total: measured,
        errors: `max(${joined(({ ratio, budget }) => `${ratio} > bool ${budget}`)} or ${idle})`,
      };
    case "ratio_timeslices":
      return {
        total: measured,
        errors: `clamp_max(sum(${joined(({ ratio, weight }) => weighted(ratio, weight))} or ${idle}), 1)`,
      };
    case "worst":
      return { total: measured, errors: `max(${joined(({ ratio }) => ratio)} or ${idle})` };
  }
}

const weighted = (text: string, weight: number): string => (weight === 1 ? text : `${text} * ${weight}`);

function member({ id, objective, groupBy }: Slo, weight: number): Member {
  const whole = (metric: string): string =>
    groupBy.length === 0 ? series(metric, id) : `sum by (${ID_LABEL}) (${series(metric, id)})`;
  const [total, errors] = [whole(TOTAL), whole(ERRORS)];
  return { weight, total, errors, ratio: `${errors} / (${total} > 0)`, budget: exact(1 - objective) };
}
