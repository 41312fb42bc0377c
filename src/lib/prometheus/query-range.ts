import { z } from "zod";
import { CollectError } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import type { HttpClient } from "../http/client.ts";
import { readShape } from "../shape.ts";

/** Where a Prometheus, or what speaks as one, is asked. */
export interface PrometheusTarget {
  readonly client: HttpClient;
  /** Up to what comes before `/api/v1`, without a final slash. */
  readonly url: string;
  /** Such as `authorization` or Mimir's tenant. */
  readonly headers?: Readonly<Record<string, string | Secret>> | undefined;
}

/** What a query gave over a span. */
export interface Matrix {
  readonly series: readonly {
    readonly labels: Readonly<Record<string, string>>;
    /** Unix seconds and value; what is no number is NaN. */
    readonly values: readonly (readonly [at: number, value: number])[];
  }[];
  /** Whether the answer is known to be incomplete, as Thanos and Mimir say it. */
  readonly partial: boolean;
}

const answerSchema = z.object({
  warnings: z.array(z.string()).nullish(),
  data: z.object({
    resultType: z.literal("matrix"),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), values: z.array(z.unknown()).default([]) })),
  }),
});

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * Evaluates a query at each step after `from` until `to`, in Unix seconds and both multiples of the step. Throws `CollectError`, with
 * the server's words about a query that it refuses.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries
 */
export async function queryRange(
  { client, url, headers }: PrometheusTarget,
  query: string,
  { from, to }: { readonly from: number; readonly to: number },
  options: { readonly step: number; readonly signal?: AbortSignal | undefined },
): Promise<Matrix> {
  const { step, signal } = options;
  const search = new URLSearchParams({ query, start: String(from + step), end: String(to), step: String(step) });
  const where = `${url}/api/v1/query_range`;
  const { body } = await client.requestJson({
    url: `${where}?${search.toString()}`,
    maxBodyBytes: MAX_BODY_BYTES,
    ...(headers !== undefined && { headers }),
    ...(signal !== undefined && { signal }),
  });
  const { warnings, data } = readShape(answerSchema, body, `GET ${where}`);
  return {
    series: data.result.map(({ metric, values }) => ({
      labels: metric,
      values: values.map((pair) => readPair(pair, where)),
    })),
    partial: (warnings ?? []).length > 0,
  };
}

/** By hand: there are thousands of them in an answer. */
function readPair(pair: unknown, where: string): readonly [number, number] {
  if (!Array.isArray(pair)) throw new CollectError("unexpected_shape", `GET ${where}: a sample is not a pair`);
  const [at, value]: readonly unknown[] = pair;
  if (typeof at !== "number" || typeof value !== "string")
    throw new CollectError("unexpected_shape", `GET ${where}: a sample is not a time and a text`);
  return [at, value.trim() === "" ? Number.NaN : Number(value)];
}
