import type { HttpClient, HttpRequest } from "../../../lib/http/client.ts";
import { HttpStatusError } from "../../../lib/http/client.ts";
import { CollectError } from "../../../core/errors.ts";
import type { PrometheusTarget } from "../../../lib/prometheus/ask.ts";

type Labels = Readonly<Record<string, string>>;

/** A series of the fake; `at` in Unix seconds. */
export interface FakeSeries {
  readonly labels: Labels & { readonly __name__: string };
  value(at: number): number | undefined;
  /** Its samples are native histograms, of which only functions make numbers. */
  readonly isNative?: boolean;
}

/** A Prometheus that answers what the source asks; functions of its language give the values of their selector. */
export interface FakePrometheus {
  readonly target: PrometheusTarget;
  series: readonly FakeSeries[];
  types: Readonly<Record<string, string>>;
  warnings: readonly string[];
  exemplars: readonly unknown[] | "refused";
  /** What fails, by path and query; undefined for what does not. `hang` waits for the signal. */
  fault: (path: string, query: string) => "hang" | CollectError | undefined;
  /** Paths and queries, in the order in which they were asked. */
  readonly asked: { readonly path: string; readonly query: string; readonly search: URLSearchParams }[];
  closed: boolean;
}

/** Starts without series. */
export function fakePrometheus(): FakePrometheus {
  const fake: FakePrometheus = {
    target: {
      client: clientOf(
        (request) => answer(fake, request),
        () => (fake.closed = true),
      ),
      url: "http://prometheus",
    },
    series: [],
    types: {},
    warnings: [],
    exemplars: [],
    fault: () => undefined,
    asked: [],
    closed: false,
  };
  return fake;
}

/** A refusal, as the HTTP client throws it. */
export const refusal = (status: number, said: string): CollectError =>
  new HttpStatusError("unexpected_status", `GET http://prometheus: status ${status}: ${said}`, {
    status,
    said,
    body: undefined,
  });

function clientOf(answerTo: (request: HttpRequest) => Promise<unknown>, close: () => void): HttpClient {
  const refuse = () => Promise.reject(new Error("not asked"));
  return {
    request: refuse,
    requestBytes: refuse,
    requestJson: async (request) => {
      const now = new Date();
      const body = JSON.parse(JSON.stringify(await answerTo(request))) as unknown;
      return { status: 200, headers: {}, text: "", body, sentAt: now, receivedAt: now, durationMs: 0 };
    },
    close: async () => close(),
  };
}

async function answer(fake: FakePrometheus, { url, text, signal }: HttpRequest): Promise<unknown> {
  const { pathname, searchParams } = new URL(String(url));
  const search = text === undefined ? searchParams : new URLSearchParams(text);
  const path = pathname.replace("/api/v1/", "");
  const query = search.get("query") ?? search.get("match[]") ?? "";
  fake.asked.push({ path, query, search });
  const fault = fake.fault(path, query);
  if (fault === "hang") return hang(signal);
  if (fault !== undefined) throw fault;
  return { status: "success", warnings: fake.warnings, data: dataOf(fake, path, query, search) };
}

function hang(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const late = (): void => reject(new CollectError("timeout", "GET http://prometheus: no complete answer"));
    if (signal?.aborted === true) late();
    signal?.addEventListener("abort", late, { once: true });
  });
}

function dataOf(fake: FakePrometheus, path: string, query: string, search: URLSearchParams): unknown {
  if (path === "metadata")
    return Object.fromEntries(Object.entries(fake.types).map(([name, type]) => [name, [{ type }]]));
  if (path === "query_exemplars") {
    if (fake.exemplars === "refused") throw refusal(404, "page not found");
    return fake.exemplars;
  }
  const chosen = fake.series.filter(({ labels }) => selects(query, labels));
  if (path === "series") return seriesIn(chosen, search).slice(0, Number(search.get("limit")));
  if (path === "query") return instant(chosen, query, Number(search.get("time")));
  return {
    resultType: "matrix",
    result: chosen.map(({ labels, value, isNative }) => {
      const computed = query.includes("(");
      const values = gridOf(search).flatMap((at) => (value(at) === undefined ? [] : [[at, String(value(at))]]));
      if (isNative === true && !computed)
        return { metric: labels, histograms: values.map(([at]) => [at, { count: "1" }]) };
      return { metric: computed ? without(labels, "__name__", "le") : labels, values };
    }),
  };
}

function seriesIn(chosen: readonly FakeSeries[], search: URLSearchParams): readonly Labels[] {
  const [start, end] = [Number(search.get("start")), Number(search.get("end"))];
  const moments = Array.from({ length: 20 }, (_, i) => start + (i * (end - start)) / 20);
  return chosen.filter(({ value }) => moments.some((at) => value(at) !== undefined)).map(({ labels }) => labels);
}

function instant(chosen: readonly FakeSeries[], query: string, at: number): unknown {
  const counted = query.startsWith("count_over_time");
  const result = chosen.map(({ labels, value }) => ({
    metric: labels,
    value: [at, counted ? "40" : String(value(at))],
  }));
  return { resultType: "vector", result };
}

function gridOf(search: URLSearchParams): readonly number[] {
  const [start, end, step] = ["start", "end", "step"].map((name) => Number(search.get(name))) as [
    number,
    number,
    number,
  ];
  return Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, i) => start + i * step);
}

const without = (labels: Labels, ...names: readonly string[]): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)));

const MATCHER = /([\w.]+|"[^"]*")(=~|!=|=)("(?:[^"\\]|\\.)*")/g;

function selects(query: string, labels: Labels): boolean {
  const name = /(?:^|\()([a-zA-Z_:][\w:]*)(?=[{[]|$)/.exec(query)?.[1];
  if (name !== undefined && labels["__name__"] !== name) return false;
  return [...query.matchAll(MATCHER)].every(([, label = "", operator, text = '""']) => {
    const wanted = JSON.parse(text) as string;
    const value = labels[label.replaceAll('"', "")] ?? "";
    if (operator === "=~") return new RegExp(`^(?:${wanted})$`, "s").test(value);
    return (value === wanted) === (operator === "=");
  });
}
