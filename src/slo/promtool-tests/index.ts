import { minutes, type Duration } from "../../core/duration.ts";
import { findings, warning } from "../checks/check.ts";
import type { Slo, SloFinding } from "../model.ts";
import { isExact, STEPPING } from "../rules/context.ts";
import { casesOf, type CaseContext } from "./cases.ts";
import { feedOf } from "./feed.ts";
import { renderTestFile } from "./test-file.ts";
import { Odd } from "./value.ts";

/** A file for `promtool test rules`. */
export interface SloTestFile {
  readonly sloId: string;
  /** `<id>.test.yaml`; ids need no escaping in file names. */
  readonly name: string;
  readonly text: string;
}

/** Tests of SLOs, and why some have none. */
export interface SloTests {
  readonly files: readonly SloTestFile[];
  readonly findings: readonly SloFinding[];
}

/**
 * Writes a test file for each SLO, made from its own queries: page, ticket, quiet, idle traffic, no data, missing series, low
 * traffic and groups, as far as they make sense for it. `ruleFilesOf` gives the rule files that hold the rules of an SLO, and
 * of a composite those of its members, relative to the tests. A query that can not be fed honestly is the finding
 * `untested-query` in place of a test.
 */
export function sloTests(slos: readonly Slo[], ruleFilesOf: (slo: Slo) => readonly string[]): SloTests {
  const byId = new Map(slos.map((slo) => [slo.id, slo]));
  const files: SloTestFile[] = [];
  const found: SloFinding[] = [];
  for (const slo of slos) {
    try {
      const text = renderTestFile(ruleFilesOf(slo), casesOf(contextOf(slo, byId)), intervalOf(slo, byId));
      files.push({ sloId: slo.id, name: `${slo.id}.test.yaml`, text });
    } catch (error) {
      if (!(error instanceof Odd)) throw error;
      found.push(...untested(slo, error.message));
    }
  }
  return { files, findings: found };
}

const untested = (slo: Slo, what: string): readonly SloFinding[] =>
  findings("untested-query", slo, [
    warning(
      "sli",
      `has ${what}, for which no honest input series can be made, so no test is written; write one by hand`,
    ),
  ]);

function contextOf(slo: Slo, byId: ReadonlyMap<string, Slo>): CaseContext {
  const { sli } = slo;
  if (sli.kind !== "composite") return { slo, feeds: [feedOf(slo, sli)], worstRatio: 1 };
  const feeds = membersOf(slo, byId, new Set()).map((member) => feedOf(member.slo, member.sli));
  const series = feeds.flatMap((feed) => feed.groups.flatMap((group) => group.series));
  if (!feeds.every((feed) => feed.isAloneIn(series))) throw new Odd("members that select the same series");
  const weights = sli.members.reduce((sum, { weight }) => sum + weight, 0);
  return { slo, feeds, worstRatio: sli.method === "ratio_timeslices" ? Math.min(1, weights) : 1 };
}

/** Slower than in life, where `for` and the sums of a window come out the same; but steps are as long as they are. */
const SLOW_INTERVAL = minutes(2);

function intervalOf(slo: Slo, byId: ReadonlyMap<string, Slo>): Duration {
  const all = [slo, ...membersOf(slo, byId, new Set()).map((member) => member.slo)];
  return all.some(isExact) ? STEPPING.step : SLOW_INTERVAL;
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
