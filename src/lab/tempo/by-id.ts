import type { LabAnswer } from "../exchange.ts";
import { json, text, unlessZero } from "./answers.ts";
import { TempoError } from "./errors.ts";
import { SPAN_KINDS, STATUS_CODES, type OtlpAttribute, type OtlpSpan } from "./otlp.ts";
import { readIdWindow } from "./parameters.ts";
import type { TempoRequest } from "./request.ts";
import type { StoredSpan, StoredTrace } from "./trace.ts";
import { holds } from "./traceql/conditions.ts";
import { parseQuery } from "./traceql/parse.ts";
import type { Expression } from "./traceql/tree.ts";

/** `GET /api/traces/{id}`: https://grafana.com/docs/tempo/latest/api_docs/#query */
export function traceV1(request: TempoRequest, id: string): LabAnswer {
  const trace = find(request, id);
  if (trace === undefined) return { status: 404, headers: { vary: "Accept-Encoding" }, body: "" };
  const { maxBytesPerTrace } = request.limits;
  if (sizeOf(trace.spans) > maxBytesPerTrace)
    return text(422, `trace exceeds max size (max bytes: ${maxBytesPerTrace})\n`);
  const isForModels = request.accept.includes(LLM);
  return json({ batches: render(trace.spans, request.now) }, isForModels ? LLM : "application/json");
}

const LLM = "application/vnd.grafana.llm";
const FILTERED = "Trace filtered, only a subset of spans matching the filter is returned";

/** `GET /api/v2/traces/{id}`: https://grafana.com/docs/tempo/latest/api_docs/#query-v2 */
export function traceV2(request: TempoRequest, id: string): LabAnswer {
  const filter = readFilter(request.query);
  const trace = find(request, id);
  if (trace === undefined) return json({ trace: {}, metrics: {} });
  const { maxBytesPerTrace } = request.limits;
  const spans = filter === undefined ? trace.spans : keepSpans(trace, filter, request.query);
  let message = spans.length < trace.spans.length ? FILTERED : undefined;
  let kept: readonly StoredSpan[] = spans;
  if (sizeOf(trace.spans) > maxBytesPerTrace) {
    message = `Trace exceeds maximum size of ${maxBytesPerTrace} bytes, a partial trace is returned`;
    kept = cut(spans, maxBytesPerTrace);
  }
  return json({
    trace: kept.length === 0 ? {} : { resourceSpans: render(kept, request.now) },
    metrics: { inspectedBytes: String(sizeOf(trace.spans)) },
    ...(message !== undefined && { status: "PARTIAL", message }),
  });
}

function find({ query, view, now, blocklistPollMs }: TempoRequest, id: string): StoredTrace | undefined {
  const bad = /[^0-9a-f]/iv.exec(id);
  if (bad !== null)
    throw new TempoError(
      400,
      `trace IDs can only contain hex characters: invalid character '${bad[0]}' at position ${bad.index + 1}`,
    );
  if (id.length > 32) throw new TempoError(400, "trace IDs can't be larger than 128 bits");
  const window = readIdWindow(query);
  const trace = view.find(id.toLowerCase().padStart(32, "0"));
  if (trace === undefined || query.get("mode") !== "blocks") return trace;
  const isListed = now - trace.receivedAt >= blocklistPollMs;
  // The window leaves out blocks, and never what is in memory yet.
  const isReached = window === undefined || (trace.receivedAt >= window.from && trace.receivedAt <= window.to);
  return isListed && isReached ? trace : undefined;
}

function readFilter(query: URLSearchParams): { readonly condition: Expression | undefined } | undefined {
  const depth = Number(query.get("match_depth") ?? "0");
  if (depth < -1) throw new TempoError(400, "invalid value for match_depth: must be >= -1");
  const q = query.get("q") ?? "";
  if (q === "") return undefined;
  const { root } = parseFilter(q);
  if (root.type === "pipeline" && root.pipeline.spans.type === "filter" && root.pipeline.stages.length === 0)
    return { condition: root.pipeline.spans.condition };
  throw new TempoError(
    400,
    "invalid TraceQL filter: only a single TraceQL filter is supported: got a structural or aggregate query",
  );
}

function parseFilter(q: string): ReturnType<typeof parseQuery> {
  try {
    return parseQuery(q);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TempoError(400, `invalid TraceQL filter: failed to parse TraceQL spanset filter: ${why}`);
  }
}

function keepSpans(
  trace: StoredTrace,
  { condition }: { readonly condition: Expression | undefined },
  query: URLSearchParams,
): readonly StoredSpan[] {
  const found = new Set(trace.spans.filter((span) => holds(condition, span)));
  if (query.get("keep_hierarchy") !== "true") return [...found];
  const kept = new Set(found);
  for (const span of found) {
    let parent = trace.parentOf(span);
    while (parent !== undefined && !kept.has(parent)) {
      kept.add(parent);
      parent = trace.parentOf(parent);
    }
  }
  return trace.spans.filter((span) => kept.has(span));
}

/** What protobuf takes of the bytes of JSON, about. */
export const SHARE_OF_JSON = 0.45;

/** What a span takes in a block, about: bytes. */
export function spanSize(span: OtlpSpan): number {
  return Math.round(JSON.stringify(renderSpan(span, false)).length * SHARE_OF_JSON);
}

const sizeOf = (spans: readonly StoredSpan[]): number => spans.reduce((sum, { span }) => sum + spanSize(span), 0);

function cut(spans: readonly StoredSpan[], bytes: number): readonly StoredSpan[] {
  let left = bytes;
  return spans.filter((span) => (left -= sizeOf([span])) >= 0);
}

/** How long what was pushed stays in memory; flags are lost when it goes to a block. */
const FLUSH_MS = 5_000;

/** Spans by resource and scope, in the order of their pushes. */
function render(spans: readonly StoredSpan[], now: number): readonly object[] {
  const resources = new Map<unknown, { resource: object; scopes: Map<unknown, { scope: object; spans: object[] }> }>();
  for (const { resource, scope, span, receivedAt } of spans) {
    const ofResource = resources.get(resource) ?? { resource: renderResource(resource), scopes: new Map() };
    resources.set(resource, ofResource);
    const ofScope = ofResource.scopes.get(scope) ?? { scope: renderScope(scope), spans: [] };
    ofResource.scopes.set(scope, ofScope);
    ofScope.spans.push(renderSpan(span, now - receivedAt < FLUSH_MS));
  }
  return [...resources.values()].map(({ resource, scopes }) => ({ resource, scopeSpans: [...scopes.values()] }));
}

const listed = (attributes: readonly OtlpAttribute[]): readonly OtlpAttribute[] | undefined =>
  attributes.length === 0 ? undefined : attributes;
const base64 = (hex: string): string | undefined =>
  hex === "" ? undefined : Buffer.from(hex, "hex").toString("base64");

function renderResource({ attributes, droppedAttributesCount }: StoredSpan["resource"]): object {
  return { attributes: listed(attributes), droppedAttributesCount: unlessZero(droppedAttributesCount) };
}

function renderScope({ name, version, attributes }: StoredSpan["scope"]): object {
  return { name: unlessZero(name), version: unlessZero(version), attributes: listed(attributes) };
}

function renderSpan(span: OtlpSpan, isLive: boolean): object {
  return {
    traceId: base64(span.traceId),
    spanId: base64(span.spanId),
    traceState: unlessZero(span.traceState),
    parentSpanId: base64(span.parentSpanId),
    flags: isLive ? unlessZero(span.flags) : undefined,
    name: unlessZero(span.name),
    kind: span.kind === 0 ? undefined : `SPAN_KIND_${SPAN_KINDS[span.kind]}`,
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.endTimeUnixNano),
    attributes: listed(span.attributes),
    droppedAttributesCount: unlessZero(span.droppedAttributesCount),
    events: renderList(span.events, renderEvent),
    droppedEventsCount: unlessZero(span.droppedEventsCount),
    links: renderList(span.links, (link) => renderLink(link, isLive)),
    droppedLinksCount: unlessZero(span.droppedLinksCount),
    status: {
      message: unlessZero(span.status.message),
      code: span.status.code === 0 ? undefined : `STATUS_CODE_${STATUS_CODES[span.status.code]}`,
    },
  };
}

const renderList = <T>(items: readonly T[], renderOne: (item: T) => object): readonly object[] | undefined =>
  items.length === 0 ? undefined : items.map(renderOne);

function renderEvent({ timeUnixNano, name, attributes, droppedAttributesCount }: OtlpSpan["events"][number]): object {
  return {
    timeUnixNano: String(timeUnixNano),
    name: unlessZero(name),
    attributes: listed(attributes),
    droppedAttributesCount: unlessZero(droppedAttributesCount),
  };
}

function renderLink(
  { traceId, spanId, traceState, attributes, flags }: OtlpSpan["links"][number],
  isLive: boolean,
): object {
  return {
    traceId: base64(traceId),
    spanId: base64(spanId),
    traceState: unlessZero(traceState),
    attributes: listed(attributes),
    flags: isLive ? unlessZero(flags) : undefined,
  };
}
