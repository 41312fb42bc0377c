import type { Registry } from "prom-client";
import {
  encodeCanonicalNumber,
  encodeHead,
  encodeNumber,
  escapeQuoted,
  openMetricsName,
  type FamilyHead,
} from "./encode.ts";
import type { Format } from "./format.ts";

type Labels = Readonly<Record<string, string | number | undefined>>;

interface Exemplar {
  readonly labelSet: Labels;
  readonly value: number;
  /** Unix time in seconds. */
  readonly timestamp?: number;
}

/** One series as prom-client's `getMetricsAsJSON()` gives it. */
export interface SelfSample {
  /** Absent for a gauge without labels that was never set. */
  readonly labels?: Labels | undefined;
  readonly value: number;
  /** The family's name with `_bucket`, `_sum` or `_count`; absent where it is the family's name. */
  readonly metricName?: string;
  readonly exemplar?: Exemplar | null;
}

/** One family as prom-client's `getMetricsAsJSON()` gives it. */
export interface SelfFamily extends FamilyHead {
  readonly values: readonly SelfSample[];
}

/**
 * Reads the service's own metrics, sorted by name. They are read in the order of their
 * registration, because one `collect` function may set the metrics after its own. A metric whose `collect` function
 * throws is left out and given to `onFailure`: one broken gauge must not cost a scrape.
 */
export async function readSelfMetrics(
  registry: Registry,
  onFailure: (name: string, error: unknown) => void,
): Promise<readonly SelfFamily[]> {
  const families = await Promise.all(
    registry.getMetricsAsArray().map(async ({ name }): Promise<SelfFamily | undefined> => {
      try {
        return await registry.getSingleMetric(name)?.get();
      } catch (error) {
        onFailure(name, error);
        return undefined;
      }
    }),
  );
  return families.filter((family) => family !== undefined).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Encodes the header and the series of one family; nothing when it has no series. */
export function encodeSelfFamily(family: SelfFamily, format: Format): string {
  if (family.values.length === 0) return "";
  // OpenMetrics wants `_total` after a counter's name even where the text format does without.
  const name = format === "openmetrics" && family.type === "counter" ? `${openMetricsName(family)}_total` : family.name;
  let text = encodeHead(family, format);
  for (const sample of family.values) {
    text += `${sample.metricName ?? name}${encodeLabels(sample.labels, format)} ${encodeNumber(sample.value)}`;
    if (format === "openmetrics" && sample.exemplar) text += encodeExemplar(sample.exemplar);
    text += "\n";
  }
  return text;
}

function encodeLabels(labels: Labels | undefined, format: Format): string {
  let text = "";
  for (const [label, value] of Object.entries(labels ?? {})) {
    if (value !== undefined) text += `${text === "" ? "{" : ","}${label}="${encodeLabelValue(label, value, format)}"`;
  }
  return text === "" ? "" : `${text}}`;
}

function encodeLabelValue(label: string, value: string | number, format: Format): string {
  if (typeof value === "string") return escapeQuoted(value);
  const isBound = label === "le" || label === "quantile";
  return format === "openmetrics" && isBound ? encodeCanonicalNumber(value) : encodeNumber(value);
}

function encodeExemplar({ labelSet, value, timestamp }: Exemplar): string {
  const time = timestamp === undefined ? "" : ` ${timestamp}`;
  return ` # ${encodeLabels(labelSet, "openmetrics") || "{}"} ${encodeNumber(value)}${time}`;
}
