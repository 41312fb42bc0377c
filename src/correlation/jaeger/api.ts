import { CollectError } from "../../core/errors.ts";
import type { TimeWindow } from "../../core/telemetry.ts";
import { parseJson } from "../../lib/http/body.ts";
import type { Backend, BackendAnswer } from "../spans/backend.ts";
import { readResourceSpans } from "../spans/otlp.ts";
import { looseList, looseObject } from "../spans/otlp-values.ts";
import type { ReadingLog } from "../spans/reading-log.ts";
import type { SpanRow } from "../spans/span-row.ts";
import { readLegacySpans } from "./legacy-spans.ts";

/** What a request to Jaeger is made with, and where it is written down. */
export interface JaegerSession {
  readonly backend: Backend;
  readonly log: ReadingLog;
  readonly signal: AbortSignal;
}

/** Spans of one service's traces. */
export interface JaegerSearch {
  readonly purpose: string;
  readonly service: string;
  readonly window: TimeWindow;
  readonly limit: number;
  /** Traces with a span of the service that failed. */
  readonly isFailed?: boolean;
  /** Traces with a span of the service that took longer. */
  readonly longerThanMs?: number;
}

/** An answer's JSON; undefined for a path that this Jaeger does not have. */
type Answer = { readonly isKnown: false } | { readonly isKnown: true; readonly body: unknown };

async function ask(session: JaegerSession, purpose: string, path: string): Promise<Answer> {
  session.log.asked(purpose, path);
  const answer = await session.backend.get(path, session.signal, [404]);
  const { status, text } = answer;
  // a path that it does not have gets the page of its user interface
  if (text.trimStart().startsWith("<")) return { isKnown: false };
  if (status === 200) return { isKnown: true, body: parseResults(answer) };
  // that nothing was found is a 404 too, but one with JSON
  return text.trimStart().startsWith("{") ? { isKnown: true, body: {} } : { isKnown: false };
}

/** One JSON value, or several of them one a line where results are streamed: then they are `{ results }`. */
function parseResults({ text, where }: BackendAnswer): unknown {
  const lines = text.trim().split(/\r?\n(?=\{)/);
  const whole = { text, headers: {} };
  if (lines.length < 2 || !lines[0]?.trimEnd().endsWith("}")) return parseJson(whole, where);
  try {
    return { results: lines.map((line): unknown => JSON.parse(line)) };
  } catch {
    return parseJson(whole, where);
  }
}

function readV3(body: unknown): readonly SpanRow[] {
  const answer = looseObject(body);
  const results = answer["results"] === undefined ? [answer] : looseList(answer["results"]);
  return results.flatMap((one) => {
    const failed = looseObject(one["error"])["message"];
    if (typeof failed === "string") throw new CollectError("server_error", `Jaeger ended its answer early: ${failed}`);
    // older releases wrap nothing
    const { resourceSpans } = one["result"] === undefined ? one : looseObject(one["result"]);
    return readResourceSpans(resourceSpans).rows;
  });
}

/**
 * Traces of a service with all their spans, the newest ones when there are more than the limit.
 * Source: https://www.jaegertracing.io/docs/latest/architecture/apis/
 */
export async function searchTraces(session: JaegerSession, search: JaegerSearch): Promise<readonly SpanRow[]> {
  const found = await ask(session, search.purpose, `/api/v3/traces?${v3Query(search)}`);
  if (!found.isKnown) return searchLegacy(session, search);
  const rows = readV3(found.body);
  if (search.isFailed !== true || isFiltered(rows, search)) return rows;
  // before 2.19 attributes were not looked at
  return searchLegacy(session, search);
}

function isFiltered(rows: readonly SpanRow[], { service, limit }: JaegerSearch): boolean {
  const traces = new Set(rows.map(({ traceId }) => traceId));
  const failed = rows.filter(({ span }) => span.service === service && span.status === "error");
  return failed.length > 0 ? new Set(failed.map(({ traceId }) => traceId)).size === traces.size : traces.size < limit;
}

function v3Query({ service, window, limit, isFailed, longerThanMs }: JaegerSearch): string {
  const [from, to] = [new Date(window.from).toISOString(), new Date(window.to).toISOString()];
  const micros = longerThanMs === undefined ? undefined : `${Math.ceil(longerThanMs * 1_000)}us`;
  const pairs = [
    ["service_name", "serviceName", service],
    ["start_time_min", "startTimeMin", from],
    ["start_time_max", "startTimeMax", to],
    ["num_traces", "searchDepth", String(limit)],
    ["duration_min", "durationMin", micros],
  ] as const;
  const query = new URLSearchParams();
  // the first names are those of releases before 2.19, the second those that stay
  for (const [old, name, value] of pairs) {
    if (value === undefined) continue;
    query.set(`query.${old}`, value);
    query.set(`query.${name}`, value);
  }
  if (isFailed === true) query.set("query.attributes", JSON.stringify({ error: "true" }));
  return query.toString();
}

async function searchLegacy(session: JaegerSession, search: JaegerSearch): Promise<readonly SpanRow[]> {
  const { service, window, limit, isFailed, longerThanMs } = search;
  const query = new URLSearchParams({
    service,
    start: String(Math.round(window.from * 1_000)),
    end: String(Math.round(window.to * 1_000)),
    limit: String(limit),
    ...(isFailed === true && { tags: JSON.stringify({ error: "true" }) }),
    ...(longerThanMs !== undefined && { minDuration: `${Math.ceil(longerThanMs * 1_000)}us` }),
  });
  const found = await ask(session, search.purpose, `/api/traces?${query.toString()}`);
  if (!found.isKnown)
    throw new CollectError("not_found", "this is no Jaeger: it has neither /api/v3/traces nor /api/traces");
  return readLegacySpans(found.body);
}

/** All spans of one trace; none when it has none of this id (32 hexadecimal digits). */
export async function readTraceSpans(session: JaegerSession, traceId: string): Promise<readonly SpanRow[]> {
  const found = await ask(session, "the trace", `/api/v3/traces/${traceId}`);
  if (found.isKnown) return readV3(found.body);
  const old = await ask(session, "the trace", `/api/traces/${traceId}`);
  if (!old.isKnown)
    throw new CollectError("not_found", "this is no Jaeger: it has neither /api/v3/traces nor /api/traces");
  return readLegacySpans(old.body);
}

/** Names of the services that have sent spans. */
export async function readServices(session: JaegerSession): Promise<readonly string[]> {
  const found = await ask(session, "services", "/api/v3/services");
  const known = found.isKnown ? found : await ask(session, "services", "/api/services");
  if (!known.isKnown)
    throw new CollectError("not_found", "this is no Jaeger: it has neither /api/v3/services nor /api/services");
  const { services, data } = looseObject(known.body);
  return asTexts(services ?? data).toSorted();
}

const asTexts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

/** Who calls whom, as Jaeger has counted it; none where nothing counts it. */
export async function readDependencies(
  session: JaegerSession,
  window: TimeWindow,
): Promise<readonly { readonly parent: string; readonly child: string }[]> {
  const query = new URLSearchParams({
    endTs: String(Math.ceil(window.to)),
    lookback: String(Math.ceil(window.to - window.from)),
  });
  const found = await ask(session, "who calls whom", `/api/dependencies?${query.toString()}`);
  if (!found.isKnown) return [];
  return looseList(looseObject(found.body)["data"]).flatMap(({ parent, child }) =>
    typeof parent === "string" && typeof child === "string" ? [{ parent, child }] : [],
  );
}
