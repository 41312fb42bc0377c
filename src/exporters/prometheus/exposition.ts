import type { Registry } from "prom-client";
import type { Duration } from "../../core/duration.ts";
import type { Snapshot } from "../../core/metric.ts";
import { encodeSamples } from "./encode.ts";
import { filterBlocks, filterSelfFamilies, OWN_METRICS, type SeriesFilter } from "./filter.ts";
import type { Format } from "./format.ts";
import { createGzip } from "./gzip.ts";
import { byteLengthOf, PageWriter } from "./page.ts";
import { readSelfMetrics } from "./self-metrics.ts";
import { sameKey, SeriesStore, type EncodedFamily, type SeriesKey } from "./series-store.ts";
import { createSlicedWork } from "./sliced-work.ts";

export interface ExpositionOptions {
  /** The service's own metrics; made with the OpenMetrics content type when they are to carry exemplars. */
  readonly selfMetrics: Registry;
  /** Told when an own metric could not be read and is absent from a scrape. */
  readonly onSelfMetricFailure?: (name: string, error: unknown) => void;
  /** A monotonic clock in milliseconds; `performance.now` unless a test gives another. */
  readonly now?: () => number;
}

/** What a scrape asks for; without names it gets everything. */
export interface RenderRequest extends SeriesFilter {
  readonly format: Format;
}

/** One exposition, to be sent in order. The chunks are shared with other pages: nobody may write to them. */
export interface Page {
  readonly contentType: string;
  readonly chunks: readonly Buffer[];
  readonly byteLength: number;
  /** The page as one gzip member, made on the thread pool; unchanged families are not compressed again. */
  compress(): Promise<readonly Buffer[]>;
}

/** The names that a filter may use, each list sorted. */
export interface KnownNames {
  readonly targets: readonly string[];
  /** With {@link OWN_METRICS} among them. */
  readonly collectors: readonly string[];
  /** As `<collector>/<part>`. */
  readonly parts: readonly string[];
}

/** The newest snapshot of every part, encoded for Prometheus. */
export interface Exposition {
  /**
   * Encodes a snapshot beside other work and then swaps it in for the part's last one. Resolves when that is done, or
   * when a newer publish of the part or its removal made it void. Rejects when a metric has the name of an own one.
   */
  publish(key: SeriesKey, snapshot: Snapshot, staleAfter: Duration): Promise<void>;
  /** Forgets one part, or all that match, with their series. */
  remove(which: SeriesKey | ((key: SeriesKey) => boolean)): void;
  render(request: RenderRequest): Promise<Page>;
  names(): KnownNames;
}

/** Makes an empty exposition. */
export function createExposition(options: ExpositionOptions): Exposition {
  const { selfMetrics, onSelfMetricFailure = () => {}, now = () => performance.now() } = options;
  const store = new SeriesStore();
  const encoding = createSlicedWork();
  const writers = { text: new PageWriter("text"), openmetrics: new PageWriter("openmetrics") };
  const gzips = { text: createGzip(), openmetrics: createGzip() };

  const refuseOwnNames = ({ families }: Snapshot): void => {
    const taken = families.find(({ metric }) => selfMetrics.getSingleMetric(metric.name) !== undefined);
    if (taken !== undefined) throw new Error(`the service has a metric of its own named ${taken.metric.name}`);
  };

  return {
    async publish(key, snapshot, staleAfter) {
      refuseOwnNames(snapshot);
      const expiresAt = now() + staleAfter;
      const isCurrent = store.begin(key);
      const families = await encoding(encodeSnapshot(snapshot, key.target, isCurrent));
      if (isCurrent()) store.swap(key, families, expiresAt);
    },

    remove(which) {
      store.remove(typeof which === "function" ? which : (key) => sameKey(key, which));
    },

    async render({ format, ...filter }) {
      const selfFamilies = await readSelfMetrics(selfMetrics, onSelfMetricFailure);
      store.dropExpired(now());
      const isWhole = filter.targets === undefined && filter.collect === undefined;
      const chunks = isWhole
        ? writers[format].write(store.blocks, selfFamilies)
        : writers[format].write(filterBlocks(store.blocks, filter), filterSelfFamilies(selfFamilies, filter));
      const gzip = isWhole ? gzips[format] : createGzip();
      return {
        contentType: writers[format].contentType,
        chunks,
        byteLength: byteLengthOf(chunks),
        compress: () => gzip(chunks),
      };
    },

    names: () => ({
      targets: sortedNames(store.keys.map(({ target }) => target)),
      collectors: sortedNames([...store.keys.map(({ collector }) => collector), OWN_METRICS]),
      parts: sortedNames(store.keys.map(({ collector, part }) => `${collector}/${part}`)),
    }),
  };
}

function* encodeSnapshot(
  { families }: Snapshot,
  target: string,
  isCurrent: () => boolean,
): Generator<void, ReadonlyMap<string, EncodedFamily>> {
  const encoded = new Map<string, EncodedFamily>();
  for (const family of families) {
    if (!isCurrent()) break;
    encoded.set(family.metric.name, { metric: family.metric, pieces: yield* encodeSamples(family, target) });
    yield;
  }
  return encoded;
}

const sortedNames = (names: readonly string[]): string[] => [...new Set(names)].toSorted();
