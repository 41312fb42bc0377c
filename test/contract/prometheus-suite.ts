import { join } from "node:path";
import { request } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import type { Exemplar, Points } from "../../src/core/telemetry.ts";
import type { LabFamily } from "../../src/lab/prometheus/series-store.ts";

/** What is asked: a Prometheus that holds {@link SUITE_FAMILIES} and {@link SUITE_EXEMPLARS}. */
interface AskedPrometheus {
  readonly url: string;
  close(): Promise<void>;
}

/** Unix milliseconds; when the data ends. */
export const SUITE_END = Math.floor((Date.now() - 600_000) / 60_000) * 60_000;
const START = SUITE_END - 3_600_000;

/** 241 points, one each 15 seconds; `skip` leaves some out. */
const points = (
  value: (i: number) => number,
  skip: (i: number) => boolean = () => false,
  shift: (i: number) => number = () => 0,
): Points =>
  Array.from({ length: 241 }, (_, i) => i)
    .filter((i) => !skip(i))
    .map((i) => [START + i * 15_000 + shift(i), value(i)] as const);

const bucket = (le: string, share: number, pod: string): LabFamily["series"][number] => ({
  name: "took_seconds_bucket",
  labels: { service: "shop", pod, le },
  points: points((i) => Math.floor(i * i * share)),
});

/** Counters with resets and gaps, gauges that come and go, histograms. */
export const SUITE_FAMILIES: readonly LabFamily[] = [
  {
    name: "asked_total",
    kind: "counter",
    help: "Requests.",
    series: [
      { name: "asked_total", labels: { service: "shop", pod: "a", code: "200" }, points: points((i) => i * 7.25) },
      {
        name: "asked_total",
        labels: { service: "shop", pod: "a", code: "500" },
        points: points(
          (i) => (i % 90) * 3,
          undefined,
          () => 4321,
        ),
      },
      {
        name: "asked_total",
        labels: { service: "shop", pod: "b", code: "200" },
        points: points(
          (i) => Math.max(0, i - 100) * 2,
          (i) => i > 150 && i < 190,
        ),
      },
      {
        name: "asked_total",
        labels: { service: "shop", pod: "b", code: "301" },
        points: points(
          (i) => i * 3,
          undefined,
          (i) => (i % 2) * 3000,
        ),
      },
      { name: "asked_total", labels: { service: "cart", pod: "c", code: "200" }, points: points((i) => 1e9 + i / 3) },
    ],
  },
  {
    name: "level",
    kind: "gauge",
    help: "A level.",
    series: [
      { name: "level", labels: { service: "shop", pod: "a" }, points: points((i) => Math.sin(i / 9) * 1e-7) },
      {
        name: "level",
        labels: { service: "shop", pod: "b" },
        points: points(
          (i) => i,
          (i) => i > 120,
        ),
      },
      { name: "level", labels: { service: "cart", pod: "c" }, points: points(() => -4.5) },
      { name: "level", labels: { service: 'q"uo\\te', pod: "d" }, points: points((i) => (i % 2 === 0 ? Infinity : i)) },
    ],
  },
  {
    name: "depth",
    kind: "gauge",
    help: "A depth.",
    series: [{ name: "depth", labels: { service: "shop", pod: "a" }, points: points((i) => i ** 3) }],
  },
  {
    name: "took_seconds",
    kind: "histogram",
    help: "How long it took.",
    series: ["a", "b"].flatMap((pod) => [
      bucket("0.1", pod === "a" ? 0.2 : 0.01, pod),
      bucket("0.5", pod === "a" ? 0.6 : 0.02, pod),
      bucket("2.5", 0.9, pod),
      bucket("+Inf", 1, pod),
    ]),
  },
];

/** Two of one bucket, and one of another. */
export const SUITE_EXEMPLARS: readonly Exemplar[] = [
  [0.3, "0af7651916cd43dd8448eb211c80319c", 1_000_000],
  [0.4, "00f7651916cd43dd8448eb211c80319d", 1_020_000],
  [2.75, "aaf7651916cd43dd8448eb211c80319e", 1_040_000],
].map(([value, traceId, at]) => ({
  metric: "took_seconds_bucket",
  labels: { service: "shop", pod: "a" },
  value: Number(value),
  traceId: String(traceId),
  at: START + Number(at),
}));

const seconds = (offset: number): string => String((SUITE_END - offset) / 1000);

const RANGE_QUERIES = [
  "level",
  'level{service=~"shop|cart",pod!="b"}',
  'level{service!~"s.*"}',
  'level{service="q\\"uo\\\\te"}',
  "level offset 10m",
  '{__name__=~"level|asked_total",service="shop"}',
  "rate(asked_total[1m])",
  "rate(asked_total[61s])",
  "rate(asked_total[49s])",
  'rate(asked_total{code="500"}[4m])',
  "rate(asked_total[7m] offset 5m)",
  "increase(asked_total[2m])",
  "deriv(level[2m])",
  "count_over_time(asked_total[150s])",
  "last_over_time(level[90s])",
  "sum by (service) (rate(asked_total[1m]))",
  "sum(rate(asked_total[1m])) by (service, code)",
  "avg without (pod) (level)",
  "max(level)",
  "min by (nothing) (level)",
  "count(asked_total)",
  "histogram_quantile(0.95, rate(took_seconds_bucket[1m]))",
  "histogram_quantile(0.5, sum by (le, service) (rate(took_seconds_bucket[4m])))",
  "histogram_quantile(0.01, took_seconds_bucket)",
  "histogram_quantile(1, took_seconds_bucket)",
  "absent_metric",
  "vector(1)",
] as const;

const range = (query: string, step: string): string =>
  `query_range?${new URLSearchParams({ query, start: seconds(3_600_000), end: seconds(0), step }).toString()}`;

const REQUESTS: readonly string[] = [
  ...RANGE_QUERIES.map((query) => range(query, "245")),
  range("rate(asked_total[1m])", "37"),
  range("level", "1m30s"),
  ...RANGE_QUERIES.map((query) => `query?${new URLSearchParams({ query, time: seconds(1_234_567) }).toString()}`),
  `query?query=level&time=${seconds(1_500_000)}`,
  `query?query=level&time=${seconds(1_501_000)}`,
  `query?query=count_over_time(level[60s])&time=${seconds(1_800_000)}`,
  `query?query=level&time=${new Date(SUITE_END - 60_000).toISOString()}`,
  `series?match[]=level&match[]=asked_total{code="500"}&start=${seconds(3_600_000)}&end=${seconds(0)}`,
  `series?match[]={pod=~"a|b"}&start=${seconds(3_600_000)}&end=${seconds(0)}`,
  `labels?start=${seconds(3_600_000)}&end=${seconds(0)}`,
  `labels?match[]=level`,
  `label/pod/values`,
  `label/__name__/values?match[]={service="cart"}`,
  `query_exemplars?query=took_seconds_bucket&start=${seconds(3_600_000)}&end=${seconds(0)}`,
  `query_exemplars?query=rate(took_seconds_bucket{pod="a"}[1m])&start=${seconds(3_600_000)}&end=${seconds(0)}`,
  `query_exemplars?query=took_seconds_bucket&start=${seconds(60_000)}&end=${seconds(0)}`,
  `query_exemplars?query=level&start=${seconds(3_600_000)}&end=${seconds(0)}`,
];

/** What Prometheus refuses; the status and the kind of error are compared, its words where they are exact. */
const REFUSED: readonly (readonly [path: string, isExact: boolean])[] = [
  [`query?query=rate(level)`, true],
  [`query?query={}`, true],
  [`query?query={a=~".*"}`, true],
  [`query?query=level[`, false],
  [`query?query=`, true],
  [`query?query=level{a=~"("}`, false],
  [`query?query=level&time=noon`, true],
  [`query?query=rate({__name__=~"level|depth",pod="a"}[1m])&time=${seconds(60_000)}`, true],
  [`query_range?query=level&start=noon&end=5&step=1`, true],
  [`query?query=level + `, false],
  [`series`, true],
  [`series?match[]=rate(level[1m])`, false],
  [`query_range?query=level&start=10&end=5&step=1`, true],
  [`query_range?query=level&start=10&end=50&step=0`, true],
  [`query_range?query=level&start=10&end=50&step=x`, true],
  [`query_range?query=level&start=0&end=500000&step=1`, true],
];

const answerSchema = z.object({ status: z.string(), errorType: z.string().optional(), error: z.string().optional() });

/**
 * Declares the cases. Both the stand-in and the real Prometheus are held to one file of answers, so that it says what
 * the real one does, and the stand-in does the same. Times in it count from the end of the data; numbers have nine
 * digits.
 */
export function declarePrometheusSuite(start: () => Promise<AskedPrometheus>): void {
  let asked: AskedPrometheus;
  beforeAll(async () => {
    asked = await start();
  });
  afterAll(async () => {
    await asked.close();
  });
  const ask = async (path: string): Promise<{ status: number; body: unknown }> => {
    const [endpoint = "", query = ""] = path.split(/\?(.*)/s);
    const search = new URLSearchParams(query).toString();
    const { statusCode, body } = await request(`${asked.url}/api/v1/${endpoint}?${search}`);
    return { status: statusCode, body: await body.json() };
  };

  it("answers each request as Prometheus does", async () => {
    const answers: string[] = [];
    for (const path of REQUESTS) {
      const { status, body } = await ask(path);
      expect([path, status]).toEqual([path, 200]);
      const { data } = z.object({ data: z.unknown() }).parse(body);
      answers.push(`${told(path)}\n${lines(data).join("\n")}\n`);
    }
    await expect(answers.join("\n")).toMatchFileSnapshot(fixture("prometheus-answers.txt"));
  });

  it("refuses what Prometheus refuses", async () => {
    const refusals: string[] = [];
    for (const [path, isExact] of REFUSED) {
      const { status, body } = await ask(path);
      const { errorType, error } = answerSchema.parse(body);
      refusals.push(`${told(path)}\n  ${status} ${errorType ?? ""}${isExact ? ` ${error ?? ""}` : ""}\n`);
    }
    await expect(refusals.join("\n")).toMatchFileSnapshot(fixture("prometheus-refusals.txt"));
  });

  it("takes a query by POST, and says that it is ready and which version it is", async () => {
    const { statusCode, body } = await request(`${asked.url}/api/v1/query`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ query: "count(level)", time: seconds(60_000) }).toString(),
    });
    expect([statusCode, await body.text()]).toEqual([200, expect.stringContaining('"3"]')]);
    const ready = await request(`${asked.url}/-/ready`);
    expect([ready.statusCode, await ready.body.text()]).toEqual([200, "Prometheus Server is Ready.\n"]);
    expect((await ask("status/buildinfo")).body).toMatchObject({
      data: { version: expect.stringMatching(/^\d+\.\d+/) },
    });
  });
}

const fixture = (name: string): string => join(import.meta.dirname, "__fixtures__", name);

/** The request without what is another one each time. */
const told = (path: string): string =>
  decodeURIComponent(path.replaceAll("+", " "))
    .replaceAll(/\d{10}(?:\.\d+)?/g, (at) => fromEnd(Number(at)))
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, "<time>");

const fromEnd = (at: number): string => `end-${Math.round(SUITE_END - at * 1000) / 1000}s`;

/** Lines of an answer, one a series, in an order of their own; what is a time counts from the end. */
function lines(data: unknown): readonly string[] {
  const rows = Array.isArray(data)
    ? (data as unknown[])
    : z.object({ result: z.array(z.unknown()) }).parse(data).result;
  return rows.map((row) => `  ${JSON.stringify(even(row))}`).toSorted();
}

function even(value: unknown): unknown {
  if (Array.isArray(value)) {
    const [at, text] = value as unknown[];
    if (value.length === 2 && typeof at === "number" && typeof text === "string")
      return `${fromEnd(at)} ${digits(text)}`;
    return (value as unknown[]).map(even);
  }
  if (typeof value !== "object" || value === null) return typeof value === "number" ? fromEnd(value) : value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([key, of]) => [key, key === "value" && typeof of === "string" ? digits(of) : even(of)]),
  );
}

const digits = (text: string): string =>
  Number.isFinite(Number(text)) ? String(Number(Number(text).toPrecision(9))) : text;
