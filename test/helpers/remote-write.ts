/** A native histogram as it was scraped. */
export interface SentHistogram {
  /** Unix milliseconds. */
  readonly at: number;
  /** How fine its buckets are; -53 for those with bounds of their own. */
  readonly schema: number;
  /** Index of the first bucket; 0 is the one up to 1, or the first one with a bound of its own. */
  readonly offset: number;
  /** How many observations are in each bucket, from the first one on without a gap. */
  readonly buckets: readonly number[];
  readonly bounds?: readonly number[];
}

/** One series; its labels with the metric's name as `__name__`. */
export interface SentSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly histograms: readonly SentHistogram[];
}

/**
 * The body of a remote write 1.0, with block-format snappy around that saves nothing.
 * Sources: https://prometheus.io/docs/specs/prw/remote_write_spec/,
 * https://github.com/prometheus/prometheus/blob/main/prompb/types.proto
 */
export function writeRequest(series: readonly SentSeries[]): Uint8Array {
  const body = Buffer.concat(series.map((each) => message(1, timeSeries(each))));
  const literal = Buffer.alloc(5, 63 << 2);
  literal.writeUInt32LE(body.length - 1, 1);
  return Buffer.concat([varint(body.length), literal, body]);
}

const timeSeries = ({ labels, histograms }: SentSeries): Buffer =>
  Buffer.concat([
    ...Object.entries(labels)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) =>
        message(1, Buffer.concat([message(1, Buffer.from(name)), message(2, Buffer.from(value))])),
      ),
    ...histograms.map((each) => message(4, histogram(each))),
  ]);

function histogram({ at, schema, offset, buckets, bounds = [] }: SentHistogram): Buffer {
  const deltas = buckets.map((count, i) => zigzag(count - (buckets[i - 1] ?? 0)));
  const span = Buffer.concat([number(1, zigzag(offset)), number(2, buckets.length)]);
  return Buffer.concat([
    number(
      1,
      buckets.reduce((a, b) => a + b, 0),
    ),
    number(4, zigzag(schema)),
    number(6, 0),
    message(11, span),
    message(12, Buffer.concat(deltas.map(varint))),
    number(15, at),
    ...(bounds.length === 0 ? [] : [message(16, doubles(bounds))]),
  ]);
}

const number = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)]);

const message = (field: number, content: Buffer): Buffer =>
  Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

/** Of whole numbers that are not exact beyond 32 bits by bit operations. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}

function doubles(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [i, value] of values.entries()) bytes.writeDoubleLE(value, 8 * i);
  return bytes;
}
