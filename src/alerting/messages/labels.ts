import type { TextMap } from "../../core/notification.ts";
import { clip, oneLine } from "../../lib/text.ts";

/** Labels that name one thing among its like, the most exact first. */
const THINGS = [
  "instance",
  "node",
  "host",
  "hostname",
  "pod",
  "container",
  "target",
  "device",
  "disk",
  "mountpoint",
  "interface",
  "volume",
  "persistentvolumeclaim",
  "vm",
];

/** Labels that name the surroundings, the widest first. */
const SURROUNDINGS = [
  "cluster",
  "datacenter",
  "region",
  "zone",
  "environment",
  "env",
  "namespace",
  "service",
  "deployment",
  "statefulset",
  "daemonset",
  "job",
];

const TELLING: ReadonlyMap<string, number> = new Map([...THINGS, ...SURROUNDINGS].map((label, i) => [label, i]));

/** Labels that a reader sees elsewhere in a message. */
const SHOWN_ELSEWHERE: ReadonlySet<string> = new Set(["alertname", "severity"]);

const isTelling = (label: string): boolean => TELLING.has(label);
const rank = (label: string): number => TELLING.get(label) ?? TELLING.size;

/** The value of a label on one line; undefined when there is nothing to see. */
export function valueOf(labels: TextMap, label: string): string | undefined {
  const value = Object.hasOwn(labels, label) ? labels[label] : undefined;
  return value === undefined ? undefined : oneLine(value.slice(0, 400).toWellFormed()) || undefined;
}

/** The labels that are equal in all of them; none of nothing. */
export function commonLabels(all: readonly { readonly labels: TextMap }[]): TextMap {
  const [first, ...others] = all;
  let common = Object.entries(first?.labels ?? {});
  for (const { labels } of others) {
    if (common.length === 0) break;
    if (common.some(([label, value]) => !has(labels, label, value)))
      common = common.filter(([label, value]) => has(labels, label, value));
  }
  return Object.fromEntries(common);
}

const has = (labels: TextMap, label: string, value: string): boolean =>
  labels[label] === value && Object.hasOwn(labels, label);

/** What tells one alert from the others of its group: the labels that are not common to all, the most telling first. */
export function labelsBeside(labels: TextMap, common: TextMap): TextMap {
  const own = Object.entries(labels).filter(([label]) => !Object.hasOwn(common, label) && !SHOWN_ELSEWHERE.has(label));
  return Object.fromEntries(own.toSorted(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1)));
}

/** What an alert is called: `alertname`, or else the first label that tells something; never empty. */
export function nameOf(labels: TextMap): string {
  const named =
    valueOf(labels, "alertname") ??
    [...TELLING.keys(), ...Object.keys(labels)].map((label) => valueOf(labels, label)).find((value) => value);
  return clip(named ?? "alert", 120);
}

/** At most so many labels that say where something is, as `instance=db-1, device=sda`; empty when there is none. */
export function placeText(labels: TextMap, most: number, order: "exact" | "wide" = "exact"): string {
  const names = order === "exact" ? [...THINGS, ...SURROUNDINGS] : [...SURROUNDINGS, ...THINGS];
  return names
    .flatMap((label) => {
      const value = valueOf(labels, label);
      return value === undefined ? [] : [`${label}=${clip(value, 60)}`];
    })
    .slice(0, most)
    .join(", ");
}

/** Whether a sentence names one of the labels' places already. */
export const saysWhere = (sentence: string, labels: TextMap): boolean =>
  Object.keys(labels).some((label) => {
    const value = isTelling(label) ? valueOf(labels, label) : undefined;
    return value !== undefined && sentence.includes(value);
  });

/**
 * The few values of the most telling label that is not common, such as three hosts; none when they are more than
 * `most`.
 */
export function fewPlaces(
  all: readonly { readonly labels: TextMap }[],
  common: TextMap,
  most: number,
): readonly string[] {
  const label = THINGS.find((thing) => !Object.hasOwn(common, thing) && all.some(({ labels }) => labels[thing]));
  if (label === undefined) return [];
  const places = new Map<string, string>();
  for (const { labels } of all) {
    const value = labels[label] ?? "";
    if (places.has(value)) continue;
    places.set(value, valueOf(labels, label) ?? "");
    if (places.size > most) return [];
  }
  const seen = [...places.values()];
  return seen.includes("") ? [] : seen.map((place) => clip(place, 60)).toSorted();
}
