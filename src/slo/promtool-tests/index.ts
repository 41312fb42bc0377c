import type { Duration } from "../../core/duration.ts";
import { findings, warning } from "../checks/check.ts";
import type { Slo, SloFinding } from "../model.ts";
import type { Stepping } from "../promql/steps.ts";
import { SLICE, STEPPING } from "../rules/context.ts";
import { budgetCases, budgetInterval } from "./budget-cases.ts";
import { fixedTotal, type Case, type CaseContext } from "./case-parts.ts";
import { feedOf } from "./feed.ts";
import { leastFailures } from "./few-events.ts";
import { longCases } from "./long-cases.ts";
import { quickCases } from "./quick-cases.ts";
import { renderTestFile } from "./test-file.ts";
import { LONG_INTERVAL, timingOf } from "./timing.ts";
import { Odd } from "./value.ts";

/** A file for `promtool test rules`. */
export interface SloTestFile {
  readonly sloId: string;
  /**
   * `<id>.test.yaml`, and `<id>.long.test.yaml` and `<id>.budget.test.yaml` with the cases whose rules are evaluated
   * less often; ids need no escaping in file names.
   */
  readonly name: string;
  readonly text: string;
}

/** Tests of SLOs, and why some have none. */
export interface SloTests {
  readonly files: readonly SloTestFile[];
  readonly findings: readonly SloFinding[];
}

/**
 * Writes test files for each SLO, made from its own queries: page, ticket, quiet, idle traffic, no data, missing
 * series, low traffic, groups and how little of the budget is left, as far as they make sense for it. `ruleFilesOf`
 * gives the rule files that hold the rules of an SLO, and of a composite those of its members, relative to the tests;
 * `stepping` is what they were written with. A query that can not be fed honestly is the finding `untested-query` in
 * place of a test.
 */
export function sloTests(
  slos: readonly Slo[],
  ruleFilesOf: (slo: Slo) => readonly string[],
  stepping: Stepping = STEPPING,
): SloTests {
  const byId = new Map(slos.map((slo) => [slo.id, slo]));
  const files: SloTestFile[] = [];
  const found: SloFinding[] = [];
  for (const slo of slos) {
    try {
      files.push(...filesOf(contextOf(slo, byId, stepping), ruleFilesOf(slo)));
    } catch (error) {
      if (!(error instanceof Odd)) throw error;
      found.push(...untested(slo, error.message));
    }
  }
  return { files, findings: found };
}

/** One file for each interval of evaluation, of which promtool knows one for a file. */
function filesOf(context: CaseContext, ruleFiles: readonly string[]): readonly SloTestFile[] {
  const { slo, timing } = context;
  const file = (kind: string, interval: Duration, cases: readonly Case[], { sampling } = timing): SloTestFile[] => {
    const sampled = cases.map((each) => ({ ...each, sampling }));
    return cases.length === 0
      ? []
      : [{ sloId: slo.id, name: `${slo.id}${kind}.test.yaml`, text: renderTestFile(ruleFiles, sampled, interval) }];
  };
  const seldom = needsEveryStep(context) ? timing.interval : LONG_INTERVAL;
  const [quick, long] = [quickCases(context), longCases(context)];
  return [
    ...(timing.interval === seldom
      ? file("", seldom, [...quick, ...long])
      : [...file("", timing.interval, quick), ...file(".long", seldom, long)]),
    ...file(".budget", budgetInterval(slo), budgetCases(context), { ...timing, sampling: SLICE }),
  ];
}

/**
 * Whether the samples of a gauge, of which a test can not make more, are too few for the minimum when not all are seen.
 */
const needsEveryStep = (context: CaseContext): boolean =>
  fixedTotal(context) !== undefined && leastFailures(context) > SEEN_SELDOM;

/** Samples that evaluations see in half an hour. */
const SEEN_SELDOM = 10;

const untested = (slo: Slo, what: string): readonly SloFinding[] =>
  findings("untested-query", slo, [
    warning(
      "sli",
      `has ${what}, for which no honest input series can be made, so no test is written; write one by hand`,
    ),
  ]);

function contextOf(slo: Slo, byId: ReadonlyMap<string, Slo>, stepping: Stepping): CaseContext {
  const { sli } = slo;
  const members = membersOf(slo, byId, new Set());
  const timing = timingOf([slo, ...members.map((member) => member.slo)], stepping);
  if (sli.kind !== "composite") return { slo, feeds: [feedOf(slo, sli, timing.sampling)], worstRatio: 1, timing };
  const feeds = members.map((member) => feedOf(member.slo, member.sli, timing.sampling));
  const series = feeds.flatMap((feed) => feed.groups.flatMap((group) => group.series));
  if (!feeds.every((feed) => feed.isAloneIn(series))) throw new Odd("members that select the same series");
  const weights = sli.members.reduce((sum, { weight }) => sum + weight, 0);
  const worstRatio = sli.method === "ratio_timeslices" ? Math.min(1, weights) : 1;
  return { slo, feeds, worstRatio, timing };
}

type Member = { readonly slo: Slo; readonly sli: Parameters<typeof feedOf>[1] };

function membersOf({ sli }: Slo, byId: ReadonlyMap<string, Slo>, seen: Set<string>): readonly Member[] {
  if (sli.kind !== "composite") return [];
  return sli.members.flatMap(({ sloId }) => {
    const slo = byId.get(sloId);
    if (slo === undefined) throw new Odd(`the unknown member ${sloId}`);
    if (seen.has(sloId)) return [];
    seen.add(sloId);
    return slo.sli.kind === "composite" ? membersOf(slo, byId, seen) : [{ slo, sli: slo.sli }];
  });
}
