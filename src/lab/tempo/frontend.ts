import type { LabAnswer, LabRequest } from "../exchange.ts";
import { notFound, text } from "./answers.ts";
import { traceV1, traceV2 } from "./by-id.ts";
import { TempoError } from "./errors.ts";
import type { TempoLimits } from "./limits.ts";
import { queryInstant, queryRange } from "./metrics.ts";
import type { TempoRequest } from "./request.ts";
import { search } from "./search.ts";
import type { TempoStore } from "./store.ts";
import { tagsV1, tagsV2, tagValuesV1, tagValuesV2 } from "./tags.ts";
import { readTenants, SINGLE_TENANT } from "./tenants.ts";
import { StoreView } from "./view.ts";

/** What answers requests: the state of a stand-in of Tempo. */
export interface Frontend {
  readonly store: TempoStore;
  readonly isMultiTenant: boolean;
  readonly limitsOf: (tenant: string) => TempoLimits;
  readonly prefix: string;
  readonly denied: readonly string[];
  readonly blocklistPollMs: number;
  trouble: "timeout" | "queue_full" | "stopping" | undefined;
}

const BUILD = { version: "", revision: "", branch: "", buildUser: "", buildDate: "", goVersion: "go1.26.8" };

/** Answers a request, whatever its method: POST and OPTIONS act as GET does. */
export function answerRequest(frontend: Frontend, request: LabRequest): LabAnswer | "abort" {
  const { prefix, trouble } = frontend;
  if (request.path === "/ready")
    return trouble === "stopping" ? plain(503, "Application is stopping\n") : plain(200, "ready\n");
  // The real one panics.
  if (request.path === "/status/buildinfo") return "abort";
  if (!request.path.startsWith(`${prefix}/api/`)) return notFound();
  const path = decode(request.path.slice(prefix.length));
  if (path === "/api/echo") return plain(200, "echo\n");
  if (path === "/api/status/buildinfo")
    return { status: 200, headers: { "content-type": "application/json" }, body: `${JSON.stringify(BUILD)}\n` };
  const route = ROUTES.find(([pattern]) => pattern.test(path));
  if (route === undefined) return notFound();
  try {
    const [pattern, answer] = route;
    return answer(open(frontend, request), pattern.exec(path)?.[1] ?? "");
  } catch (error) {
    if (error instanceof TempoError) return text(error.status, error.message, error.headers);
    throw error;
  }
}

const plain = (status: number, body: string): LabAnswer => text(status, body, { "x-content-type-options": "nosniff" });

const ROUTES: readonly (readonly [RegExp, (request: TempoRequest, name: string) => LabAnswer])[] = [
  [/^\/api\/traces\/([^\/]+)$/v, traceV1],
  [/^\/api\/v2\/traces\/diff$/v, () => text(405, "Method Not Allowed")],
  [/^\/api\/v2\/traces\/([^\/]+)$/v, traceV2],
  [/^\/api\/search$/v, search],
  [/^\/api\/search\/tags$/v, tagsV1],
  [/^\/api\/v2\/search\/tags$/v, tagsV2],
  [/^\/api\/search\/tag\/([^\/]+)\/values$/v, tagValuesV1],
  [/^\/api\/v2\/search\/tag\/([^\/]+)\/values$/v, tagValuesV2],
  [/^\/api\/metrics\/query_range$/v, queryRange],
  [/^\/api\/metrics\/query$/v, queryInstant],
];

function open(frontend: Frontend, { headers, query, path }: LabRequest): TempoRequest {
  const { store, isMultiTenant, limitsOf, denied, blocklistPollMs, trouble } = frontend;
  const header = headers["x-scope-orgid"];
  const tenants = isMultiTenant ? readTenants(header === undefined ? undefined : String(header)) : [SINGLE_TENANT];
  const now = store.times.now();
  const seen = seenAs(path, query, now, store.times.endCutoffMs);
  if (denied.some((part) => seen.includes(part))) throw new TempoError(400, deniedText(seen));
  if (trouble === "timeout") throw new TempoError(503, "unable to process request in the configured timeout");
  if (trouble === "queue_full") throw new TempoError(429, "job queue full");
  return {
    query,
    accept: headers.accept ?? "",
    view: new StoreView(tenants.map((tenant) => store.tenant(tenant))),
    limits: limitsOf(tenants[0] ?? ""),
    now,
    blocklistPollMs,
  };
}

/** A request as the deny list sees it: with the window that it has by default, its parameters in order. */
function seenAs(path: string, query: URLSearchParams, now: number, cutoffMs: number): string {
  const seen = new URLSearchParams(query);
  if (!seen.has("start")) seen.set("start", String(Math.floor(now / 1000) - 900));
  if (!seen.has("end")) seen.set("end", String(Math.floor((now - cutoffMs) / 1000)));
  seen.sort();
  return `${path}?${seen.toString()}`;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const deniedText = (target: string): string =>
  `Invalid request ${target}. This query has been identified as one that destabilizes our system. Contact your system administrator for more information`;
