import { z } from "zod";
import { askPrometheus, type PrometheusTarget } from "../../../lib/prometheus/ask.ts";

/** One series of an answer, now. */
export interface InstantSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Asks a query at this moment. */
export type Ask = (query: string) => Promise<readonly InstantSample[]>;

const answerSchema = z.object({
  data: z.object({
    resultType: z.literal("vector"),
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]).optional() }),
    ),
  }),
});

/**
 * Asks a Prometheus, each query once. Throws `CollectError`, and `HttpStatusError` with the server's words about a
 * query that it refuses. Source: https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
 */
export function asker(target: PrometheusTarget): Ask {
  const asked = new Map<string, Promise<readonly InstantSample[]>>();
  const ask = async (query: string): Promise<readonly InstantSample[]> => {
    const search = new URLSearchParams({ query });
    const { data } = await askPrometheus(target, { path: "query", search }, answerSchema);
    return data.result.flatMap(({ metric, value }) =>
      value === undefined ? [] : [{ labels: metric, value: Number(value[1]) }],
    );
  };
  return (query) => {
    const known = asked.get(query) ?? ask(query);
    asked.set(query, known);
    return known;
  };
}
