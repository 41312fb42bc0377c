import Fastify from "fastify";

/** What stands in for Tempo's metrics-generator. */
export interface SpanExporter {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  close(): Promise<void>;
}

/** A piece of what two services do; `perSecond` spans, each of `seconds`. */
interface Flow {
  readonly labels: string;
  readonly perSecond: number;
  readonly seconds: number;
}

/** `vault` is also the service of objectives that come with Watchkeeper. */
const SPANS: readonly Flow[] = [
  span("shop", "GET /cart", "SERVER", "UNSET", 20, 0.03),
  span("shop", "POST /order", "SERVER", "UNSET", 4, 0.3),
  span("shop", "POST /order", "SERVER", "ERROR", 1, 0.9),
  span("shop", "read secret", "CLIENT", "UNSET", 5, 0.02),
  span("vault", "read secret", "SERVER", "UNSET", 5, 0.01),
  span("vault", "renew", "CONSUMER", "UNSET", 1, 0.01),
];

const EDGES: readonly Flow[] = [
  { labels: 'client="user",server="shop",connection_type=""', perSecond: 25, seconds: 0.1 },
  { labels: 'client="shop",server="vault",connection_type=""', perSecond: 5, seconds: 0.01 },
];

function span(service: string, name: string, kind: string, status: string, perSecond: number, seconds: number): Flow {
  const labels = { service, span_name: name, span_kind: `SPAN_KIND_${kind}`, status_code: `STATUS_CODE_${status}` };
  return {
    labels: Object.entries(labels)
      .map(([label, value]) => `${label}="${value}"`)
      .join(","),
    perSecond,
    seconds,
  };
}

const BOUNDS = [0.016, 0.064, 0.256, 1.024];

/** Serves what Tempo makes of the traces of two services, of which one asks the other, growing with time. */
export async function startSpanExporter(): Promise<SpanExporter> {
  const begun = performance.now();
  const app = Fastify();
  app.get("/metrics", async (_, reply) => {
    const seconds = 1 + (performance.now() - begun) / 1_000;
    return reply.type("text/plain; version=0.0.4").send(expositionAfter(seconds));
  });
  const url = new URL(await app.listen({ host: "127.0.0.1", port: 0 }));
  return { host: url.host, close: () => app.close() };
}

function expositionAfter(seconds: number): string {
  const count = ({ perSecond }: Flow): number => Math.floor(perSecond * seconds);
  const lines = [
    ...SPANS.map((flow) => `traces_spanmetrics_calls_total{${flow.labels}} ${count(flow)}`),
    ...SPANS.flatMap((flow) => histogram("traces_spanmetrics_latency", flow, count(flow))),
    ...EDGES.map((flow) => `traces_service_graph_request_total{${flow.labels}} ${count(flow)}`),
    ...EDGES.flatMap((flow) => histogram("traces_service_graph_request_server_seconds", flow, count(flow))),
  ];
  return `${lines.join("\n")}\n`;
}

const histogram = (name: string, { labels, seconds }: Flow, count: number): readonly string[] => [
  ...BOUNDS.map((bound) => `${name}_bucket{${labels},le="${bound}"} ${seconds <= bound ? count : 0}`),
  `${name}_bucket{${labels},le="+Inf"} ${count}`,
  `${name}_sum{${labels}} ${count * seconds}`,
  `${name}_count{${labels}} ${count}`,
];
