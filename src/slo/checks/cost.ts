import { minutes, parseDuration, type Duration } from "../../core/duration.ts";
import { ID_LABEL } from "../conventions.ts";
import type { Slo, SloRule, SloRuleGroup } from "../model.ts";
import { partsOf, type QueryNode } from "../promql/query-tree.ts";
import { readQuery } from "../promql/read-query.ts";
import type { Stepping } from "../promql/steps.ts";
import { STEPPING } from "../rules/context.ts";
import { eachSloGroup } from "../rules/groups.ts";
import { queriesOf } from "./check.ts";

/** What the rules of an SLO cost a Prometheus, as far as that can be told from them. */
export interface SloCost {
  readonly sloId: string;
  readonly rules: number;
  /** Series that are recorded, with so many groups as are given. */
  readonly recordedSeries: number;
  /** Samples that are read in a minute; of the raw series as many as are given, with a scrape each step. */
  readonly samplesPerMinute: number;
}

/** How many raw series the queries of an SLO read together, and how many groups they make. */
export interface SloSize {
  readonly inputSeries: number;
  readonly groups: number;
}

const SERVER_INTERVAL = minutes(1);

/** What is known of SLOs before their cost is estimated. */
export interface CostOptions {
  readonly sizes?: ReadonlyMap<string, SloSize>;
  /** How their rules read counters. */
  readonly stepping?: Stepping;
}

/** Estimates what SLOs cost; one series for each selector and one group where `sizes` does not know better. */
export function sloCosts(
  slos: readonly Slo[],
  { sizes = new Map(), stepping = STEPPING }: CostOptions = {},
): readonly SloCost[] {
  return slos.map((slo) => {
    const size = sizes.get(slo.id);
    const selectors = queriesOf(slo).length;
    const perSelector = (size?.inputSeries ?? selectors) / Math.max(1, selectors);
    const per = { raw: perSelector, recorded: size?.groups ?? 1, step: stepping.step };
    const groups = groupsOf(slo, slos, stepping);
    const rules = groups.flatMap((group) => group.rules);
    const samples = groups.reduce((sum, group) => {
      const interval = parseDuration(group.interval ?? "") ?? SERVER_INTERVAL;
      const each = group.rules.reduce((all, rule) => all + samplesOf(rule, per), 0);
      return sum + (each * minutes(1)) / interval;
    }, 0);
    const records = rules.filter((rule) => "record" in rule).length;
    return {
      sloId: slo.id,
      rules: rules.length,
      recordedSeries: records * per.recorded,
      samplesPerMinute: Math.round(samples),
    };
  });
}

/** A composite's rules can not be written without its members, whose own groups come after it. */
function groupsOf(slo: Slo, slos: readonly Slo[], stepping: Stepping): readonly SloRuleGroup[] {
  const found: SloRuleGroup[] = [];
  for (const group of eachSloGroup([slo, ...membersOf(slo, slos)], { externalUrl: "", ...stepping })) {
    if (group.rules[0]?.labels[ID_LABEL] !== slo.id) break;
    found.push(group);
  }
  return found;
}

function membersOf({ sli }: Slo, slos: readonly Slo[]): readonly Slo[] {
  if (sli.kind !== "composite") return [];
  const ids = new Set(sli.members.map(({ sloId }) => sloId));
  return slos.filter(({ id }) => ids.has(id));
}

/** Series that a selector finds. */
interface PerSelector {
  readonly raw: number;
  readonly recorded: number;
  /** Between two samples of a range; what is recorded more seldom is read by subqueries. */
  readonly step: Duration;
}

function samplesOf({ expr }: SloRule, per: PerSelector): number {
  const tree = readQuery(expr);
  return tree === undefined ? 0 : samplesIn(tree, 1, per);
}

function samplesIn(node: QueryNode, times: number, per: PerSelector): number {
  if (node.kind === "selector") {
    const series = node.metric?.startsWith("slo:") === true ? per.recorded : per.raw;
    return times * series * (node.range === undefined ? 1 : node.range / per.step);
  }
  const steps = node.kind === "subquery" ? stepsOf(node.range, node.step) : 1;
  return partsOf(node).reduce((sum, part) => sum + samplesIn(part, times * steps, per), 0);
}

const stepsOf = (range: Duration | undefined, step: Duration | undefined): number =>
  (range ?? SERVER_INTERVAL) / (step ?? SERVER_INTERVAL);
