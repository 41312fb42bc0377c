import type { Attributes, SpanRow } from "../span-row.ts";

/** What a test says of a span; the rest is made up. */
export interface Given extends Partial<SpanRow["span"]> {
  readonly traceId?: string;
  readonly own?: Attributes;
  readonly resource?: Attributes;
}

/** A span of the service `shop`, unless it is said otherwise. */
export function row({ traceId = "t", own = {}, resource = {}, ...span }: Given): SpanRow {
  return {
    traceId,
    own,
    resource,
    span: {
      spanId: "1",
      service: "shop",
      name: "GET /",
      kind: "server",
      startsAt: 1_000,
      durationMs: 10,
      status: "unset",
      events: [],
      ...span,
    },
  };
}
