import type { ShopSpan } from "./contract.ts";
import { send, type ShopSink, type SinkServer } from "./post.ts";

const SPANS_A_REQUEST = 2000;
const KINDS = { unspecified: 0, internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
const STATUS = { unset: 0, ok: 1, error: 2 } as const;
const NUMBERS = new Set(["http.response.status_code", "server.port"]);

/** Sends spans by OTLP over HTTP to `url` (such as `http://localhost:4318`), whole traces together. */
export function tracesSink(server: SinkServer): ShopSink {
  return async ({ spans }) => {
    for (const piece of inTraces(spans))
      await send(server, { url: `${server.url}/v1/traces`, body: JSON.stringify(otlpTraces(piece)) });
  };
}

/**
 * Spans as the body of an export.
 * Source: https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
export function otlpTraces(spans: readonly ShopSpan[]): { readonly resourceSpans: readonly object[] } {
  const byResource = Map.groupBy(spans, ({ resource }) => resource);
  return {
    resourceSpans: [...byResource].map(([resource, own]) => ({
      resource: { attributes: attributesOf(resource) },
      scopeSpans: [{ scope: { name: "shop" }, spans: own.map(spanOf) }],
    })),
  };
}

function* inTraces(spans: readonly ShopSpan[]): Generator<readonly ShopSpan[]> {
  let piece: ShopSpan[] = [];
  for (const trace of Map.groupBy(spans, ({ traceId }) => traceId).values()) {
    piece.push(...trace);
    if (piece.length < SPANS_A_REQUEST) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}

function spanOf(span: ShopSpan): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentId !== undefined && { parentSpanId: span.parentId }),
    name: span.name,
    kind: KINDS[span.kind],
    startTimeUnixNano: nanos(span.startsAt),
    endTimeUnixNano: nanos(span.startsAt + span.durationMs),
    attributes: attributesOf(span.attributes),
    events: span.events.map(({ at, name, attributes }) => ({
      timeUnixNano: nanos(at),
      name,
      attributes: attributesOf(attributes),
    })),
    status: {
      ...(span.status !== "unset" && { code: STATUS[span.status] }),
      ...(span.statusMessage !== undefined && { message: span.statusMessage }),
    },
  };
}

const attributesOf = (attributes: Readonly<Record<string, string>>): readonly object[] =>
  Object.entries(attributes).map(([key, value]) => ({
    key,
    value: NUMBERS.has(key) ? { intValue: value } : { stringValue: value },
  }));

/** Nanoseconds as text: they are more than a number holds. */
export const nanos = (ms: number): string => `${BigInt(Math.round(ms * 1000)) * 1000n}`;
