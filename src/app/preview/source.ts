import { z } from "zod";
import type { Duration } from "../../core/duration.ts";
import { inSeconds } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import { askPrometheus, type PrometheusTarget } from "../../lib/prometheus/ask.ts";

/** Moments in Unix seconds. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** One series; `values` are Unix seconds and the value as Prometheus writes it. */
export interface AnsweredSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [at: number, value: string])[];
}

/** What Prometheus answers to a query. */
export interface Answered {
  readonly series: readonly AnsweredSeries[];
  /** Whether there are more series than were asked for. */
  readonly isCut: boolean;
  /** What it says besides, such as that an answer is not complete. */
  readonly warnings: readonly string[];
}

/** Whom the preview asks. All throw `CollectError`, with the server's own words. */
export interface PreviewSource {
  range(promql: string, range: TimeRange & { readonly step: number }, signal: AbortSignal): Promise<Answered>;
  /** At one moment, Unix seconds. */
  instant(promql: string, at: number, signal: AbortSignal): Promise<Answered>;
  /** The values that a label has on the series that are selected, sorted. */
  labelValues(selector: string, label: string, range: TimeRange, signal: AbortSignal): Promise<readonly string[]>;
}

const pair = z.tuple([z.number(), z.string()]);
const labels = z.record(z.string(), z.string());
const warnings = z.array(z.string()).nullish();
const queryAnswer = z.object({
  warnings,
  data: z.discriminatedUnion("resultType", [
    z.object({
      resultType: z.literal("matrix"),
      result: z.array(z.object({ metric: labels, values: z.array(pair).default([]) })),
    }),
    z.object({
      resultType: z.literal("vector"),
      result: z.array(z.object({ metric: labels, value: pair.optional() })),
    }),
    z.object({ resultType: z.literal("scalar"), result: pair }),
  ]),
});
const valuesAnswer = z.object({ data: z.array(z.string()) });

const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** What is asked of a Prometheus at most. */
export interface SourceBounds {
  /** It gives up after this long. */
  readonly timeout: Duration;
  readonly series: number;
  readonly values: number;
}

/** A Prometheus, or what speaks as one. Source: https://prometheus.io/docs/prometheus/latest/querying/api/ */
export function prometheusSource(target: PrometheusTarget, { timeout, series, values }: SourceBounds): PreviewSource {
  const ask = <T>(path: string, search: Record<string, string>, shape: z.ZodType<T>, signal: AbortSignal): Promise<T> =>
    askPrometheus(target, { path, search: new URLSearchParams(search) }, shape, {
      maxBodyBytes: MAX_BODY_BYTES,
      signal,
    });
  // one more than is shown, so that it is known whether there are more
  const bounds = { timeout: `${inSeconds(timeout)}s`, limit: String(series + 1) };
  const query = async (path: string, search: Record<string, string>, signal: AbortSignal): Promise<Answered> =>
    answered(await ask(path, { ...search, ...bounds }, queryAnswer, signal), series);
  return {
    async range(promql, { from, to, step }, signal) {
      const search = { query: promql, start: String(from), end: String(to), step: String(step) };
      const found = await query("query_range", search, signal);
      // Mimir may move a whole range by less than a step
      const isOfRange = found.series.every(({ values: pairs }) =>
        pairs.every(([at]) => at > from - step && at < to + step),
      );
      if (isOfRange) return found;
      throw new CollectError("unexpected_shape", `GET ${target.url}/api/v1/query_range: a sample is of another time`);
    },
    instant: (promql, at, signal) => query("query", { query: promql, time: String(at) }, signal),
    async labelValues(selector, label, { from, to }, signal) {
      const search = { "match[]": selector, start: String(from), end: String(to), limit: String(values) };
      const { data } = await ask(`label/${encodeURIComponent(label)}/values`, search, valuesAnswer, signal);
      return data.slice(0, values).toSorted();
    },
  };
}

function answered({ data, warnings: said }: z.infer<typeof queryAnswer>, most: number): Answered {
  const all = seriesOf(data);
  const isCut = all.length > most;
  // Prometheus warns of the bound that was asked for, which is told otherwise
  const others = (said ?? []).filter((text) => !/truncated due to limit/i.test(text));
  return { series: all.slice(0, most), isCut, warnings: others };
}

function seriesOf(data: z.infer<typeof queryAnswer>["data"]): readonly AnsweredSeries[] {
  if (data.resultType === "scalar") return [{ labels: {}, values: [data.result] }];
  if (data.resultType === "matrix") return data.result.map(({ metric, values }) => ({ labels: metric, values }));
  return data.result.map(({ metric, value }) => ({ labels: metric, values: value === undefined ? [] : [value] }));
}
