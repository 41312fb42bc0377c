import type { Exemplar } from "../../core/telemetry.ts";
import type { LabAnswer, LabRequest } from "../exchange.ts";
import { startLabServer, type LabServer } from "../server.ts";
import { evaluate, ExecutionError, type Sample, type Select } from "./evaluate.ts";
import { invalid, limited, readQuery, readSelectors, readStep, readTime } from "./parameters.ts";
import { BadQuery, selectorsOf, type Selector } from "./query.ts";
import { keyOf, placeAfter, SeriesStore, type LabFamily, type Labels, type StoredSeries } from "./series-store.ts";

/** What the stand-in begins with. */
export interface PrometheusLabOptions {
  readonly families?: readonly LabFamily[];
  readonly exemplars?: readonly Exemplar[];
  /** How long samples are kept after newer ones of their series came, in milliseconds; for ever unless given. */
  readonly retentionMs?: number;
  /** The address to listen on; 127.0.0.1 unless given. */
  readonly host?: string;
  readonly port?: number;
}

/**
 * A stand-in for Prometheus where there is none: its query API, for the queries that evidence is made of; others are
 * refused.
 */
export interface PrometheusLab extends Pick<LabServer, "url" | "requests" | "setFault" | "close"> {
  /** Takes samples in, which must be later than those before of the same series. */
  take(telemetry: { readonly families: readonly LabFamily[]; readonly exemplars: readonly Exemplar[] }): Promise<void>;
}

const MOST_POINTS = 11_000;

/** Starts one. */
export async function startPrometheusLab(options: PrometheusLabOptions = {}): Promise<PrometheusLab> {
  const { families = [], exemplars = [], retentionMs = Infinity, host, port } = options;
  const store = new SeriesStore(retentionMs);
  store.add(families, exemplars);
  const server = await startLabServer({
    handler: (request) => answer(store, request),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
  });
  return {
    url: server.url,
    requests: server.requests,
    setFault: (fault) => server.setFault(fault),
    close: () => server.close(),
    take: async (telemetry) => store.add(telemetry.families, telemetry.exemplars),
  };
}

type Endpoint = (store: SeriesStore, asked: URLSearchParams) => unknown;

/** Source: https://prometheus.io/docs/prometheus/latest/querying/api/ */
const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  query: (store, asked) => {
    const at = asked.has("time") ? readTime(asked, "time") : Date.now();
    return {
      resultType: "vector",
      result: evaluate(selecting(store), readQuery(asked), at).map((sample) => instant(sample, at)),
    };
  },
  query_range: queryRange,
  query_exemplars: queryExemplars,
  series: (store, asked) => limited(seriesOf(store, asked), asked).map(({ labels }) => labels),
  labels: (store, asked) =>
    limited(sortedSet(seriesOf(store, asked, false).flatMap(({ labels }) => Object.keys(labels))), asked),
  metadata: (store, asked) => {
    const wanted = asked.get("metric") ?? "";
    const all = [...store.metadata].filter(([name]) => wanted === "" || name === wanted);
    return Object.fromEntries(limited(all, asked).map(([name, about]) => [name, [{ ...about, unit: "" }]]));
  },
  "status/buildinfo": () => ({
    version: "3.5.3",
    revision: "lab",
    branch: "lab",
    buildUser: "",
    buildDate: "",
    goVersion: "",
  }),
};

function answer(store: SeriesStore, { path, method, query, body }: LabRequest): LabAnswer {
  if (path === "/-/ready") return { status: 200, body: "Prometheus Server is Ready.\n" };
  if (path === "/-/healthy") return { status: 200, body: "Prometheus Server is Healthy.\n" };
  const asked = method === "POST" ? new URLSearchParams(`${query.toString()}&${body}`) : query;
  const name = path.startsWith("/api/v1/") ? path.slice("/api/v1/".length) : "";
  const label = /^label\/([^/]+)\/values$/.exec(name)?.[1];
  const endpoint = label === undefined ? ENDPOINTS[name] : labelValues(label);
  if (endpoint === undefined) return { status: 404, body: "404 page not found\n" };
  try {
    return json(200, { status: "success", data: endpoint(store, asked) });
  } catch (thrown) {
    if (thrown instanceof BadQuery) return refusal(400, "bad_data", thrown.message);
    if (thrown instanceof ExecutionError) return refusal(422, "execution", thrown.message);
    throw thrown;
  }
}

function queryRange(store: SeriesStore, asked: URLSearchParams): object {
  const [from, to] = [readTime(asked, "start"), readTime(asked, "end")];
  if (to < from) throw invalid("end", "end timestamp must not be before start time");
  const step = readStep(asked);
  if (step <= 0)
    throw invalid("step", "zero or negative query resolution step widths are not accepted. Try a positive integer");
  if ((to - from) / step > MOST_POINTS)
    throw new BadQuery(
      "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
    );
  const query = readQuery(asked);
  const select = selecting(store);
  const series = new Map<string, { metric: Labels; values: [number, string][] }>();
  for (let at = from; at <= to; at += step)
    for (const { labels, value } of evaluate(select, query, at)) {
      const key = keyOf(labels);
      const known = series.get(key) ?? { metric: labels, values: [] };
      known.values.push([at / 1000, printValue(value)]);
      series.set(key, known);
    }
  const result = [...series].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  return { resultType: "matrix", result };
}

/** Looks for the series of each selector once. */
function selecting(store: SeriesStore): Select {
  const known = new Map<Selector, readonly StoredSeries[]>();
  return (selector) => {
    const found = known.get(selector) ?? store.select(selector.matchers);
    known.set(selector, found);
    return found;
  };
}

function queryExemplars({ exemplars }: SeriesStore, asked: URLSearchParams): readonly object[] {
  const [from, to] = [readTime(asked, "start"), readTime(asked, "end")];
  const selectors = selectorsOf(readQuery(asked));
  const found = exemplars.filter(
    ({ at, metric, labels }) =>
      at >= from &&
      at <= to &&
      selectors.some(({ matchers }) => matchers.every((matcher) => matcher.matches({ ...labels, __name__: metric }))),
  );
  return [...Map.groupBy(found, ({ metric, labels }) => keyOf({ ...labels, __name__: metric }))].map(([key, of]) => ({
    seriesLabels: Object.fromEntries(JSON.parse(key) as [string, string][]),
    exemplars: of
      .toSorted((a, b) => a.at - b.at)
      .map(({ traceId, value, at }) => ({
        labels: { trace_id: traceId },
        value: printValue(value),
        timestamp: at / 1000,
      })),
  }));
}

const labelValues =
  (label: string): Endpoint =>
  (store, asked) =>
    limited(sortedSet(seriesOf(store, asked, false).flatMap(({ labels }) => labels[label] ?? [])), asked);

function seriesOf(store: SeriesStore, asked: URLSearchParams, isNeeded = true): readonly StoredSeries[] {
  const selectors = readSelectors(asked);
  if (isNeeded && selectors.length === 0) throw new BadQuery("no match[] parameter provided");
  const from = asked.has("start") ? readTime(asked, "start") : -Infinity;
  const to = asked.has("end") ? readTime(asked, "end") : Infinity;
  const all =
    selectors.length === 0
      ? store.select([])
      : [...new Set(selectors.flatMap(({ matchers }) => store.select(matchers)))];
  return all.filter(({ times }) => (times[placeAfter(times, to) - 1] ?? -Infinity) >= from);
}

const sortedSet = (values: readonly string[]): readonly string[] => [...new Set(values)].toSorted();

const instant = ({ labels, value }: Sample, at: number): object => ({
  metric: labels,
  value: [at / 1000, printValue(value)],
});

const printValue = (value: number): string =>
  Number.isNaN(value) ? "NaN" : Math.abs(value) === Infinity ? `${value > 0 ? "+" : "-"}Inf` : String(value);

const refusal = (status: number, errorType: string, error: string): LabAnswer =>
  json(status, { status: "error", errorType, error });

const json = (status: number, body: object): LabAnswer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});
