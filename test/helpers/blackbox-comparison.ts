import type { Polled } from "./poll-target.ts";
import type { ReadFamily } from "./read-exposition.ts";

/** What both give of an endpoint, each at most once. */
export const SHARED = [
  "probe_success",
  "probe_ip_protocol",
  "probe_ssl_earliest_cert_expiry",
  "probe_ssl_last_chain_expiry_timestamp_seconds",
  "probe_ssl_last_chain_info",
  "probe_tls_version_info",
  "probe_tls_cipher_info",
] as const;

/** One of {@link SHARED}. */
export type SharedMetric = (typeof SHARED)[number];

/** A series of one of the metrics, without the label that names the endpoint. */
export interface SeenSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What one of the two gives of an endpoint; what it says nothing of is absent. */
export type Seen = Readonly<Partial<Record<SharedMetric, SeenSeries>>>;

/** Both about the same endpoint. */
export interface Comparison {
  readonly endpoint: string;
  readonly prober: "tcp" | "http";
  /** Whether blackbox_exporter verified the certificate. */
  readonly verified: boolean;
  readonly theirs: Seen;
  readonly ours: Seen;
}

/** A way in which ours is not theirs, on purpose. */
export interface Difference {
  readonly metrics: readonly SharedMetric[];
  readonly says: string;
  readonly holds: (comparison: Comparison) => boolean;
}

/** What a probe by blackbox_exporter gave. */
export function seenByBlackbox(families: readonly ReadFamily[]): Seen {
  return collect(
    families
      .flatMap(({ samples }) => samples)
      .map(({ name, labels, value }) => [name, { labels: Object.fromEntries(labels), value: Number(value) }]),
  );
}

/** What a poll of a target gave of the endpoint with the URL. */
export function seenByPoll({ series }: Polled, url: string): Seen {
  const all = [...series].map(([text, value]) => {
    const [name = "", rest = ""] = text.split(/\{(.*)/s);
    const pairs = rest.matchAll(/([a-z_0-9]+)=("(?:[^"\\]|\\.)*")/g);
    const labels = Object.fromEntries([...pairs].map(([, label = "", quoted = ""]) => [label, textOf(quoted)]));
    return [name, { labels, value }] as const;
  });
  const own = all.filter(([, { labels }]) => labels["endpoint"] === url);
  return collect(
    own.map(([name, { labels, value }]) => {
      const { endpoint: _, ...others } = labels;
      return [name, { labels: others, value }];
    }),
  );
}

const textOf = (quoted: string): string => String(JSON.parse(quoted));

function collect(all: readonly (readonly [string, SeenSeries])[]): Seen {
  const shared = all.filter(([name]) => (SHARED as readonly string[]).includes(name));
  const seen = Object.fromEntries(shared);
  if (Object.keys(seen).length !== shared.length) throw new Error("a metric is given twice");
  return seen;
}

/** What differs without a reason, a line each, and the reasons that were not needed. */
export function judge(
  comparisons: readonly Comparison[],
  differences: readonly Difference[],
): { readonly unexplained: readonly string[]; readonly unused: readonly string[] } {
  const used = new Set<Difference>();
  const unexplained = comparisons.flatMap((comparison) =>
    SHARED.filter((metric) => {
      if (written(comparison.theirs[metric]) === written(comparison.ours[metric])) return false;
      const reason = differences.find(({ metrics, holds }) => metrics.includes(metric) && holds(comparison));
      if (reason !== undefined) used.add(reason);
      return reason === undefined;
    }).map((metric) => lineOf(comparison, metric)),
  );
  return { unexplained, unused: differences.filter((each) => !used.has(each)).map(({ says }) => says) };
}

function written(seen: SeenSeries | undefined): string {
  if (seen === undefined) return "nothing";
  const sorted = Object.entries(seen.labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(sorted))} ${seen.value}`;
}

const lineOf = ({ endpoint, prober, verified, theirs, ours }: Comparison, metric: SharedMetric): string =>
  `${endpoint} (${prober}${verified ? ", verified" : ""}) ${metric}: theirs ${written(theirs[metric])}, ours ${written(ours[metric])}`;
