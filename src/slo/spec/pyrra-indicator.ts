import { inSeconds } from "../../core/duration.ts";
import type { YamlPath } from "../../lib/yaml-places.ts";
import { bucketMatcher, withMatcher } from "../promql/histogram.ts";
import type { QuerySelector } from "../promql/query-tree.ts";
import { readQuery } from "../promql/read-query.ts";
import { readWindowed } from "../promql/windowed.ts";
import { aggregate } from "../rules/aggregate.ts";
import { gaugeSamples, nativeLatency, notGood, slowEvents, type Counts } from "./counts.ts";
import type { ReadSli } from "./events.ts";
import type { Findings } from "./findings.ts";
import type { PyrraObjective } from "./pyrra-schema.ts";

type Indicator = PyrraObjective["spec"]["indicator"];
type Written<K extends keyof Indicator> = NonNullable<Indicator[K]>;

const PATH: YamlPath = ["spec", "indicator"];

/** By which labels the indicator is grouped. */
export const groupingOf = (indicator: Indicator): readonly string[] =>
  (indicator.ratio ?? indicator.latency ?? indicator.latencyNative ?? indicator.bool_gauge)?.grouping ?? [];

/** What a Pyrra objective measures; undefined after a finding. */
export function pyrraIndicator(indicator: Indicator, findings: Findings): ReadSli | undefined {
  const by = groupingOf(indicator);
  const counts = countsOf(indicator, by, new Selectors(findings));
  if (counts === undefined) return undefined;
  const [total, errors] = [readWindowed(counts.total), readWindowed(counts.errors)];
  if ("fault" in total || "fault" in errors) {
    findings.error("promql", PATH, "has a selector that can not be counted: write a metric and its matchers");
    return undefined;
  }
  return { sli: { kind: "events", total: total.promql, errors: errors.promql }, countsEvents: true };
}

function countsOf(indicator: Indicator, by: readonly string[], selectors: Selectors): Counts | undefined {
  const { ratio, latency, latencyNative, bool_gauge: gauge } = indicator;
  if (ratio !== undefined) return ratioCounts(ratio, by, selectors);
  if (latency !== undefined) return latencyCounts(latency, by, selectors);
  if (latencyNative !== undefined) {
    const selector = selectors.at(latencyNative.total.metric, ["latencyNative", "total", "metric"]);
    return selector && nativeLatency(selector.text, inSeconds(latencyNative.latency), by);
  }
  const samples = gauge === undefined ? undefined : selectors.at(gauge.metric, ["bool_gauge", "metric"]);
  return samples && gaugeSamples(samples.text, by);
}

/** Two of errors, total and success are there; the third follows from total = errors + success. */
function ratioCounts(ratio: Written<"ratio">, by: readonly string[], selectors: Selectors): Counts | undefined {
  const read = (key: "errors" | "total" | "success") => {
    const metric = ratio[key]?.metric;
    if (metric === undefined) return undefined;
    const selector = selectors.at(metric, ["ratio", key, "metric"]);
    return selector && aggregate("sum", `increase(${selector.text}[$window])`, by);
  };
  const [errors, total, success] = [read("errors"), read("total"), read("success")];
  if (total !== undefined && errors !== undefined) return { total, errors };
  if (total !== undefined && success !== undefined) return { total, errors: notGood(total, success, by) };
  if (errors === undefined || success === undefined) return undefined;
  // where one of them has no series, all events are of the other
  return { total: `(${errors} or ${success} * 0) + (${success} or ${errors} * 0)`, errors };
}

function latencyCounts(latency: Written<"latency">, by: readonly string[], selectors: Selectors): Counts | undefined {
  const total = selectors.at(latency.total.metric, ["latency", "total", "metric"]);
  const success = selectors.at(latency.success.metric, ["latency", "success", "metric"]);
  const bucket = success && selectors.bucket(success, ["latency", "success", "metric"]);
  return total === undefined || bucket === undefined ? undefined : slowEvents(total.text, bucket, by);
}

interface Selector {
  readonly text: string;
  readonly tree: QuerySelector;
}

/** Reads selectors, the only PromQL that Pyrra knows. */
class Selectors {
  private readonly findings: Findings;

  constructor(findings: Findings) {
    this.findings = findings;
  }

  at(written: string, below: YamlPath): Selector | undefined {
    const path = [...PATH, ...below];
    const read = readWindowed(written);
    if ("fault" in read) return this.refuse(path, read.fault);
    const { text } = read.promql;
    const tree = readQuery(text);
    if (tree?.kind !== "selector" || read.windows > 0 || tree.range !== undefined)
      return this.refuse(
        path,
        "is no plain selector, the only PromQL that Pyrra reads: write a metric and its matchers",
      );
    if (!tree.isMoved) return { text: text.trim(), tree };
    return this.refuse(path, "has an offset or @, which Pyrra leaves out without a word: take it out");
  }

  /** The selector of a bucket with its bound in all spellings, since Prometheus 3 writes 1 as `1.0`. */
  bucket({ tree }: Selector, below: YamlPath): string | undefined {
    const path = [...PATH, ...below];
    const bounds = tree.matchers.filter(({ label }) => label === "le");
    const bound = Number(bounds[0]?.value || Number.NaN);
    if (bounds.length !== 1 || bounds[0]?.operator.startsWith("!") !== false || !Number.isFinite(bound))
      return this.refuse(path, 'names no bucket: give it one matcher of le with a number, such as le="0.3"');
    const others = tree.matchers.filter(({ label }) => label !== "le");
    const texts = others.map(({ label, operator, value }) => `${label}${operator}${JSON.stringify(value)}`);
    const selector = texts.length === 0 ? "" : `{${texts.join(",")}}`;
    return withMatcher(tree.metric ?? "", selector, bucketMatcher(bound));
  }

  private refuse(path: YamlPath, message: string): undefined {
    this.findings.error("promql", path, message);
  }
}
