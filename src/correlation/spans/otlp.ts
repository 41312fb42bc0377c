import type { TraceSpan } from "../../core/telemetry.ts";
import {
  looseList,
  looseObject,
  looseShort,
  readAttributes,
  readKind,
  readNanos,
  readStatus,
  type Loose,
} from "./otlp-values.ts";
import type { Attributes, SpanRow } from "./span-row.ts";
import { readId } from "./trace-id.ts";

const MAX_EVENTS = 100;

/** What a span's service is called when its resource names none. */
const NO_SERVICE = "unknown_service";

/** Spans of an answer, and how many of it were none: without ids, times, or with a kind or status that there is not. */
export interface ReadSpans {
  readonly rows: readonly SpanRow[];
  readonly unreadable: number;
}

/**
 * Reads a list of `resourceSpans` in OTLP JSON, as OTLP, Tempo and Jaeger write it: ids in hexadecimal or base64, enums
 * as names or numbers, empty fields left out.
 * Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export function readResourceSpans(resourceSpans: unknown): ReadSpans {
  const rows: SpanRow[] = [];
  let unreadable = 0;
  const listed = (value: unknown): readonly Loose[] => {
    if (value !== undefined && !Array.isArray(value)) unreadable += 1;
    return looseList(value);
  };
  for (const group of listed(resourceSpans)) {
    const resource = readAttributes(looseObject(group["resource"])["attributes"]);
    const scopes = listed("scopeSpans" in group ? group["scopeSpans"] : group["instrumentationLibrarySpans"]);
    for (const span of scopes.flatMap((scope) => listed(scope["spans"]))) {
      const row = readSpan(span, resource);
      if (row === undefined) unreadable += 1;
      else rows.push(row);
    }
  }
  return { rows, unreadable };
}

function readSpan(span: Loose, resource: Attributes): SpanRow | undefined {
  const traceId = readId(span["traceId"], 32);
  const spanId = readId(span["spanId"], 16);
  const startsAt = readNanos(span["startTimeUnixNano"]);
  const status = looseObject(span["status"]);
  const [kind, code] = [readKind(span["kind"]), readStatus(status["code"])];
  if (traceId === undefined || spanId === undefined || startsAt === undefined) return undefined;
  if (kind === undefined || code === undefined) return undefined;
  const endsAt = readNanos(span["endTimeUnixNano"]) ?? startsAt;
  const own = readAttributes(span["attributes"]);
  return {
    traceId,
    own,
    resource,
    span: {
      ...identify(span, spanId),
      kind,
      service: resource["service.name"] ?? NO_SERVICE,
      startsAt,
      // a clock that was set back makes it negative
      durationMs: Math.max(0, endsAt - startsAt),
      status: code,
      ...(looseShort(status["message"]) !== "" && { statusMessage: looseShort(status["message"]) }),
      events: readEvents(span["events"], startsAt),
    },
  };
}

function identify(span: Loose, spanId: string): Pick<TraceSpan, "spanId" | "parentId" | "name"> {
  const parentId = readId(span["parentSpanId"], 16);
  return {
    spanId,
    ...(parentId !== undefined && { parentId }),
    name: looseShort(span["name"]),
  };
}

function readEvents(value: unknown, startsAt: number): TraceSpan["events"] {
  return looseList(value)
    .slice(0, MAX_EVENTS)
    .map((event) => ({
      at: readNanos(event["timeUnixNano"]) ?? startsAt,
      name: looseShort(event["name"]),
      attributes: readAttributes(event["attributes"]),
    }));
}
