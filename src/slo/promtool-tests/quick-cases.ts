import { formatDuration, hours, milliseconds, minutes, type Duration } from "../../core/duration.ts";
import { isExact } from "../rules/context.ts";
import { burnText, levelAt, levelsOf, writtenTiers } from "./burn-levels.ts";
import {
  alert,
  alerts,
  budget,
  busy,
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
import { fewEvents, leastFailures } from "./few-events.ts";
import type { FeedGroup } from "./feed.ts";
import { groupCases } from "./group-cases.ts";
import type { Expectation } from "./test-file.ts";
import { delayOf, quickLength, waitOf } from "./timing.ts";

/** What shows within minutes: the page, and what is counted when series are missing or nothing happens. */
export const quickCases = (context: CaseContext): readonly Case[] => [
  ...outageCases(context),
  ...(isStepwise(context) ? [] : burnCases(context)),
  ...missingCases(context),
  ...idleCases(context),
  ...(outageLevel(context).page ? groupCases(context, quickLength(context.slo, context.timing)) : []),
];

function outageCases(context: CaseContext): readonly Case[] {
  const { slo, timing, worstRatio } = context;
  if (!outageLevel(context).page) return [];
  const at = outageLength(context, quickLength(slo, timing));
  const first = firstPage(context);
  const within = first === undefined ? "" : ` within ${formatDuration(first)}`;
  return [
    {
      name: `everything fails: page${within}`,
      inputs: inputs(context, [{ length: at, total: busy(slo), failed: busy(slo) }]),
      expects: [
        ...(first === undefined ? [] : [alert(context, first, "page", true)]),
        alert(context, at, "page", true),
        ratio(context, at, worstRatio),
      ],
    },
  ];
}

/** When the first step of failures raises the page; undefined where it can not be told to the step. */
function firstPage(context: CaseContext): Duration | undefined {
  const { slo, timing } = context;
  const quick = writtenTiers(slo).some(
    ({ alert: which, long, factor }) => which === "page" && long <= hours(1) && factor * (1 - slo.objective) < 1,
  );
  if (!quick || !isExact(slo) || isStepwise(context) || fixedTotal(context) !== undefined) return undefined;
  return milliseconds(delayOf(timing) + waitOf(slo, "page"));
}

function burnCases(context: CaseContext): readonly Case[] {
  const { slo, timing } = context;
  const at = quickLength(slo, timing);
  return levelsOf(slo)
    .filter(({ page }) => page)
    .map((level) => ({
      name: `the budget burns ${burnText(level)}: page`,
      inputs: inputs(context, [{ length: at, total: busy(slo), failed: busy(slo) * level.ratio }]),
      expects: [alert(context, at, "page", true), ratio(context, at, level.ratio)],
    }));
}

function missingCases(context: CaseContext): readonly Case[] {
  const { slo, feeds, timing } = context;
  const [feed] = feeds;
  if (feed === undefined || slo.sli.kind === "composite") return [];
  const at = quickLength(slo, timing);
  const without = (gone: (group: FeedGroup) => ReadonlySet<string>, failed: number) =>
    inputs(context, [{ length: at, total: busy(slo), failed }], (each, group) => !gone(group).has(each.unknown));
  const { page } = levelAt(slo, 1 / (1 - slo.objective));
  const noErrors: Case = {
    name: "no failure was ever counted, so that its series is not there: no alert, all of the budget is left",
    inputs: without(({ solution }) => solution.onlyFailed, 0),
    expects: [...alerts(context, at, QUIET), ratio(context, at, 0), budget(context, at, 1)],
  };
  const noGood: Case = {
    name: `nothing ever went well, so that its series is not there: ${page ? "page" : "all has failed"}`,
    inputs: without(({ solution }) => solution.onlyGood, busy(slo)),
    expects: [alert(context, at, "page", page), ratio(context, at, 1)],
  };
  return [...(feed.holdsWithout("failed") ? [noErrors] : []), ...(feed.holdsWithout("good") ? [noGood] : [])];
}

/** Nothing happens, which shows only where the number of events can be chosen; then failures below the minimum. */
function idleCases(context: CaseContext): readonly Case[] {
  const { slo, feeds, timing } = context;
  const few = writtenTiers(slo).some(({ alert: which }) => which === "page") ? fewEvents(context) : undefined;
  const isIdle = fixedTotal(context) === undefined;
  if (!isIdle && few === undefined) return [];
  const until = quickLength(slo, timing);
  const known = feeds.some(({ dropsIdle }) => dropsIdle) ? [] : [budget(context, until, 1)];
  const idle = isIdle ? [...alerts(context, until, QUIET), ...known] : [];
  const idleText = `nothing happens: no alert${known.length > 0 ? ", all of the budget is left" : ""}`;
  if (few === undefined)
    return [{ name: idleText, inputs: inputs(context, [{ length: until, total: 0, failed: 0 }]), expects: idle }];
  // the last moment that knows nothing of the failures, and then one that does
  const from = milliseconds(until + (isIdle ? minutes(2) : 0));
  const end = milliseconds(from + minutes(2));
  const more = reachingMinimum(context, end);
  return [
    {
      name: `${isIdle ? `${idleText}; ` : ""}${few.text}: no page${more.expects.length > 0 ? "; more of them: page" : ""}`,
      inputs: inputs(context, [...few.phases(from, minutes(2)), ...more.phases]),
      expects: [...idle, ...[from, end].map((at) => alert(context, at, "page", false)), ...more.expects],
    },
  ];
}

/** As many failures again as the minimum asks for, where the first of them page. */
function reachingMinimum(context: CaseContext, start: Duration): { phases: readonly Phase[]; expects: Expectation[] } {
  const { slo, timing } = context;
  const first = firstPage(context);
  if (first === undefined || waitOf(slo, "page") > 0) return { phases: [], expects: [] };
  const total = (leastFailures(context) * minutes(5)) / timing.sampling;
  const rest = milliseconds(minutes(2) + delayOf(timing));
  return {
    phases: [
      { length: timing.sampling, total, failed: total },
      { length: rest, total: 0, failed: 0 },
    ],
    expects: [alert(context, milliseconds(start + rest), "page", true)],
  };
}
