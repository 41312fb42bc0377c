import { ExemplarPicker } from "./exemplars.ts";
import type { Label, MetricsScope, PlacedSpan, Series } from "./series-types.ts";
import type { StoredSpan, StoredTrace } from "./trace.ts";
import { fieldsOf } from "./traceql/conditions.ts";
import { readValue, valuesOf } from "./traceql/fields.ts";
import { findIntrinsic } from "./traceql/names.ts";
import { findSpans } from "./traceql/spansets.ts";
import type { Field, MetricsStage, Pipeline, Value } from "./traceql/tree.ts";

const NIL: Value = { type: "nil", value: null };

const INTRINSICS: readonly Field[] =
  "instrumentation:name instrumentation:version kind name rootName rootServiceName span:childCount status statusMessage"
    .split(" ")
    .flatMap((name) => findIntrinsic(name) ?? []);

/** Attributes with columns of their own: spans without them count as `nil`. Recorded. */
const COLUMNS = `resource.k8s.cluster.name resource.k8s.container.name resource.k8s.namespace.name resource.k8s.pod.name
  resource.service.name span.http.method span.http.request.method span.http.response.status_code span.http.route
  span.http.status_code span.http.url span.server.address span.server.port span.url.path span.url.route`.split(/\s+/v);

type Side = "baseline" | "selection";

interface Counted {
  readonly totals: number[];
  /** By the bare value. */
  readonly values: Map<Value["value"], { readonly value: Value; readonly points: number[] }>;
}

/**
 * Counts the values of all attributes of the spans on both sides; those that the query filters by count twice, as
 * they do in Tempo 3.1. Source:
 * https://grafana.com/docs/tempo/latest/metrics-from-traces/metrics-queries/functions/#compare
 */
export function compareSpans(
  spans: readonly PlacedSpan[],
  pipeline: Pipeline,
  stage: MetricsStage,
  scope: MetricsScope,
): readonly Series[] {
  const { grid } = scope;
  const filtered = new Set(fieldsOf(pipeline.spans).map(({ text }) => text));
  const isSelected = selector(stage);
  const picker = new ExemplarPicker(shownWith, stage, scope);
  const sides: Record<Side, Map<string, Counted>> = { baseline: new Map(), selection: new Map() };
  for (const { stored, point } of spans) {
    const fields = sides[isSelected(stored) ? "selection" : "baseline"];
    for (const [name, values] of attributesOf(stored))
      count(fields, name, { values, point, by: filtered.has(name) ? 2 : 1, points: grid.count });
  }
  return (["baseline", "selection"] as const).flatMap((side) => [
    ...seriesOf(side, sides[side], stage.top ?? 10),
    ...withExemplars(
      totalsOf(side, sides[side]),
      spans.filter(({ stored }) => isSelected(stored) === (side === "selection")),
      picker,
    ),
  ]);
}

/** Those of a side stand with the first of its totals. */
function withExemplars(
  series: readonly Series[],
  spans: readonly PlacedSpan[],
  picker: ExemplarPicker,
): readonly Series[] {
  const exemplars = picker.pick(spans);
  return exemplars.length === 0 ? series : series.map((one, index) => (index === 0 ? { ...one, exemplars } : one));
}

const shownWith = (stored: StoredSpan): readonly Label[] =>
  [...attributesOf(stored)].flatMap(([key, [value]]) => (value === undefined ? [] : [{ key, value }]));

function selector({ selection, from = 0, to = 0 }: MetricsStage): (stored: StoredSpan) => boolean {
  const found = new Map<StoredTrace, ReadonlySet<StoredSpan>>();
  const inTrace = (trace: StoredTrace): ReadonlySet<StoredSpan> => {
    const known = found.get(trace);
    if (known !== undefined || selection === undefined) return known ?? new Set();
    const spans = new Set(findSpans({ spans: selection, stages: [] }, trace).flatMap(({ spans }) => spans));
    found.set(trace, spans);
    return spans;
  };
  return (stored) => {
    const start = Number(stored.span.startTimeUnixNano);
    if ((from !== 0 || to !== 0) && (start < from || start > to)) return false;
    return inTrace(stored.trace).has(stored);
  };
}

function attributesOf(stored: StoredSpan): ReadonlyMap<string, readonly Value[]> {
  const found = new Map<string, readonly Value[]>(COLUMNS.map((name) => [name, [NIL]]));
  for (const field of INTRINSICS) found.set(field.name, valuesOf(stored, field));
  for (const { key, value } of stored.resource.attributes) found.set(`resource.${key}`, readValue(value));
  for (const { key, value } of stored.span.attributes) found.set(`span.${key}`, readValue(value));
  return found;
}

interface Addition {
  readonly values: readonly Value[];
  readonly point: number;
  readonly by: number;
  readonly points: number;
}

function count(fields: Map<string, Counted>, name: string, { values, point, by, points }: Addition): void {
  if (values.length === 0) return;
  const counted = fields.get(name) ?? { totals: Array.from({ length: points }, () => 0), values: new Map() };
  fields.set(name, counted);
  counted.totals[point] = (counted.totals[point] ?? 0) + by;
  for (const value of values) {
    const known = counted.values.get(value.value) ?? { value, points: Array.from({ length: points }, () => 0) };
    counted.values.set(value.value, known);
    known.points[point] = (known.points[point] ?? 0) + by;
  }
}

const sum = (points: readonly number[]): number => points.reduce((total, value) => total + value, 0);
const byName = (fields: ReadonlyMap<string, Counted>) => [...fields.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1));
const labelled = (type: string, name: string, value: Value): Series["labels"] => [
  { key: "__meta_type", value: { type: "string", value: type } },
  { key: name, value },
];

function seriesOf(side: Side, fields: ReadonlyMap<string, Counted>, top: number): readonly Series[] {
  return byName(fields).flatMap(([name, { values }]) =>
    [...values.values()]
      .toSorted((a, b) => sum(b.points) - sum(a.points))
      .slice(0, top)
      .map(({ value, points }) => ({ labels: labelled(side, name, value), values: points, isCount: true })),
  );
}

function totalsOf(side: Side, fields: ReadonlyMap<string, Counted>): readonly Series[] {
  return byName(fields).map(([name, { totals }]) => ({
    labels: labelled(`${side}_total`, name, NIL),
    values: totals,
    isCount: true,
  }));
}
