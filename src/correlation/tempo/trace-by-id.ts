import type { Trace } from "../../core/telemetry.ts";
import { CollectError } from "../../core/errors.ts";
import type { BackendAnswer } from "../spans/backend.ts";
import { readResourceSpans } from "../spans/otlp.ts";
import { looseObject } from "../spans/otlp-values.ts";
import { buildTrace } from "../spans/trace.ts";
import { get, type TempoSession } from "./ask.ts";
import { FAILED, spanset } from "./traceql.ts";

/**
 * A whole trace by its 32 digits; undefined when Tempo has none of this id. One that is too large to be read comes with
 * its failed spans only.
 * Source: https://grafana.com/docs/tempo/latest/api_docs/#query-v2
 */
export async function readTrace(session: TempoSession, traceId: string): Promise<Trace | undefined> {
  try {
    return await readWhole(session, traceId);
  } catch (thrown) {
    if (!(thrown instanceof CollectError) || thrown.reason !== "body_too_large") throw thrown;
    const filter = new URLSearchParams({ q: spanset(FAILED) });
    const { body } = await get(session, "failed spans of the trace", `/api/v2/traces/${traceId}?${filter.toString()}`);
    return readV2(traceId, body, ["The trace is too large to be read: only its failed spans were."]);
  }
}

async function readWhole(session: TempoSession, traceId: string): Promise<Trace | undefined> {
  const { answer, body } = await get(session, "the trace", `/api/v2/traces/${traceId}`, [404]);
  if (answer.status === 200) return readV2(traceId, body, []);
  if (!isUnknownPath(answer)) return undefined;
  // releases before 2.7
  const old = await get(session, "the trace", `/api/traces/${traceId}`, [404]);
  if (old.answer.status === 404) {
    if (isUnknownPath(old.answer)) throw new CollectError("not_found", `${old.answer.where}: this is no Tempo`);
    return undefined;
  }
  return build(traceId, looseObject(old.body)["batches"], []);
}

/**
 * Of a trace that is not there the body is empty, or says so; that of a router or of another server says something
 * else.
 */
const isUnknownPath = ({ text }: BackendAnswer): boolean => !/^\s*$|trace.*not found|not found.*trace/i.test(text);

function readV2(traceId: string, body: unknown, notes: readonly string[]): Trace | undefined {
  const { trace, status, message } = looseObject(body);
  const why = typeof message === "string" && message !== "" ? message : "Tempo has not all of it";
  const partial = status === "PARTIAL" && notes.length === 0 ? [`The trace is not whole: ${why}.`] : [];
  return build(traceId, looseObject(trace)["resourceSpans"], [...notes, ...partial]);
}

function build(traceId: string, resourceSpans: unknown, notes: readonly string[]): Trace | undefined {
  const { rows, unreadable } = readResourceSpans(resourceSpans);
  const lost = unreadable > 0 ? [`${unreadable} of its spans have no id or no time and are left out.`] : [];
  return buildTrace(traceId, rows, [...notes, ...lost]);
}
