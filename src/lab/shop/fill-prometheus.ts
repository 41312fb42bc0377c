import type { Exemplar } from "../../core/telemetry.ts";
import type { ShopFamily, ShopSeries } from "./contract.ts";
import { send, type ShopSink, type SinkServer } from "./post.ts";
import { remoteWriteBody, type SentSeries } from "./remote-write.ts";

/** Milliseconds of points that one request holds: all of an earlier time go before all of a later one. */
const SLICE_MS = 300_000;
const HEADERS = { "content-encoding": "snappy", "x-prometheus-remote-write-version": "0.1.0" } as const;

/**
 * Sends metrics by remote write to the Prometheus at `url`, the oldest first. Prometheus needs
 * `--web.enable-remote-write-receiver`, and `--enable-feature=exemplar-storage` to keep exemplars; an earlier time than
 * what it has needs `storage.tsdb.out_of_order_time_window`.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/api/#remote-write-receiver
 */
export function prometheusSink(server: SinkServer): ShopSink {
  return async ({ families, exemplars }) => {
    for (const slice of slicesOf(families, exemplars))
      await send(
        { ...server, headers: { ...server.headers, ...HEADERS } },
        { url: `${server.url}/api/v1/write`, body: remoteWriteBody(slice), type: "application/x-protobuf" },
      );
  };
}

/** Series in the order of time, some minutes of all of them in each slice. */
function slicesOf(families: readonly ShopFamily[], exemplars: readonly Exemplar[]): readonly (readonly SentSeries[])[] {
  const slices = new Map<number, SentSeries[]>();
  const examples = Map.groupBy(exemplars, ({ metric, labels }) => keyOf(metric, labels));
  for (const { series: all } of families) {
    const bounds = [...new Set(all.map(boundOf))].toSorted((a, b) => a - b);
    for (const series of all) {
      const own = examplesOf(series, bounds, examples);
      for (const [slice, points] of Map.groupBy(series.points, ([at]) => Math.floor(at / SLICE_MS))) {
        const sent = slices.get(slice) ?? [];
        sent.push({ ...series, points, exemplars: own.filter(({ at }) => Math.floor(at / SLICE_MS) === slice) });
        slices.set(slice, sent);
      }
    }
  }
  return [...slices].toSorted(([a], [b]) => a - b).map(([, sent]) => sent);
}

/** Exemplars belong to the lowest bucket that holds their value. */
function examplesOf(
  series: ShopSeries,
  bounds: readonly number[],
  examples: ReadonlyMap<string, readonly Exemplar[]>,
): readonly Exemplar[] {
  const { le, ...others } = series.labels;
  if (le === undefined) return [];
  const bound = boundOf(series);
  const below = bounds[bounds.indexOf(bound) - 1] ?? -Infinity;
  const all = examples.get(keyOf(series.name, others)) ?? [];
  return all.filter(({ value }) => value <= bound && value > below).toSorted((a, b) => a.at - b.at);
}

const boundOf = ({ labels: { le } }: ShopSeries): number => (le === "+Inf" ? Infinity : Number(le));

const keyOf = (name: string, labels: Readonly<Record<string, string>>): string =>
  JSON.stringify([name, Object.entries(labels)]);
