import { minutes } from "../../../src/core/duration.ts";
import type { BundleQuestion } from "../../../src/core/evidence.ts";
import { result, trace } from "../../../src/correlation/jaeger/__fixtures__/shop-traces.ts";
import { startElasticsearchLab } from "../../../src/lab/elasticsearch/elasticsearch-lab.ts";
import type { LabAnswer, LabRequest } from "../../../src/lab/exchange.ts";
import { startPrometheusLab } from "../../../src/lab/prometheus/prometheus-lab.ts";
import { startLabServer } from "../../../src/lab/server.ts";
import { startTempoLab } from "../../../src/lab/tempo/tempo-lab.ts";
import { ecsLine } from "../../contract/elasticsearch-source-fixtures.ts";
import type { StartedServer } from "./behind-proxy.ts";

/**
 * What is asked of all sources: a shop that fails for five minutes after an hour in which it did not. Unix
 * milliseconds.
 */
export const QUESTION: BundleQuestion = questionAt(Math.floor(Date.now() / 1_000) * 1_000 - minutes(10));

function questionAt(to: number): BundleQuestion {
  const window = { from: to - minutes(5), to };
  return {
    scope: {
      entities: [
        { kind: "service", name: "shop", distance: 0, because: "it is asked for", labels: { service: "shop" } },
      ],
      filter: { services: ["shop"], namespaces: [], pods: [], hosts: [] },
      notes: [],
    },
    window,
    baseline: { from: window.from - minutes(60), to: window.from },
    limits: { lines: 2_000, series: 100, traces: 5 },
    seed: 1,
  };
}

const { window, baseline } = QUESTION;

/** So many moments, evenly over a span. */
const spread = (count: number, { from, to }: { readonly from: number; readonly to: number }): readonly number[] =>
  Array.from({ length: count }, (_, i) => Math.floor(from + ((to - from) * (i + 0.5)) / count));

/** An Elasticsearch whose shop begins to say that a disk is full. */
export async function startLogs(apiKey: string): Promise<StartedServer> {
  const lab = await startElasticsearchLab({ apiKey });
  lab.write("logs-shop", [
    ...spread(240, baseline).map((at, n) => ecsLine(at, `GET /cart/${n} served`)),
    ...spread(40, window).map((at, n) => ecsLine(at, `GET /cart/${n} served`)),
    ...spread(60, window).map((at, n) =>
      ecsLine(at, `order ${n} failed: no space left on device`, {
        log: { level: "error" },
        service: { name: "shop", version: "2.0" },
      }),
    ),
  ]);
  return lab;
}

interface Made {
  readonly id: number;
  readonly at: number;
  readonly isFailed?: boolean;
  readonly version?: string;
}

const TRACES: readonly Made[] = [
  ...spread(60, baseline).map((at, n) => ({ id: n + 1, at })),
  ...spread(20, window).map((at, n) => ({ id: n + 101, at })),
  ...spread(20, window).map((at, n) => ({ id: n + 201, at, isFailed: true, version: "2" })),
];

/** A Tempo whose shop begins to fail with a new version. */
export async function startTempo(): Promise<StartedServer> {
  const lab = await startTempoLab({ endCutoffMs: 0 });
  const body = JSON.stringify({ resourceSpans: TRACES.flatMap(trace) });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${lab.otlpUrl}/v1/traces`, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  return lab;
}

/** A Jaeger with the same traces, which answers what evidence is made of as 2.19 does. */
export const startJaeger = (): Promise<StartedServer> => startLabServer({ handler: answerAsJaeger });

function answerAsJaeger({ path, query }: LabRequest): LabAnswer {
  const json = (body: unknown): LabAnswer => ({
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (path === "/api/v3/services") return json({ services: ["shop", "stock"] });
  if (path.startsWith("/api/v3/traces/")) return json(result(TRACES.filter(({ id }) => path.endsWith(hex(id)))));
  if (path !== "/api/v3/traces") return { status: 404, headers: { "content-type": "text/plain" }, body: "404\n" };
  const [from, to] = ["query.startTimeMin", "query.startTimeMax"].map((name) => Date.parse(query.get(name) ?? ""));
  const found = TRACES.filter(
    ({ at, isFailed = false }) =>
      at >= (from ?? 0) &&
      at < (to ?? 0) &&
      (isFailed || !query.has("query.attributes")) &&
      !query.has("query.durationMin"),
  );
  return json(result(found.slice(0, Number(query.get("query.searchDepth")))));
}

const hex = (id: number): string => id.toString(16).padStart(32, "0");

const STEP = 15_000;

/**
 * A Prometheus with a queue of the shop that begins to fill as the shop is started anew, and carts that stay as they
 * were.
 */
export function startPrometheus(): Promise<StartedServer> {
  const points = (value: (at: number) => number) =>
    Array.from({ length: (window.to - baseline.from) / STEP }, (_, i) => baseline.from + i * STEP).map(
      (at) => [at, value(at)] as const,
    );
  const series = (name: string, value: (at: number) => number) => ({
    name,
    kind: "gauge" as const,
    help: "Of the shop.",
    series: [{ name, labels: { service: "shop", job: "shop" }, points: points(value) }],
  });
  return startPrometheusLab({
    families: [
      series("queue_length", (at) => ((at / STEP) % 7) + (at >= window.from ? 90 : 3)),
      series("open_carts", (at) => 20 + ((at / STEP) % 5)),
      series("process_start_time_seconds", (at) => (at >= window.from ? window.from : baseline.from) / 1_000),
    ],
  });
}
