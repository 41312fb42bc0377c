import type { TraceSpan } from "../../core/telemetry.ts";
import { clip } from "../../lib/text.ts";
import {
  looseList,
  looseObject,
  looseShort,
  MAX_ATTRIBUTES,
  MAX_TEXT,
  readKind,
  type Loose,
} from "../spans/otlp-values.ts";
import type { ReadSpans } from "../spans/otlp.ts";
import type { Attributes, SpanRow } from "../spans/span-row.ts";
import { readId } from "../spans/trace-id.ts";

const MAX_EVENTS = 100;

/**
 * Spans of the traces (`data`) in an answer of the API that Jaeger's user interface had: microseconds, tags in place of
 * kind and status.
 * Source: https://www.jaegertracing.io/docs/1.76/architecture/apis/#http-json
 */
export function readLegacySpans(data: unknown): ReadSpans {
  let unreadable = 0;
  const rows = looseList(data).flatMap((trace) => {
    const processes = Object.entries(looseObject(trace["processes"])).map(
      ([id, process]) => [id, readProcess(looseObject(process))] as const,
    );
    const byId = new Map(processes);
    return looseList(trace["spans"]).flatMap((span) => {
      const row = readSpan(span, byId.get(looseShort(span["processID"])) ?? {});
      if (row === undefined) unreadable += 1;
      return row === undefined ? [] : [row];
    });
  });
  return { rows, unreadable };
}

function readProcess(process: Loose): Attributes {
  return { ...readTags(process["tags"]), "service.name": looseShort(process["serviceName"]) };
}

function readTags(tags: unknown): Attributes {
  const pairs = looseList(tags)
    .slice(0, MAX_ATTRIBUTES)
    .map(({ key, value }) => [looseShort(key), clip(asText(value), MAX_TEXT)] as const);
  return Object.fromEntries(pairs.filter(([key]) => key !== ""));
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** Tags into which Jaeger puts what OpenTelemetry has fields for. */
const FIELD_TAGS: ReadonlySet<string> = new Set(["span.kind", "error", "otel.status_code", "otel.status_description"]);

function readSpan(span: Loose, resource: Attributes): SpanRow | undefined {
  const traceId = readId(span["traceID"], 32);
  const spanId = readId(span["spanID"], 16);
  const { startTime, duration } = span;
  if (traceId === undefined || spanId === undefined || typeof startTime !== "number") return undefined;
  const tags = readTags(span["tags"]);
  const own = Object.fromEntries(Object.entries(tags).filter(([key]) => !FIELD_TAGS.has(key)));
  const parentId = readParent(span);
  const message = tags["otel.status_description"];
  return {
    traceId,
    own,
    resource,
    span: {
      spanId,
      ...(parentId !== undefined && { parentId }),
      service: resource["service.name"] ?? "",
      name: looseShort(span["operationName"]),
      kind: readKind(tags["span.kind"]) ?? "unspecified",
      startsAt: startTime / 1_000,
      durationMs: typeof duration === "number" ? Math.max(0, duration / 1_000) : 0,
      status: readTagStatus(tags),
      ...(message !== undefined && { statusMessage: message }),
      events: readLogs(span["logs"], startTime / 1_000),
    },
  };
}

function readTagStatus(tags: Attributes): TraceSpan["status"] {
  if (tags["otel.status_code"] === "ERROR" || tags["error"] === "true") return "error";
  return tags["otel.status_code"] === "OK" ? "ok" : "unset";
}

function readParent(span: Loose): string | undefined {
  const references = looseList(span["references"]).filter(({ refType }) => refType === "CHILD_OF");
  // a parent in another trace is a link
  const inside = references.find(({ traceID }) => traceID === span["traceID"]);
  return readId(inside?.["spanID"] ?? span["parentSpanID"], 16);
}

function readLogs(logs: unknown, startsAt: number): TraceSpan["events"] {
  return looseList(logs)
    .slice(0, MAX_EVENTS)
    .map(({ timestamp, fields }) => {
      const { event = "log", ...attributes } = readTags(fields);
      return { at: typeof timestamp === "number" ? timestamp / 1_000 : startsAt, name: event, attributes };
    });
}
