import { createHttpClient, type HttpClient } from "../../../lib/http/client.ts";
import { closeServers, startHttp } from "../../../lib/http/__fixtures__/servers.ts";
import { ERRORS, TOTAL } from "../../conventions.ts";
import { prometheusSource } from "../prometheus-source.ts";
import { DAY, HOUR, MIDNIGHT } from "./histories.ts";

const clients: HttpClient[] = [];

/** Ends all that were started. */
export async function closePrometheus(): Promise<void> {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await closeServers();
}

/** A client that is closed with the others. */
export function newClient(): HttpClient {
  const client = createHttpClient();
  clients.push(client);
  return client;
}

/** What was asked for: hours after midnight, and the selector. */
interface Asked {
  readonly from: number;
  readonly to: number;
  readonly query: string;
}
/** A series, and its value at a moment. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: (at: number) => number | string | undefined;
}

/** A Prometheus that knows series, and a clock that can be set. */
export async function prometheusOf(series: readonly Series[], extra: Readonly<Record<string, unknown>> = {}) {
  const asked: Asked[] = [];
  let refusal: (query: string) => number | "large" | undefined = () => undefined;
  const server = await startHttp((request, response) => {
    const search = new URL(request.url ?? "", "http://localhost").searchParams;
    const [start, end, step] = ["start", "end", "step"].map((name) => Number(search.get(name)));
    if (start === undefined || end === undefined || step === undefined) throw new Error("not a range");
    asked.push({
      from: (start - step - MIDNIGHT) / HOUR,
      to: (end - MIDNIGHT) / HOUR,
      query: search.get("query") ?? "",
    });
    const status = refusal(search.get("query") ?? "");
    if (status === "large") {
      response.writeHead(200, { "content-length": 1e9 }).flushHeaders();
      return;
    }
    if (status !== undefined) {
      response.writeHead(status).end('{"status":"error","error":"query processing would load too many samples"}');
      return;
    }
    const result = series.map(({ labels, value }) => {
      const values: [number, string][] = [];
      for (let at = start; at <= end; at += step) {
        const found = value(at);
        if (found !== undefined) values.push([at, String(found)]);
      }
      return { metric: labels, values };
    });
    response.end(JSON.stringify({ status: "success", data: { resultType: "matrix", result }, ...extra }));
  });
  const client = newClient();
  const clock = { now: MIDNIGHT + 2 * DAY };
  const source = prometheusSource({ client, url: server.origin }, () => clock.now * 1_000);
  const refuse = (how: typeof refusal): void => {
    refusal = how;
  };
  return { source, asked, clock, refuse };
}

/** The two series of an SLO with more labels. */
export const pair = (
  labels: Readonly<Record<string, string>>,
  total: Series["value"],
  errors: Series["value"],
): Series[] => [
  { labels: { __name__: TOTAL, slo_id: "shop-requests", ...labels }, value: total },
  { labels: { __name__: ERRORS, slo_id: "shop-requests", ...labels }, value: errors },
];
