import type { Exemplar } from "../../core/telemetry.ts";
import type { ShopSeries } from "./contract.ts";

/** A series with those of its exemplars that are sent with it. */
export interface SentSeries extends ShopSeries {
  readonly exemplars: readonly Exemplar[];
}

const utf8 = new TextEncoder();

/**
 * The body of a remote write 1.0: protobuf, in a snappy block that saves nothing.
 * Sources: https://prometheus.io/docs/specs/prw/remote_write_spec/,
 * https://github.com/prometheus/prometheus/blob/main/prompb/types.proto
 */
export function remoteWriteBody(series: readonly SentSeries[]): Uint8Array {
  return asSnappyLiteral(Buffer.concat(series.map((each) => message(1, timeSeries(each)))));
}

function timeSeries({ name, labels, points, exemplars }: SentSeries): Buffer {
  return Buffer.concat([
    ...labelsOf({ ...labels, __name__: name }),
    ...points.map(([at, value]) => message(2, valueAt(value, at, { valueField: 1, timeField: 2 }))),
    ...exemplars.map(({ traceId, value, at }) =>
      message(
        3,
        Buffer.concat([...labelsOf({ trace_id: traceId }), valueAt(value, at, { valueField: 2, timeField: 3 })]),
      ),
    ),
  ]);
}

/** The receiver wants them in the order of their names. */
const labelsOf = (labels: Readonly<Record<string, string>>): Buffer[] =>
  Object.entries(labels)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) =>
      message(1, Buffer.concat([message(1, utf8.encode(label)), message(2, utf8.encode(value))])),
    );

function valueAt(
  value: number,
  at: number,
  { valueField, timeField }: Record<"valueField" | "timeField", number>,
): Buffer {
  const bytes = Buffer.alloc(10);
  bytes[0] = valueField * 8 + 1;
  bytes.writeDoubleLE(value, 1);
  bytes[9] = timeField * 8;
  return Buffer.concat([bytes, varint(at)]);
}

const message = (field: number, content: Uint8Array): Buffer =>
  Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);

/** Not negative; more than 32 bits are divided, since shifts would cut them off. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) + 128);
  }
}

/** Source: https://github.com/google/snappy/blob/main/format_description.txt */
function asSnappyLiteral(content: Buffer): Buffer {
  const literal = Buffer.alloc(5);
  literal[0] = 63 * 4;
  literal.writeUInt32LE(content.length - 1, 1);
  return Buffer.concat([varint(content.length), literal, content]);
}
