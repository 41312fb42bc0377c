import type { LabAnswer, LabRequest } from "../../src/lab/exchange.ts";
import { startLabServer, type LabServer } from "../../src/lab/server.ts";

/** What one series of an SLO counts in each 5 minutes, by its age in hours. */
export interface FakeSeries {
  readonly labels: Readonly<Record<string, string>>;
  counts(hoursAgo: number): readonly [total: number, errors: number];
}

/** A Prometheus that has recorded series of SLOs, and alerts. */
export interface FakePrometheus {
  readonly server: LabServer;
  series: readonly FakeSeries[];
  alerts: readonly Readonly<Record<string, string>>[];
  /** Queries that are too much for it. */
  refused: RegExp | undefined;
  /** How often it was asked so far. */
  asked(): number;
}

/** Starts one that knows nothing yet. */
export async function startFakePrometheus(): Promise<FakePrometheus> {
  const fake: Known = { series: [], alerts: [], refused: undefined };
  let asked = 0;
  const server = await startLabServer({
    handler: (request) => {
      asked++;
      return answer(fake, request);
    },
  });
  return Object.assign(fake, { server, asked: () => asked });
}

type Known = Pick<FakePrometheus, "series" | "alerts" | "refused">;

function answer({ series, alerts, refused }: Known, { target }: LabRequest): LabAnswer {
  const { pathname, searchParams } = new URL(target, "http://127.0.0.1");
  if (refused?.test(searchParams.get("query") ?? "") === true)
    return { status: 422, body: '{"status":"error","error":"too many samples"}' };
  if (pathname === "/api/v1/query")
    return json(
      "vector",
      alerts.map((labels) => ({ metric: { __name__: "ALERTS", ...labels }, value: [Date.now() / 1_000, "1"] })),
    );
  const [start, end, step] = ["start", "end", "step"].map((name) => Number(searchParams.get(name)));
  if (pathname !== "/api/v1/query_range" || start === undefined || end === undefined || step === undefined)
    return { status: 404, body: "" };
  const wanted = new RegExp(`^(?:${/slo_id=~"([^"]*)"/.exec(searchParams.get("query") ?? "")?.[1] ?? ""})$`);
  const times = Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, i) => start + i * step);
  return json(
    "matrix",
    series
      .filter(({ labels }) => wanted.test(labels["slo_id"] ?? ""))
      .flatMap(({ labels, counts }) =>
        ["slo:sli_total:increase5m", "slo:sli_errors:increase5m"].map((name, i) => ({
          metric: { __name__: name, ...labels },
          values: times.map((at) => [at, String(counts((Date.now() / 1_000 - at) / 3_600)[i])]),
        })),
      ),
  );
}

const json = (resultType: string, result: object): LabAnswer => ({
  status: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ status: "success", data: { resultType, result } }),
});
