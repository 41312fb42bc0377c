import { partMetrics } from "../../core/self-metrics.ts";
import { inWords } from "../../lib/times.ts";
import type { Pseudonyms } from "./pseudonyms.ts";

/** One sample of a page of metrics. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** As it is written, such as `1.5e-7` or `NaN`. */
  readonly value: string;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** The samples that Watchkeeper tells of itself; those of what it watches are left out. */
export const ownSamples = (page: string): readonly Sample[] =>
  page.split("\n").flatMap((line) => {
    const [, name, labels = "", value] = LINE.exec(line) ?? [];
    if (name === undefined || value === undefined || !/^(?:watchkeeper|process|nodejs)_/.test(name)) return [];
    const pairs = [...labels.matchAll(LABEL)].map(([, label = "", text = ""]) => [label, text] as const);
    return [{ name, labels: new Map(pairs), value }];
  });

/** Labels whose values are the product's own words. */
const OWN_LABELS = new Set([
  "action",
  "collector",
  "le",
  "node_version",
  "outcome",
  "part",
  "quantile",
  "reason",
  "state",
  "version",
]);

/**
 * Samples as lines, with pseudonyms for what names something of the person's; without those of parts and counters at
 * zero.
 */
export const publicMetrics = (samples: readonly Sample[], names: Pseudonyms): string =>
  samples
    .filter((sample) => !isOfPart(sample) && !(sample.value === "0" && COUNTED.test(sample.name)))
    .map(({ name, labels, value }) => {
      const pairs = [...labels].map(
        ([label, text]) => `${label}="${OWN_LABELS.has(label) ? text : names.of(label, text)}"`,
      );
      return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
    })
    .join("\n");

const COUNTED = /_(?:total|bucket|count|sum)$/;

const isOfPart = ({ labels }: Sample): boolean => labels.has("part") && labels.has("target");

/** A row for each part of each target, under a head. */
export function partRows(samples: readonly Sample[], names: Pseudonyms, now: number): readonly (readonly string[])[] {
  const parts = Map.groupBy(samples.filter(isOfPart), ({ labels }) =>
    ["collector", "target", "part"].map((label) => labels.get(label)).join("\n"),
  );
  const rows = [...parts].toSorted().map(([key, own]) => {
    const [collector = "", target = "", part = ""] = key.split("\n");
    return [collector, names.of("target", target), part, ...stateOf(own, now)];
  });
  return [
    ["COLLECTOR", "TARGET", "PART", "STATE", "VALUES FROM", "EVERY", "TOOK", "FAILURES SINCE THE START"],
    ...rows,
  ];
}

function stateOf(samples: readonly Sample[], now: number): readonly string[] {
  const valueOf = ({ name }: { readonly name: string }): number | undefined => {
    const found = samples.find((sample) => sample.name === name);
    return found === undefined ? undefined : Number(found.value);
  };
  const reasons = ({ name }: { readonly name: string }): string =>
    samples
      .filter((sample) => sample.name === name && sample.value !== "0")
      .map(({ labels, value }) => `${labels.get("reason") ?? ""} ${value}`)
      .join(", ");
  const success = valueOf(partMetrics.success);
  const missing = reasons(partMetrics.missingPieces);
  const read = missing === "" ? "read" : `without ${missing}`;
  const last = valueOf(partMetrics.lastSuccess);
  const time = (seconds: number | undefined): string => (seconds === undefined ? "" : inWords(seconds * 1_000));
  return [
    success === undefined ? "waits" : success === 0 ? "failed" : read,
    last === undefined ? "never" : `${inWords(now - last * 1_000)} ago`,
    time(valueOf(partMetrics.interval)),
    time(valueOf(partMetrics.duration)),
    reasons(partMetrics.errors),
  ];
}
