import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TraceSpan } from "../core/telemetry.ts";
import { spanRows } from "./span-rows.ts";

const span = (spanId: string, parentId?: string): TraceSpan => ({
  spanId,
  ...(parentId !== undefined && { parentId }),
  service: "shop",
  name: spanId,
  kind: "internal",
  startsAt: 0,
  durationMs: 1,
  status: "unset",
  attributes: {},
  events: [],
});

const shown = (spans: readonly TraceSpan[]) => spanRows(spans).map(({ span: { spanId }, depth }) => [spanId, depth]);

describe("spanRows", () => {
  it("puts children under their parents, in their order", () => {
    expect(shown([span("a"), span("b", "a"), span("c", "a"), span("d", "b"), span("e")])).toEqual([
      ["a", 0],
      ["b", 1],
      ["d", 2],
      ["c", 1],
      ["e", 0],
    ]);
  });

  it("shows what hangs on a span that never arrived at the root", () => {
    expect(shown([span("b", "lost")])).toEqual([["b", 0]]);
  });

  it("shows each span once, whatever they call their parents", () => {
    const id = fc.integer({ min: 0, max: 6 }).map(String);
    fc.assert(
      fc.property(fc.array(fc.tuple(id, fc.option(id, { nil: undefined })), { maxLength: 12 }), (pairs) => {
        const spans = pairs.map(([spanId, parentId]) => span(spanId, parentId));
        expect(
          spanRows(spans)
            .map((row) => row.span)
            .toSorted(byName),
        ).toEqual(spans.toSorted(byName));
      }),
    );
  });
});

const byName = (a: TraceSpan, b: TraceSpan): number =>
  `${a.spanId} ${a.parentId}` < `${b.spanId} ${b.parentId}` ? -1 : 1;
