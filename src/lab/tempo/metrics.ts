import type { LabAnswer } from "../exchange.ts";
import { json, toOtlp, unlessZero } from "./answers.ts";
import { TempoError } from "./errors.ts";
import { readMetricsWindow, refuseSmallStep, readUint, type MetricsWindow } from "./parameters.ts";
import type { TempoRequest } from "./request.ts";
import { evaluateMetrics } from "./series.ts";
import type { Grid, Series } from "./series-types.ts";
import { parseQuery } from "./traceql/parse.ts";
import { metricsOf, type Query } from "./traceql/tree.ts";

/** `GET /api/metrics/query_range`: https://grafana.com/docs/tempo/latest/api_docs/#traceql-metrics */
export function queryRange(request: TempoRequest): LabAnswer {
  const { query, limits, view, now } = request;
  const window = readMetricsWindow(query, limits, view.clipEnd(now));
  const parsed = read(request, "");
  refuseSmallStep(window);
  const grid = gridOf(window, view.clipEnd(now));
  // A step that spans the whole window leaves nothing to ask for.
  if (grid.count < 2) return json({ series: [], metrics: { completedJobs: 1 } });
  const found = evaluateMetrics(parsed, { view, grid, maxExemplars: exemplarsOf(request, parsed) });
  const { series, partial } = limitSeries(request, found);
  return json({ series: series.map((one) => rangeSeries(one, grid)), metrics: COUNTERS, ...partial });
}

/** `GET /api/metrics/query`: one value over the whole window. */
export function queryInstant(request: TempoRequest): LabAnswer {
  const { query, limits, view, now } = request;
  const parsed = read(request, "compiling query: ");
  const window = readMetricsWindow(query, limits, view.clipEnd(now));
  const to = Math.min(window.to, view.clipEnd(now));
  const grid: Grid = { firstMs: to, stepMs: Math.max(1, to - window.from), count: 1, isInstant: true };
  const { series, partial } = limitSeries(request, evaluateMetrics(parsed, { view, grid, maxExemplars: 0 }));
  const shown = series.map(({ labels, values, isCount }) => ({
    labels: labels.map(({ key, value }) => ({ key, value: toOtlp(value) })),
    value: isCount ? unlessZero(values[0] ?? 0) : values[0],
  }));
  return json({ series: shown.length === 0 ? undefined : shown, metrics: COUNTERS, ...partial });
}

const COUNTERS = { inspectedBytes: "1000", completedJobs: 1, totalJobs: 1 };

function read({ query }: TempoRequest, prefix: string): Query {
  let parsed: Query;
  try {
    parsed = parseQuery(query.get("q") ?? query.get("query") ?? "");
  } catch (error) {
    throw new TempoError(400, `${prefix}${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isMetrics(parsed.root)) throw new TempoError(400, "not a metrics query");
  return parsed;
}

function isMetrics(root: Query["root"]): boolean {
  return root.type === "pipeline"
    ? metricsOf(root.pipeline) !== undefined
    : isMetrics(root.left) && isMetrics(root.right);
}

/** Points lie on multiples of the step, each over the step before it; the last one lies before the window's end. */
function gridOf({ from, to, stepMs }: MetricsWindow, seenUntil: number): Grid {
  const firstMs = Math.floor(from / stepMs) * stepMs;
  const lastMs = Math.floor(Math.min(to, seenUntil) / stepMs) * stepMs;
  return { firstMs, stepMs, count: Math.round((lastMs - firstMs) / stepMs) + 1, isInstant: false };
}

function exemplarsOf({ query, limits }: TempoRequest, { hints }: Query): number {
  if (hints["exemplars"]?.value === false) return 0;
  const asked = readUint(query, "exemplars") ?? 0;
  return asked === 0 ? limits.maxExemplars : Math.min(asked, limits.maxExemplars);
}

function limitSeries(
  { query, limits }: TempoRequest,
  series: readonly Series[],
): { readonly series: readonly Series[]; readonly partial: object } {
  const asked = readUint(query, "maxSeries") ?? 0;
  const most = asked === 0 ? limits.maxResponseSeries : Math.min(asked, limits.maxResponseSeries);
  if (series.length <= most) return { series, partial: {} };
  const message = `Response exceeds maximum series limit of ${most}, a partial response is returned. Warning: the accuracy of each individual value is not guaranteed.`;
  return { series: series.slice(0, most), partial: { status: "PARTIAL", message } };
}

function rangeSeries({ labels, values, isCount, exemplars }: Series, { firstMs, stepMs }: Grid): object {
  const samples = values.flatMap((value, index) => {
    const timestampMs = String(Math.round(firstMs + index * stepMs));
    if (value === undefined) return isCount ? [{ timestampMs }] : [];
    return [{ timestampMs, value: unlessZero(value) }];
  });
  const shown = exemplars?.map((exemplar) => ({
    labels: exemplar.labels.map(({ key, value }) => ({ key, value: toOtlp(value) })),
    value: unlessZero(exemplar.value ?? valueAt(values, (exemplar.atMs - firstMs) / stepMs)),
    timestampMs: String(exemplar.atMs),
  }));
  return {
    labels: labels.map(({ key, value }) => ({ key, value: toOtlp(value) })),
    samples,
    exemplars: shown,
  };
}

const valueAt = (values: Series["values"], position: number): number => values[Math.max(0, Math.ceil(position))] ?? 0;
