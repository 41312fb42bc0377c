import pLimit from "p-limit";
import { CollectError } from "../../core/errors.ts";
import type { TimeWindow } from "../../core/telemetry.ts";
import { HttpStatusError } from "../../lib/http/client.ts";
import { findNeighbours, type Neighbours } from "../spans/neighbours.ts";
import { readResourceSpans } from "../spans/otlp.ts";
import { looseObject } from "../spans/otlp-values.ts";
import { get, type TempoSession } from "./ask.ts";
import { search } from "./search.ts";
import { ENTRY, quote, SERVICE, spanset } from "./traceql.ts";

/** Traces that a search looks at. */
const TRACES = 50;
const SPANS = 20;
/** Traces that are read where structure can not be asked for. */
const READ_TRACES = 10;

/** Services beside one, as the traces of a window tell it. */
export async function readNeighbours(session: TempoSession, service: string, window: TimeWindow): Promise<Neighbours> {
  const own = `${SERVICE} = ${quote(service)}`;
  const other = spanset(`${SERVICE} != ${quote(service)}`);
  try {
    const [calls, peers, calledBy] = await Promise.all([
      servicesOf(session, `${spanset(own)} > ${other}`, { window, called: "services that it calls" }),
      peersOf(session, own, window),
      servicesOf(session, `${spanset(own)} < ${other}`, { window, called: "services that call it" }),
    ]);
    return join(service, [...calls, ...peers], calledBy);
  } catch (thrown) {
    if (!(thrown instanceof HttpStatusError) || thrown.status !== 400) throw thrown;
    session.log.note("This Tempo can not be asked for neighbours: they are those of a few traces.");
    return byReading(session, service, { own, window });
  }
}

function join(service: string, calls: readonly string[], calledBy: readonly string[]): Neighbours {
  const others = (names: readonly string[]): readonly string[] =>
    [...new Set(names)].filter((name) => name !== service && name !== "").toSorted();
  return { calls: others(calls), calledBy: others(calledBy) };
}

/** The services that one set of spans calls, also through others. `spans` is a condition. */
export async function readCallees(
  session: TempoSession,
  spans: string,
  window: TimeWindow,
): Promise<readonly string[]> {
  const names = await servicesOf(session, `${spanset(spans)} >> ${spanset(ENTRY)}`, {
    window,
    called: "services that are called",
  });
  return [...new Set(names)].filter((name) => name !== "").toSorted();
}

async function servicesOf(
  session: TempoSession,
  q: string,
  { window, called }: { readonly window: TimeWindow; readonly called: string },
): Promise<readonly string[]> {
  const query = { purpose: called, q: `${q} | select(${SERVICE})`, window, limit: TRACES, spans: SPANS };
  const found = await search(session, query);
  return found.flatMap(({ spans }) => spans.map(({ attributes }) => attributes["service.name"] ?? ""));
}

/** What client spans call a peer; the database that sends no spans is known by it only. */
async function peersOf(session: TempoSession, own: string, window: TimeWindow): Promise<readonly string[]> {
  const q = `${spanset(own, "kind = client", 'span.peer.service != ""')} | select(span.peer.service)`;
  const found = await search(session, { purpose: "peers that it names", q, window, limit: TRACES, spans: SPANS });
  return found.flatMap(({ spans }) => spans.map(({ attributes }) => attributes["peer.service"] ?? ""));
}

async function byReading(
  session: TempoSession,
  service: string,
  { own, window }: { readonly own: string; readonly window: TimeWindow },
): Promise<Neighbours> {
  const found = await search(session, {
    purpose: "traces of the service",
    q: spanset(own),
    window,
    limit: READ_TRACES,
  });
  const limit = pLimit(4);
  const read = await limit.map(found, async ({ summary }) => rowsOf(session, summary.traceId));
  return findNeighbours(service, read.flat());
}

async function rowsOf(session: TempoSession, traceId: string): Promise<ReturnType<typeof readResourceSpans>["rows"]> {
  try {
    const { body } = await get(session, "a trace of the service", `/api/v2/traces/${traceId}`, [404]);
    return readResourceSpans(looseObject(looseObject(body)["trace"])["resourceSpans"]).rows;
  } catch (thrown) {
    // one that is too large tells nothing that others do not
    if (thrown instanceof CollectError && thrown.reason === "body_too_large") return [];
    throw thrown;
  }
}
