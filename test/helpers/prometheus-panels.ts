import { request } from "undici";
import { z } from "zod";

const labels = z.record(z.string(), z.string());
const answer = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: labels,
        value: z.tuple([z.number(), z.string()]).optional(),
        values: z.array(z.tuple([z.number(), z.string()])).optional(),
      }),
    ),
    stats: z.object({ samples: z.object({ totalQueryableSamples: z.number() }) }),
  }),
});

/** What a query of a panel gave. */
export interface PanelAnswer {
  /** Labels of every series that has a number at all. */
  readonly series: readonly Readonly<Record<string, string>>[];
  /** Samples that Prometheus touched. */
  readonly samples: number;
}

/** Over which time a panel asks, in Unix seconds, and how far its points are apart, in seconds. */
export interface PanelTime {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Asks a query as a panel does; an error with Prometheus' words when it refuses. */
export async function askAsPanel(
  url: string,
  query: string,
  { start, end, step, isInstant }: PanelTime & { readonly isInstant: boolean },
): Promise<PanelAnswer> {
  const at = isInstant ? { time: end } : { start, end, step };
  const body = new URLSearchParams({ query, stats: "all" });
  for (const [name, value] of Object.entries(at)) body.set(name, String(value));
  const { result, stats } = answer.parse(await post(`${url}/api/v1/${isInstant ? "query" : "query_range"}`, body)).data;
  const isNumber = ([, text]: readonly [number, string]): boolean => text !== "NaN";
  return {
    series: result.flatMap(({ metric, value, values = [] }) =>
      [...values, ...(value === undefined ? [] : [value])].some(isNumber) ? [metric] : [],
    ),
    samples: stats.samples.totalQueryableSamples,
  };
}

/** The values of a label over the series of a selector, sorted. */
export async function labelValuesOf(
  url: string,
  selector: string,
  label: string,
  { start, end }: Omit<PanelTime, "step">,
): Promise<readonly string[]> {
  const body = new URLSearchParams({ "match[]": selector, start: String(start), end: String(end) });
  const { data } = z.object({ data: z.array(labels) }).parse(await post(`${url}/api/v1/series`, body));
  return [...new Set(data.flatMap((series) => series[label] ?? []))].toSorted();
}

async function post(url: string, of: URLSearchParams): Promise<unknown> {
  const { statusCode, body } = await request(url, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: of.toString(),
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`answered ${statusCode}: ${text.trim()}`);
  return JSON.parse(text) as unknown;
}
