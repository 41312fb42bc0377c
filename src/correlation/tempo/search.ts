import { z } from "zod";
import type { TimeWindow, TraceSummary } from "../../core/telemetry.ts";
import { HttpStatusError } from "../../lib/http/client.ts";
import { CollectError } from "../../core/errors.ts";
import { looseText } from "../../lib/answers/loose-shapes.ts";
import { readShape } from "../../lib/answers/read-shape.ts";
import { clip } from "../../lib/text.ts";
import { readAttributes, readNanos } from "../spans/otlp-values.ts";
import type { Attributes } from "../spans/span-row.ts";
import { readId } from "../spans/trace-id.ts";
import { ask, type TempoSession } from "./ask.ts";
import { protoAmount, protoList, protoText, protoWork } from "./proto-shapes.ts";

/** One search; spans of the traces come along up to `spans`. */
export interface Search {
  readonly purpose: string;
  readonly q: string;
  readonly window: TimeWindow;
  readonly limit: number;
  readonly spans?: number;
}

/** A span that a search matched. Attributes are named without their scope. */
export interface FoundSpan {
  readonly spanId: string;
  readonly name: string;
  /** Unix milliseconds. */
  readonly startsAt: number;
  readonly durationMs: number;
  readonly attributes: Attributes;
}

/** A trace that a search found. */
export interface FoundTrace {
  readonly summary: TraceSummary;
  readonly spans: readonly FoundSpan[];
}

const NO_ROOT = "<root span not yet received>";
const MAX_TEXT = 1_024;

const spanSet = z.object({
  spans: protoList(
    z.object({
      spanID: protoText,
      name: protoText,
      startTimeUnixNano: looseText,
      durationNanos: protoAmount,
      attributes: z.unknown().optional(),
    }),
  ),
});
const counted = z.object({ spanCount: protoAmount, errorCount: protoAmount });
const trace = z.object({
  traceID: z.string(),
  rootServiceName: looseText,
  rootTraceName: looseText,
  startTimeUnixNano: looseText,
  durationMs: protoAmount,
  spanSet: spanSet.nullish(),
  spanSets: z.array(spanSet).nullish(),
  serviceStats: z.record(z.string(), counted).nullish(),
});

const searchShape = z
  .object({ traces: z.array(trace).optional(), metrics: protoWork, status: looseText, message: looseText })
  // where nothing is found the list may be left out, but not what was done for it
  .refine(({ traces, metrics }) => traces !== undefined || metrics !== undefined, "is no answer to a search");

type Found = z.output<typeof trace>;

/**
 * Searches traces, the newest ones when there are more than the limit. What is not in the window is left out: Tempo
 * takes a time in its future for its own default.
 * Source: https://grafana.com/docs/tempo/latest/api_docs/#search
 */
export async function search(session: TempoSession, query: Search): Promise<readonly FoundTrace[]> {
  const body = await newestFirst(session, query);
  if (body === undefined) return [];
  const { traces = [], metrics, status, message } = readShape(searchShape, body, "GET /api/search");
  if (status === "PARTIAL") session.log.note(`Tempo gave a partial answer: ${message ?? "it does not say why"}.`);
  const { completedJobs = 0, totalJobs = 0 } = metrics ?? {};
  // a search that found enough ends early
  const isCut = traces.length < query.limit && completedJobs < totalJobs;
  if (isCut) session.log.note(`Tempo looked at ${completedJobs} of ${totalJobs} parts of the time only.`);
  const read = traces.flatMap((found) => readTrace(found) ?? []);
  if (traces.length > 0 && read.length === 0)
    throw new CollectError("unexpected_shape", "GET /api/search: no trace has an id and a time that can be read");
  const unread = traces.length - read.length;
  if (unread > 0) session.log.note(`${unread} of ${traces.length} traces have no id or no time that can be read.`);
  return read.filter(({ summary }) => overlaps(summary, query.window));
}

async function newestFirst(session: TempoSession, { purpose, q, window, limit, spans }: Search): Promise<unknown> {
  const params = { limit: String(limit), ...(spans !== undefined && { spss: String(spans) }) };
  const query = { purpose, path: "/api/search", window };
  try {
    return await ask(session, { ...query, params: { q: `${q} with (most_recent=true)`, ...params } });
  } catch (thrown) {
    // releases before 2.8 do not know the hint
    if (!(thrown instanceof HttpStatusError) || thrown.status !== 400 || !/with|most_recent/.test(thrown.said))
      throw thrown;
    return ask(session, { ...query, params: { q, ...params } });
  }
}

/** Undefined for one whose id or time can not be read. */
function readTrace(found: Found): FoundTrace | undefined {
  const traceId = readId(found.traceID, 32);
  const startsAt = readNanos(found.startTimeUnixNano);
  if (traceId === undefined || startsAt === undefined) return undefined;
  const { durationMs } = found;
  const sets = found.spanSets ?? (found.spanSet ? [found.spanSet] : []);
  return {
    summary: { traceId, ...readRoot(found), startsAt, durationMs, ...readStats(found) },
    spans: sets.flatMap((set) => set.spans).map(readSpan),
  };
}

function readRoot({ rootServiceName: service, rootTraceName: name }: Found): Partial<TraceSummary> {
  const hasService = service !== undefined && service !== "" && service !== NO_ROOT;
  return {
    ...(hasService && { rootService: clip(service, MAX_TEXT) }),
    ...(name !== undefined && name !== "" && { rootName: clip(name, MAX_TEXT) }),
  };
}

function readStats({ serviceStats }: Found): Partial<TraceSummary> {
  if (!serviceStats) return {};
  const failed = Object.entries(serviceStats).filter(([, { errorCount }]) => errorCount > 0);
  return {
    failedSpans: failed.reduce((sum, [, { errorCount }]) => sum + errorCount, 0),
    failedServices: failed.map(([service]) => service).filter((service) => service !== ""),
  };
}

function readSpan(span: z.output<typeof spanSet>["spans"][number]): FoundSpan {
  return {
    spanId: readId(span.spanID, 16) ?? "",
    name: clip(span.name, MAX_TEXT),
    startsAt: readNanos(span.startTimeUnixNano) ?? 0,
    durationMs: span.durationNanos / 1e6,
    attributes: readAttributes(span.attributes),
  };
}

function overlaps({ startsAt, durationMs }: TraceSummary, { from, to }: TimeWindow): boolean {
  // times of a search are whole seconds
  return startsAt < to + 1_000 && startsAt + durationMs > from - 1_000;
}
