import { z } from "zod";
import { readShape } from "../../../lib/shape.ts";
import type { PrometheusTarget } from "../../../lib/prometheus/query-range.ts";

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

/** Longer queries go by POST, which proxies do not cut. */
const MOST_URL = 4_000;

/**
 * Asks a Prometheus, each query once. Throws `CollectError`, and `HttpStatusError` with the server's words about a query that
 * it refuses. Source: https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
 */
export function asker({ client, url, headers = {} }: PrometheusTarget): Ask {
  const asked = new Map<string, Promise<readonly InstantSample[]>>();
  const ask = async (query: string): Promise<readonly InstantSample[]> => {
    const where = `${url}/api/v1/query`;
    const form = new URLSearchParams({ query }).toString();
    const long = { method: "POST", url: where, text: form, headers: { ...headers, "content-type": FORM } } as const;
    const { body } = await client.requestJson(form.length > MOST_URL ? long : { url: `${where}?${form}`, headers });
    const { data } = readShape(answerSchema, body, `GET ${where}`);
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

const FORM = "application/x-www-form-urlencoded";
