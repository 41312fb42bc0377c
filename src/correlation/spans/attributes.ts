import type { TraceSpan } from "../../core/telemetry.ts";
import type { Attributes, SpanRow } from "./span-row.ts";

/**
 * Most bytes of attributes and events of a trace. The attributes of a resource are sent once, but each of its spans has
 * them, so that a small answer may hold very many.
 */
const MOST_BYTES = 2 * 1024 * 1024;

const NONE: Attributes = {};

interface Size {
  readonly bytes: number;
  readonly count: number;
}

/**
 * The spans with their attributes, in the same order, as far as those have room; how many attributes and events are
 * left out. Spans that failed come first, and what a span says itself before what its resource says of all of them.
 */
export function withAttributes(rows: readonly SpanRow[]): {
  readonly spans: readonly TraceSpan[];
  readonly leftOut: number;
} {
  const room = makeRoom();
  const failedFirst = rows.toSorted((a, b) => Number(isFailed(b)) - Number(isFailed(a)));
  const own = new Map(
    failedFirst.map((row) => {
      const attributes = room.take(row.own);
      return [row, { attributes, events: row.span.events.filter((event) => room.hasRoomFor(sizeOfEvent(event))) }];
    }),
  );
  const resources = new Map(failedFirst.map((row) => [row, room.take(row.resource)]));
  const spans = rows.map((row) => ({
    ...row.span,
    attributes: { ...resources.get(row), ...own.get(row)?.attributes },
    events: own.get(row)?.events ?? [],
  }));
  return { spans, leftOut: room.leftOut() };
}

const isFailed = ({ span }: SpanRow): boolean => span.status === "error";

function makeRoom() {
  let [free, leftOut] = [MOST_BYTES, 0];
  const sizes = new Map<Attributes, Size>();
  const hasRoomFor = ({ bytes, count }: Size): boolean => {
    const has = bytes <= free;
    if (has) free -= bytes;
    else leftOut += count;
    return has;
  };
  return {
    hasRoomFor,
    /** The attributes, or none where there is no room. */
    take(attributes: Attributes): Attributes {
      const size = sizes.get(attributes) ?? sizeOf(attributes);
      sizes.set(attributes, size);
      return hasRoomFor(size) ? attributes : NONE;
    },
    leftOut: (): number => leftOut,
  };
}

const sizeOfEvent = ({ name, attributes }: TraceSpan["events"][number]): Size => {
  const { bytes, count } = sizeOf(attributes);
  return { bytes: bytes + Buffer.byteLength(name) + OF_AN_ENTRY, count: count + 1 };
};

/** Quotes, a colon and a comma. */
const OF_AN_ENTRY = 6;

function sizeOf(attributes: Attributes): Size {
  const entries = Object.entries(attributes);
  return {
    count: entries.length,
    bytes: entries.reduce(
      (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value) + OF_AN_ENTRY,
      0,
    ),
  };
}
