import type { TelemetryFilter } from "../../../core/telemetry.ts";
import { json, type Answer } from "../../spans/__fixtures__/answer-server.ts";

/** What is asked about. */
export const WINDOW = { from: 1_795_425_600_000, to: 1_795_426_500_000 };
/** The hour before. */
export const BASELINE = { from: WINDOW.from - 3_600_000, to: WINDOW.from };
/** Names nothing. */
export const NOTHING: TelemetryFilter = { services: [], namespaces: [], pods: [], hosts: [] };
/** Asks about the shop. */
export const QUESTION = { filter: { ...NOTHING, services: ["shop"] }, window: WINDOW, baseline: BASELINE, traces: 5 };

/** On a path that it does not have. */
export const NO_PATH: Answer = { status: 404, type: "text/plain", body: "404 page not found\n" };
/** What a real one answers on a path that it does not have. */
export const PAGE: Answer = { status: 200, type: "text/html; charset=utf-8", body: "<!DOCTYPE html>\n<html></html>" };
/** That it has no such traces. */
export const NOT_FOUND: Answer = {
  status: 404,
  type: "text/plain",
  body: '{"error":{"httpCode":404,"message":"No traces found"}}\n',
};

/** One trace. */
interface Made {
  readonly id: number;
  readonly at: number;
  readonly isFailed?: boolean;
  readonly durationMs?: number;
  readonly version?: string;
}

/** A trace of three spans: the shop is called, calls, and is answered. */
export function trace({ id, at, isFailed = false, durationMs = 10, version = "1" }: Made): readonly unknown[] {
  const traceId = id.toString(16).padStart(32, "0");
  const span = (spanId: string, more: object) => ({
    traceId,
    spanId: spanId.padStart(16, "0"),
    startTimeUnixNano: `${at}000000`,
    endTimeUnixNano: `${at + durationMs}000000`,
    ...more,
  });
  const of = (service: string, spans: readonly unknown[]) => ({
    resource: {
      attributes: [
        { key: "service.name", value: { stringValue: service } },
        { key: "service.version", value: { stringValue: version } },
      ],
    },
    scopeSpans: [{ scope: {}, spans }],
  });
  const status = isFailed ? { code: 2, message: "no stock" } : {};
  return [
    of("shop", [
      span("a", { name: "GET /", kind: 2, status }),
      span("b", { name: "GET", kind: 3, parentSpanId: "a".padStart(16, "0") }),
    ]),
    of("stock", [span("c", { name: "GET /stock", kind: 2, status, parentSpanId: "b".padStart(16, "0") })]),
  ];
}

/** An answer of `/api/v3`. */
export const result = (traces: readonly Made[]): unknown => ({ result: { resourceSpans: traces.flatMap(trace) } });

const GOOD = Array.from({ length: 20 }, (_, at) => ({ id: at + 1, at: WINDOW.from + at * 1_000 }));
/** Traces that fail, all of one version. */
export const BAD = Array.from({ length: 8 }, (_, at) => ({
  id: at + 101,
  at: WINDOW.from + at * 1_000,
  isFailed: true,
  version: "2",
}));
const SLOW = [{ id: 201, at: WINDOW.from + 500, durationMs: 900 }];
const BEFORE = Array.from({ length: 40 }, (_, at) => ({ id: at + 301, at: BASELINE.from + at * 1_000 }));

/** Looks at attributes as 2.19 does, or not as 1.76. */
export function jaeger(looksAtAttributes: boolean): (url: URL) => Answer {
  return ({ pathname, searchParams }) => {
    if (pathname === "/api/traces") return searchParams.has("tags") ? json(LEGACY) : json({ data: [] });
    if (pathname !== "/api/v3/traces") return NO_PATH;
    if (searchParams.get("query.startTimeMin") === new Date(BASELINE.from).toISOString()) return json(result(BEFORE));
    if (searchParams.has("query.durationMin")) return json(result(SLOW));
    const isFailed = searchParams.has("query.attributes") && looksAtAttributes;
    return json(result(isFailed ? BAD : [...GOOD, ...BAD]));
  };
}

const tag = (key: string, value: unknown, type = "string"): object => ({ key, type, value });

/** An answer of `/api/traces`. */
export const LEGACY = {
  data: [
    {
      traceID: "abc",
      spans: [
        {
          traceID: "abc",
          spanID: "1",
          operationName: "GET /",
          references: [],
          startTime: WINDOW.from * 1_000,
          duration: 250_500,
          tags: [
            tag("span.kind", "server"),
            tag("error", true, "bool"),
            tag("otel.status_code", "ERROR"),
            tag("otel.status_description", "no stock"),
            tag("http.response.status_code", 500, "int64"),
          ],
          logs: [
            { timestamp: WINDOW.from * 1_000, fields: [tag("event", "exception"), tag("exception.type", "Oops")] },
          ],
          processID: "p1",
        },
        {
          traceID: "abc",
          spanID: "2",
          operationName: "GET",
          references: [{ refType: "CHILD_OF", traceID: "abc", spanID: "1" }],
          startTime: WINDOW.from * 1_000 + 10,
          duration: 100,
          tags: [tag("span.kind", "client")],
          logs: [],
          processID: "p1",
        },
      ],
      processes: { p1: { serviceName: "shop", tags: [tag("service.version", "2")] } },
    },
  ],
};
