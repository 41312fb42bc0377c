import { compareSpans } from "./compare.ts";
import { distribution } from "./distribution.ts";
import { ExemplarPicker, labelsOf } from "./exemplars.ts";
import { keepAbove, keepTop } from "./second-stage.ts";
import { numberOf, type Grid, type Label, type MetricsScope, type PlacedSpan, type Series } from "./series-types.ts";
import { ARITHMETIC, fieldsOf } from "./traceql/conditions.ts";
import { valuesOf } from "./traceql/fields.ts";
import { findSpans } from "./traceql/spansets.ts";
import { metricsOf, type MetricsStage, type Pipeline, type Query, type Value } from "./traceql/tree.ts";

const NIL: Value = { type: "nil", value: null };

/** Evaluates a query of metrics. */
export function evaluateMetrics({ root }: Pick<Query, "root">, scope: MetricsScope): readonly Series[] {
  if (root.type === "pipeline") return evaluatePipeline(root.pipeline, scope);
  const lefts = evaluateMetrics({ root: root.left }, scope);
  const rights = evaluateMetrics({ root: root.right }, scope);
  const reckon = ARITHMETIC[root.operator] ?? (() => Number.NaN);
  return lefts.flatMap((left) => {
    const right = rights.find(({ labels }) => keyOf(named(labels)) === keyOf(named(left.labels))) ?? rights[0];
    if (right === undefined) return [];
    const values = left.values.map((value, index) => finite(reckon(value ?? 0, right.values[index] ?? 0)));
    if (values.every((value) => value === undefined)) return [];
    const labels = left.labels.map((label, index) => joinName(label, right.labels[index], root.operator));
    const exemplars = left.exemplars ?? right.exemplars;
    return [{ labels, values, isCount: false, ...(exemplars && { exemplars }) }];
  });
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);
const named = (labels: readonly Label[]): readonly Label[] => labels.filter(({ key }) => key !== "__name__");
const keyOf = (labels: readonly Label[]): string =>
  labels.map(({ key, value }) => `${key}=${JSON.stringify(value.value)}`).join("\n");

function joinName(label: Label, other: Label | undefined, operator: string): Label {
  if (label.key !== "__name__") return label;
  return { ...label, value: { type: "string", value: `(${label.value.value} ${operator} ${other?.value.value})` } };
}

function evaluatePipeline(pipeline: Pipeline, scope: MetricsScope): readonly Series[] {
  const stage = metricsOf(pipeline);
  if (stage === undefined) return [];
  const before = pipeline.stages.slice(0, pipeline.stages.indexOf(stage));
  const spans = placed({ spans: pipeline.spans, stages: before }, scope);
  let series =
    stage.name === "compare" ? compareSpans(spans, pipeline, stage, scope) : group(spans, pipeline, stage, scope);
  for (const next of pipeline.stages.slice(before.length + 1)) {
    if (next.type === "top")
      series = keepTop(series, { count: next.count, direction: next.name === "topk" ? 1 : -1, grid: scope.grid });
    if (next.type === "threshold") series = keepAbove(series, next.operator, next.limit);
  }
  return series;
}

function placed(pipeline: Pipeline, { view, grid }: MetricsScope): readonly PlacedSpan[] {
  const { firstMs, stepMs, count } = grid;
  const [from, to] = [firstMs - stepMs, firstMs + (count - 1) * stepMs];
  return view.within({ from, to }).flatMap((trace) =>
    findSpans(pipeline, trace).flatMap(({ spans }) =>
      spans.flatMap((stored) => {
        const atMs = Number(stored.span.startTimeUnixNano / 1000n) / 1000;
        const point = Math.ceil((atMs - firstMs) / stepMs);
        return point < 0 || point >= count || view.isLate(trace, atMs) ? [] : [{ stored, point }];
      }),
    ),
  );
}

/** Puts spans into series by the labels of `by()`, and counts each. */
function group(
  spans: readonly PlacedSpan[],
  pipeline: Pipeline,
  stage: MetricsStage,
  scope: MetricsScope,
): readonly Series[] {
  const groups = new Map<string, { labels: readonly Label[]; spans: PlacedSpan[] }>();
  const isCount = stage.name === "rate" || stage.name === "count_over_time";
  // What counts is zero where nothing is; without labels that is a series too.
  if (stage.name === "sum_over_time" && isUnread(stage, pipeline)) return [];
  if (stage.by.length === 0 && isCount) groups.set("", { labels: [], spans: [] });
  for (const span of spans) {
    const labels = stage.by.map((field) => ({ key: field.text, value: valuesOf(span.stored, field)[0] ?? NIL }));
    const key = keyOf(labels);
    const known = groups.get(key) ?? { labels, spans: [] };
    groups.set(key, known);
    known.spans.push(span);
  }
  const sorted = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const fields = [...fieldsOf(pipeline.spans), ...stage.by, ...(stage.of ? [stage.of] : [])];
  const exemplars = new ExemplarPicker(labelsOf(fields), stage, scope);
  return sorted.flatMap(([, { labels, spans }]) => reckon(stage, { labels, spans, exemplars, grid: scope.grid }));
}

/** Tempo 3.1 sums an attribute only when the conditions name it, so that it is read. */
function isUnread({ of }: MetricsStage, { spans }: Pipeline): boolean {
  return of !== undefined && of.scope !== "intrinsic" && !fieldsOf(spans).some(({ text }) => text === of.text);
}

interface Group {
  readonly labels: readonly Label[];
  readonly spans: readonly PlacedSpan[];
  readonly exemplars: ExemplarPicker;
  readonly grid: Grid;
}

function reckon(stage: MetricsStage, group: Group): readonly Series[] {
  const { labels, spans, exemplars, grid } = group;
  const picked = exemplars.pick(spans);
  const withPicked = picked.length > 0 ? { exemplars: picked } : {};
  if (stage.name === "quantile_over_time" || stage.name === "histogram_over_time") {
    const series = distribution(stage, group);
    return series.map((one, index) => (index === 0 ? { ...one, ...withPicked } : one));
  }
  const counted = countPoints(stage, spans, grid);
  if (counted === undefined) return [];
  const name: Label = { key: "__name__", value: { type: "string", value: stage.name } };
  return [{ ...counted, labels: labels.length === 0 ? [name] : labels, ...withPicked }];
}

function countPoints(
  { name, of }: MetricsStage,
  spans: readonly PlacedSpan[],
  { count, stepMs }: Grid,
): Pick<Series, "values" | "isCount"> | undefined {
  const isCount = of === undefined;
  const points: number[][] = Array.from({ length: count }, () => []);
  for (const { stored, point } of spans) {
    const value = isCount ? 1 : numberOf(stored, of);
    if (value !== undefined) points[point]?.push(value);
  }
  if (!isCount && points.every((values) => values.length === 0)) return undefined;
  const values = points.map((values) => (values.length === 0 ? undefined : summary(name, values, stepMs)));
  return { values, isCount };
}

function summary(name: string, values: readonly number[], stepMs: number): number {
  const sum = values.reduce((total, value) => total + value, 0);
  if (name === "rate") return values.length / (stepMs / 1000);
  if (name === "count_over_time") return values.length;
  if (name === "min_over_time") return values.reduce((least, value) => Math.min(least, value), Infinity);
  if (name === "max_over_time") return values.reduce((most, value) => Math.max(most, value), -Infinity);
  return name === "avg_over_time" ? sum / values.length : sum;
}
