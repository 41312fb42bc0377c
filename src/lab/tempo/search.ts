import type { LabAnswer } from "../exchange.ts";
import { json, toOtlp, unlessZero } from "./answers.ts";
import { TempoError } from "./errors.ts";
import type { TempoRequest } from "./request.ts";
import { readSearchWindow, readUint } from "./parameters.ts";
import type { OtlpAttribute } from "./otlp.ts";
import { holdsTags, readTags } from "./tags-filter.ts";
import type { StoredSpan, StoredTrace } from "./trace.ts";
import { fieldsOf } from "./traceql/conditions.ts";
import { attributeOf, stripZeros, valuesOf } from "./traceql/fields.ts";
import { parseQuery } from "./traceql/parse.ts";
import { findSpans, type FoundSpans } from "./traceql/spansets.ts";
import { nanosOf } from "./traceql/tokens.ts";
import type { Field, Pipeline, Query } from "./traceql/tree.ts";

/** `GET /api/search`: https://grafana.com/docs/tempo/latest/api_docs/#search */
export function search(request: TempoRequest): LabAnswer {
  const { query, limits, view, now } = request;
  const { limit, spss } = readLimits(request);
  const q = query.get("q") ?? "";
  const tags = query.get("tags") ?? "";
  if (tags !== "" && q !== "") throw new TempoError(400, "invalid request: can't specify tags and q in the same query");
  const meets = readTags(tags);
  const inTime = readDurations(query);
  const window = readSearchWindow(query, limits, { now, seenUntil: view.clipEnd(now) });
  const parsed = q === "" ? undefined : parse(q);
  const traces = [];
  for (const trace of view.within(window)) {
    if (traces.length >= limit) break;
    if (parsed === undefined) {
      if (inTime(trace) && holdsTags(trace, meets)) traces.push(summaryOf(trace, request));
      continue;
    }
    const found = findInBlocks(pipelineOf(parsed), trace);
    if (found.length > 0) traces.push(withSpans(summaryOf(trace, request), trace, { found, parsed, spss }));
  }
  return json({ traces, metrics: { completedJobs: 1, totalJobs: 1 } });
}

/** A trace is looked at block by block, so that relations between spans that came apart are not seen. */
function findInBlocks(pipeline: Pipeline, trace: StoredTrace): readonly FoundSpans[] {
  for (const block of trace.blocks) {
    const found = findSpans(pipeline, block);
    if (found.length > 0) return found;
  }
  return [];
}

function readLimits({ query, limits }: TempoRequest): { readonly limit: number; readonly spss: number } {
  const limit = readUint(query, "limit") ?? limits.defaultResultLimit;
  if (limit === 0) throw new TempoError(400, "invalid limit: must be a positive number");
  if (limit > limits.maxResultLimit)
    throw new TempoError(400, `limit ${limit} exceeds max limit ${limits.maxResultLimit}`);
  const spss = readUint(query, "spss") ?? 0;
  if (spss > limits.maxSpansPerSpanSet)
    throw new TempoError(400, `spans per span set exceeds ${limits.maxSpansPerSpanSet}. received ${spss}`);
  return { limit, spss: spss === 0 ? limits.defaultSpansPerSpanSet : spss };
}

function readDurations(query: URLSearchParams): (trace: StoredTrace) => boolean {
  const [least = 0, most = 0] = ["minDuration", "maxDuration"].map((name) => nanosOf(query.get(name) ?? ""));
  if (most > 0 && most <= least) throw new TempoError(400, "invalid maxDuration: must be greater than minDuration");
  return ({ durationNs }) => durationNs >= least && (most === 0 || durationNs <= most);
}

function parse(q: string): Query {
  try {
    return parseQuery(q);
  } catch (error) {
    throw new TempoError(400, `invalid TraceQL query: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Of two pipelines that are reckoned with the first is searched. */
function pipelineOf({ root }: Pick<Query, "root">): Pipeline {
  return root.type === "pipeline" ? root.pipeline : pipelineOf({ root: root.left });
}

function summaryOf(trace: StoredTrace, { limits }: TempoRequest): object {
  const { root } = trace;
  return {
    traceID: limits.leftPadTraceIds ? trace.id : stripZeros(trace.id),
    rootServiceName: root?.service ?? "<root span not yet received>",
    rootTraceName: root?.span.name,
    startTimeUnixNano: String(trace.startNs),
    durationMs: unlessZero(Math.floor(trace.durationNs / 1e6)),
  };
}

interface Found {
  readonly found: readonly FoundSpans[];
  readonly parsed: Query;
  readonly spss: number;
}

function withSpans(summary: object, trace: StoredTrace, { found, parsed, spss }: Found): object {
  const pipeline = pipelineOf(parsed);
  const fields = namedBy(pipeline);
  const spanSets = found.map(({ spans, attributes }) => ({
    spans: spans.slice(0, spss).map((span) => spanOf(span, fields)),
    matched: spans.length,
    attributes:
      attributes.length === 0 ? undefined : attributes.map(({ key, value }) => ({ key, value: toOtlp(value) })),
  }));
  return { ...summary, spanSet: spanSets[0], spanSets, serviceStats: statsOf(trace) };
}

/** The fields that are shown of each span: those of the conditions and those selected. */
function namedBy({ spans, stages }: Pipeline): readonly Field[] {
  const more = stages.flatMap((stage) => {
    if (stage.type === "select") return stage.fields;
    if (stage.type === "by") return [stage.field];
    return stage.type === "filter" ? fieldsOf(stage.spans) : [];
  });
  const all = [...fieldsOf(spans), ...more];
  return all.filter((field, index) => all.findIndex((other) => other.name === field.name) === index);
}

/** What search never shows as an attribute of a span. */
const UNSHOWN = new Set(["duration", "traceDuration", "name", "trace:id", "span:id", "rootName", "rootServiceName"]);

function spanOf(stored: StoredSpan, fields: readonly Field[]): object {
  const { span, durationNs } = stored;
  const attributes = fields.flatMap((field) => shown(stored, field));
  return {
    spanID: span.spanId,
    name: fields.some(({ scope, name }) => scope === "intrinsic" && name === "name") ? span.name : undefined,
    startTimeUnixNano: String(span.startTimeUnixNano),
    durationNanos: durationNs === 0 ? undefined : String(durationNs),
    attributes: attributes.length === 0 ? undefined : attributes,
  };
}

/** The attribute without its scope; maps are not shown. */
function shown(stored: StoredSpan, field: Field): readonly OtlpAttribute[] {
  if (field.scope !== "intrinsic") {
    const value = attributeOf(stored, field);
    return value === undefined || value.kvlistValue !== undefined ? [] : [{ key: field.name, value }];
  }
  if (UNSHOWN.has(field.name)) return [];
  const [value] = valuesOf(stored, field);
  return value === undefined ? [] : [{ key: field.name, value: toOtlp(value) }];
}

const FAILED = 2;

function statsOf({ spans }: StoredTrace): object {
  const stats: Record<string, { spanCount: number; errorCount?: number }> = {};
  for (const { service = "", span } of spans) {
    const known = (stats[service] ??= { spanCount: 0 });
    known.spanCount += 1;
    if (span.status.code === FAILED) known.errorCount = (known.errorCount ?? 0) + 1;
  }
  return stats;
}
