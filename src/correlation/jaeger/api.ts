import { z } from "zod";
import { CollectError } from "../../core/errors.ts";
import type { TimeWindow } from "../../core/telemetry.ts";
import { parseJson } from "../../lib/http/body.ts";
import type { Backend, BackendAnswer } from "../spans/backend.ts";
import { readResourceSpans, type ReadSpans } from "../spans/otlp.ts";
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

/** An answer's JSON, without it where nothing was found; or that this Jaeger does not have the path. */
type Answer = { readonly isKnown: false } | { readonly isKnown: true; readonly where: string; readonly body?: unknown };

/** That nothing was found, as the two APIs say it. */
const nothingFound = z.union([
  z.object({ error: z.object({ httpCode: z.literal(404) }) }),
  z.object({ errors: z.array(z.object({ code: z.literal(404) })).min(1) }),
]);

async function ask(session: JaegerSession, purpose: string, path: string): Promise<Answer> {
  session.log.asked(purpose, path);
  const answer = await session.backend.get(path, session.signal, [404]);
  const { status, text } = answer;
  // a path that it does not have gets the page of its user interface
  if (text.trimStart().startsWith("<")) return { isKnown: false };
  const { where } = answer;
  if (status === 200) return { isKnown: true, where, body: parseResults(answer) };
  // that nothing was found is a 404 too, but one that says so
  return saysNothingFound(text) ? { isKnown: true, where } : { isKnown: false };
}

function saysNothingFound(text: string): boolean {
  try {
    return nothingFound.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
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

function readV3({ body, where }: { readonly body?: unknown; readonly where: string }): readonly SpanRow[] {
  if (body === undefined) return [];
  const answer = looseObject(body);
  const results = answer["results"] === undefined ? [answer] : looseList(answer["results"]);
  const read = results.map((one) => {
    const failed = looseObject(one["error"])["message"];
    if (typeof failed === "string") throw new CollectError("server_error", `Jaeger ended its answer early: ${failed}`);
    // older releases wrap nothing
    if (one["result"] === undefined && one["resourceSpans"] === undefined) throw notJaegers(where);
    const { resourceSpans } = one["result"] === undefined ? one : looseObject(one["result"]);
    return readResourceSpans(resourceSpans);
  });
  return readable(read, where);
}

/** What could be read of an answer. Where nothing could, that is no answer, and not one without spans. */
function readable(read: readonly ReadSpans[], where: string): readonly SpanRow[] {
  const rows = read.flatMap((one) => one.rows);
  if (rows.length === 0 && read.some(({ unreadable }) => unreadable > 0)) throw notJaegers(where);
  return rows;
}

const notJaegers = (where: string): CollectError =>
  new CollectError(
    "unexpected_shape",
    `${where}: the answer has no spans that can be read, nor does it say that there are none`,
  );

/**
 * Traces of a service with all their spans, the newest ones when there are more than the limit.
 * Source: https://www.jaegertracing.io/docs/latest/architecture/apis/
 */
export async function searchTraces(session: JaegerSession, search: JaegerSearch): Promise<readonly SpanRow[]> {
  const found = await ask(session, search.purpose, `/api/v3/traces?${v3Query(search)}`);
  if (!found.isKnown) return searchLegacy(session, search);
  const rows = readV3(found);
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
  return readLegacy(found);
}

function readLegacy({ body, where }: { readonly body?: unknown; readonly where: string }): readonly SpanRow[] {
  if (body === undefined) return [];
  const { data } = looseObject(body);
  if (!Array.isArray(data)) throw notJaegers(where);
  return readable([readLegacySpans(data)], where);
}

/** All spans of one trace; none when it has none of this id (32 hexadecimal digits). */
export async function readTraceSpans(session: JaegerSession, traceId: string): Promise<readonly SpanRow[]> {
  const found = await ask(session, "the trace", `/api/v3/traces/${traceId}`);
  if (found.isKnown) return readV3(found);
  const old = await ask(session, "the trace", `/api/traces/${traceId}`);
  if (!old.isKnown)
    throw new CollectError("not_found", "this is no Jaeger: it has neither /api/v3/traces nor /api/traces");
  return readLegacy(old);
}

/** Names of the services that have sent spans. */
export async function readServices(session: JaegerSession): Promise<readonly string[]> {
  const found = await ask(session, "services", "/api/v3/services");
  const known = found.isKnown ? found : await ask(session, "services", "/api/services");
  if (!known.isKnown)
    throw new CollectError("not_found", "this is no Jaeger: it has neither /api/v3/services nor /api/services");
  const { services, data } = looseObject(known.body);
  const { data: names } = z.array(z.string()).safeParse(services ?? data ?? []);
  if (names === undefined) throw new CollectError("unexpected_shape", `${known.where}: the answer names no services`);
  return names.toSorted();
}

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
