import { z } from "zod";
import { CollectError } from "../../core/errors.ts";
import { askPrometheus, type PrometheusTarget } from "./ask.ts";

export type { PrometheusTarget } from "./ask.ts";

/** What a query gave over a span. */
export interface Matrix {
  readonly series: readonly {
    readonly labels: Readonly<Record<string, string>>;
    /** Unix seconds and value; what is no number is NaN. */
    readonly values: readonly (readonly [at: number, value: number])[];
    /** Whether it has native histograms in place of numbers. */
    readonly isHistogram: boolean;
  }[];
  /** Whether the answer is known to be incomplete, as Thanos and Mimir say it. */
  readonly partial: boolean;
  /** What the server says besides. */
  readonly warnings: readonly string[];
}

const answerSchema = z.object({
  warnings: z.array(z.string()).nullish(),
  data: z.object({
    resultType: z.literal("matrix"),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.unknown()).default([]),
        histograms: z.unknown().optional(),
      }),
    ),
  }),
});

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * Evaluates a query at each step after `from` until `to`, in Unix seconds and both multiples of the step. Throws
 * `CollectError`, with the server's words about a query that it refuses.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries
 */
export async function queryRange(
  target: PrometheusTarget,
  query: string,
  span: { readonly from: number; readonly to: number },
  options: { readonly step: number; readonly signal?: AbortSignal | undefined },
): Promise<Matrix> {
  const { step, signal } = options;
  const search = rangeSearch(query, span, step);
  const { warnings, data } = await askPrometheus(target, { path: "query_range", search }, answerSchema, {
    maxBodyBytes: MAX_BODY_BYTES,
    signal,
  });
  const where = `GET ${target.url}/api/v1/query_range`;
  const asked = { from: span.from, to: span.to + step };
  return {
    series: data.result.map(({ metric, values, histograms }) => ({
      labels: metric,
      values: values.map((pair) => readPair(pair, asked, where)),
      isHistogram: histograms !== undefined,
    })),
    partial: (warnings ?? []).length > 0,
    warnings: warnings ?? [],
  };
}

/** What {@link queryRange} asks. */
export const rangeSearch = (
  query: string,
  { from, to }: { readonly from: number; readonly to: number },
  step: number,
): URLSearchParams => new URLSearchParams({ query, start: String(from + step), end: String(to), step: String(step) });

/** By hand: there are thousands of them in an answer. Mimir may move a whole range by less than a step. */
function readPair(
  pair: unknown,
  asked: { readonly from: number; readonly to: number },
  where: string,
): readonly [number, number] {
  if (!Array.isArray(pair)) throw new CollectError("unexpected_shape", `${where}: a sample is not a pair`);
  const [at, value]: readonly unknown[] = pair;
  if (typeof at !== "number" || typeof value !== "string")
    throw new CollectError("unexpected_shape", `${where}: a sample is not a time and a text`);
  if (at < asked.from || at > asked.to)
    throw new CollectError("unexpected_shape", `${where}: a sample is of a time that was not asked for`);
  return [at, value.trim() === "" ? Number.NaN : Number(value)];
}
