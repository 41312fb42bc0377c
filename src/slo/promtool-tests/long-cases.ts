import { hours, milliseconds, minutes, type Duration } from "../../core/duration.ts";
import { BUDGET_LEFT, ID_LABEL } from "../conventions.ts";
import { burnText, levelsOf, quietBurn, writtenTiers } from "./burn-levels.ts";
import {
  alert,
  alerts,
  alertsText,
  budget,
  busy,
  firing,
  fixedTotal,
  inputs,
  isStepwise,
  outageLength,
  outageLevel,
  QUIET,
  ratio,
  type Case,
  type CaseContext,
  type Phase,
} from "./case-parts.ts";
import { fewEvents } from "./few-events.ts";
import { groupCases } from "./group-cases.ts";
import type { Expectation } from "./test-file.ts";
import { longLength, roundedUp } from "./timing.ts";

/** What takes as long as a ticket waits, or as a page goes on after its cause. */
export const longCases = (context: CaseContext): readonly Case[] => [
  outageCase(context),
  ...(isStepwise(context) ? [] : burnCases(context)),
  healthyCase(context),
  noDataCase(context),
  ...fewCases(context),
  ...(outageLevel(context).page ? [] : groupCases(context, longLength(context.slo))),
];

function outageCase(context: CaseContext): Case {
  const { slo, worstRatio } = context;
  const level = outageLevel(context);
  const at = outageLength(context, longLength(slo));
  const recovery = recoveryOf(context, at);
  return {
    name: `everything fails${recovery === undefined ? "" : " and then nothing"}: ${alertsText(level)}${recovery === undefined ? "" : ", and the page ends"}`,
    inputs: inputs(context, [{ length: at, total: busy(slo), failed: busy(slo) }, ...(recovery?.phases ?? [])]),
    expects: [...alerts(context, at, level), ratio(context, at, worstRatio), ...(recovery?.expects ?? [])],
  };
}

/** A page that is held longer makes a test too slow. */
const LONGEST_HOLD = hours(2);

/**
 * How an outage ends at once: by so many good events that no window burns any more. Undefined where that can not be.
 */
function recoveryOf(
  context: CaseContext,
  outage: Duration,
): { readonly phases: readonly Phase[]; readonly expects: readonly Expectation[] } | undefined {
  const { slo } = context;
  const pages = writtenTiers(slo).filter((tier) => tier.alert === "page");
  const hold = milliseconds(Math.max(0, ...pages.map(({ keepFiringFor }) => keepFiringFor)));
  const isChosen = slo.sli.kind === "events" && !isStepwise(context) && fixedTotal(context) === undefined;
  if (!isChosen || !outageLevel(context).page || hold > LONGEST_HOLD) return undefined;
  const least = Math.min(...pages.map(({ factor }) => factor)) * (1 - slo.objective);
  const total = Math.ceil((busy(slo) * 10 * (outage / minutes(2))) / least);
  const length = roundedUp(milliseconds(hold + minutes(8)), minutes(2));
  const ends = (after: number, fires: boolean): Expectation =>
    alert(context, milliseconds(outage + after), "page", fires);
  return {
    phases: [{ length, total, failed: 0 }],
    expects: [...(hold >= minutes(15) ? [ends(hold - minutes(2), true)] : []), ends(length, false)],
  };
}

function burnCases(context: CaseContext): readonly Case[] {
  const { slo } = context;
  const at = longLength(slo);
  return levelsOf(slo)
    .filter(({ page }) => !page)
    .map((level) => ({
      name: `the budget burns ${burnText(level)}: ${alertsText(level)}`,
      inputs: inputs(context, [{ length: at, total: busy(slo), failed: busy(slo) * level.ratio }]),
      expects: [...alerts(context, at, level), ratio(context, at, level.ratio)],
    }));
}

function healthyCase(context: CaseContext): Case {
  const { slo, feeds } = context;
  const isChosen = !isStepwise(context);
  const at = longLength(slo);
  const burn = isChosen ? quietBurn(slo) : 0;
  const share =
    slo.timeslices === undefined || feeds.some((feed) => feed.isBoolean) ? 0 : (1 - slo.timeslices.objective) / 2;
  const failed = isChosen ? busy(slo) * burn * (1 - slo.objective) : busy(slo) * share;
  return {
    name: isChosen
      ? `the budget burns at ${burn} of what it allows: no alert`
      : "all is well: no alert, all of the budget is left",
    inputs: inputs(context, [{ length: at, total: busy(slo), failed }]),
    expects: [
      ...alerts(context, at, QUIET),
      { expression: firing(slo, "no_data", []), at, samples: [] },
      budget(context, at, 1 - burn),
    ],
  };
}

function noDataCase(context: CaseContext): Case {
  const { slo } = context;
  const at = longLength(slo);
  const isTold = slo.alerting.noData !== undefined;
  const told = {
    expression: firing(slo, "no_data", []),
    at,
    samples: isTold ? [{ labels: `{${ID_LABEL}="${slo.id}"}`, value: 1 }] : [],
  };
  const unknown = { expression: `${BUDGET_LEFT}{${ID_LABEL}="${slo.id}"}`, at, samples: [] };
  return {
    name: `nothing is measured: ${isTold ? "the no-data alert, " : ""}no other alert, and nothing is said of the budget`,
    inputs: [],
    expects: [...alerts(context, at, QUIET), told, unknown],
  };
}

/** The ticket has a minimum of its own. */
function fewCases(context: CaseContext): readonly Case[] {
  const few = writtenTiers(context.slo).length === 0 ? undefined : fewEvents(context);
  if (few === undefined) return [];
  const [until, after] = [minutes(12), longLength(context.slo)];
  return [
    {
      name: `${few.text}: no alert`,
      inputs: inputs(context, few.phases(until, after)),
      expects: alerts(context, milliseconds(until + after), QUIET),
    },
  ];
}
