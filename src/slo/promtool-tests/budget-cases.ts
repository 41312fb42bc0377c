import { days, hours, milliseconds, minutes, type Duration } from "../../core/duration.ts";
import { ERRORS, TOTAL } from "../conventions.ts";
import type { Slo } from "../model.ts";
import { exact, SLICE } from "../rules/context.ts";
import { lengthOf } from "../tiers.ts";
import { firing, groupLabels, type Case, type CaseContext } from "./case-parts.ts";

/**
 * Between two evaluations: the tenth of the window that must have been measured, and a bit, so that one evaluation
 * finds the budget spent and the next one lets the alert fire. It is between two samples, so that no rule writes where
 * one is.
 */
export const budgetInterval = (slo: Slo): Duration =>
  milliseconds(Math.ceil(lengthOf(slo.window) / 10 / days(1)) * days(1) + days(1) + minutes(2));

/** The alerts that tell how little of the budget is left; none for an SLO without. */
export function budgetCases(context: CaseContext): readonly Case[] {
  const { slo } = context;
  const thresholds = slo.alerting.budgetLeft.map(({ below }) => below).toSorted((a, b) => b - a);
  const [highest] = thresholds;
  const lowest = thresholds.at(-1);
  if (highest === undefined || lowest === undefined) return [];
  const fires = thresholds.map((below, i) =>
    budgetCase(context, (below + (thresholds[i + 1] ?? below - 0.1)) / 2, below),
  );
  const young = lengthOf(slo.window) > hours(20) ? [youngCase(context, lowest - 0.05)] : [];
  return [...fires, budgetCase(context, (1 + highest) / 2, undefined), ...young].filter((each) => each !== undefined);
}

const percent = (share: number): string => `${exact(share * 100)}%`;

/** Undefined where so much can not be spent. */
function budgetCase(context: CaseContext, left: number, below: number | undefined): Case | undefined {
  const samples = Math.floor((2 * budgetInterval(context.slo)) / SLICE);
  return ofCounts(context, { left, below, gap: "", samples });
}

/** Too little of the window was measured for the budget to mean anything: an hour before each evaluation. */
function youngCase(context: CaseContext, left: number): Case | undefined {
  const hour = hours(1) / SLICE;
  const gap = Math.floor(budgetInterval(context.slo) / SLICE) - hour;
  return ofCounts(context, { left, below: undefined, gap: `_x${gap - 1} `, samples: hour });
}

interface Course {
  readonly left: number;
  /** The threshold whose alert must fire. */
  readonly below: number | undefined;
  /** Samples that are missing before others, twice. */
  readonly gap: string;
  readonly samples: number;
}

const EVENTS = 1_000_000;

function ofCounts(context: CaseContext, { left, below, gap, samples }: Course): Case | undefined {
  const { slo } = context;
  const failed = EVENTS * (1 - slo.objective) * (1 - left);
  if (failed > EVENTS) return undefined;
  const values = (of: number): string => {
    const stretch = `${gap}${Number(of.toPrecision(12))}x${samples}`;
    // at moment 0 rules write too, where a query gives 0 for what is not there
    return gap === "" ? `_ ${stretch}` : `${stretch} ${stretch}`;
  };
  const told = below === undefined ? "no alert" : `the alert that it is below ${percent(below)}`;
  const what = `${percent(left)} of the budget is left${gap === "" ? "" : ", of two hours that were measured"}: ${told}`;
  return {
    name: what,
    inputs: [
      { series: TOTAL + groupLabels(context), values: values(EVENTS) },
      { series: ERRORS + groupLabels(context), values: values(failed) },
    ],
    expects: [
      {
        expression: firing(slo, "budget", [...slo.groupBy, "slo_budget_below"]),
        at: milliseconds(budgetInterval(slo) * 2),
        samples:
          below === undefined ? [] : [{ labels: groupLabels(context, { slo_budget_below: percent(below) }), value: 1 }],
      },
    ],
  };
}
