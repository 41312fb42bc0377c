import type { Polled } from "./poll-target.ts";
import type { ReadFamily } from "./read-exposition.ts";

/** A series that one of two exporters gives. */
export interface ComparedSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** More than one when an exposition gives the series more than once. */
  readonly values: readonly number[];
}

/** Series by their name and their labels in the order of the alphabet. */
export type SeriesByText = ReadonlyMap<string, ComparedSeries>;

/** What is so while both exporters are asked. */
export interface Situation {
  readonly theirs: SeriesByText;
  readonly ours: SeriesByText;
  /** Ids of guests and storages of nodes that are away. */
  readonly away: ReadonlySet<string>;
}

/** A way in which our series are not theirs, on purpose. */
export interface Difference {
  readonly metrics: readonly string[];
  /** What the pack's README says of it. */
  readonly says: string;
  /** Their labels that have another name with us. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Whether this is why we do not give the series. */
  readonly weLack?: (series: ComparedSeries, situation: Situation) => boolean;
  /** Whether this is why only we give the series. */
  readonly weAdd?: (series: ComparedSeries, situation: Situation) => boolean;
}

/** The series of expositions; of one that stands in several, all its values. */
export function seriesOfExpositions(expositions: readonly (readonly ReadFamily[])[]): SeriesByText {
  return collect(
    expositions
      .flat()
      .flatMap(({ samples }) => samples)
      .map(({ name, labels, value }) => ({ name, labels: Object.fromEntries(labels), value: Number(value) })),
  );
}

/** The series of a poll; numbers as an exposition gives them. */
export function seriesOfPoll({ series }: Polled): SeriesByText {
  return collect(
    [...series].map(([text, value]) => {
      const [name = "", rest = ""] = text.split(/\{(.*)/s);
      const pairs = rest.matchAll(/([a-z_]+)=("(?:[^"\\]|\\.)*")/g);
      const labels = Object.fromEntries([...pairs].map(([, label = "", quoted = ""]) => [label, parse(quoted)]));
      return { name, labels, value };
    }),
  );
}

const parse = (quoted: string): string => String(JSON.parse(quoted));

function collect(
  samples: readonly { readonly name: string; readonly labels: Record<string, string>; readonly value: number }[],
): SeriesByText {
  const found = new Map<string, ComparedSeries>();
  for (const { name, labels, value } of samples) {
    const text = textOf(name, labels);
    found.set(text, { name, labels, values: [...(found.get(text)?.values ?? []), value] });
  }
  return found;
}

function textOf(name: string, labels: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${name}{${sorted.map(([label, own]) => `${label}=${JSON.stringify(own)}`).join(",")}}`;
}

function rename(series: SeriesByText, differences: readonly Difference[]): SeriesByText {
  const renamed = [...series.values()].map((one) => {
    const names = differences.find(({ metrics, renamed }) => renamed && metrics.includes(one.name))?.renamed ?? {};
    const labels = Object.fromEntries(Object.entries(one.labels).map(([label, own]) => [names[label] ?? label, own]));
    return [textOf(one.name, labels), { ...one, labels }] as const;
  });
  return new Map(renamed);
}

/** What differs between the two without a reason; a line each. Of a series that they give twice, ours may be either. */
export function unexplained(asked: Situation, differences: readonly Difference[]): readonly string[] {
  const situation = { ...asked, theirs: rename(asked.theirs, differences) };
  const { theirs, ours } = situation;
  const names = new Set([...theirs.values()].map(({ name }) => name));
  const of = ({ name }: ComparedSeries): readonly Difference[] =>
    differences.filter(({ metrics }) => metrics.includes(name));
  const lacking = [...theirs].filter(
    ([text, one]) => !ours.has(text) && !of(one).some(({ weLack }) => weLack?.(one, situation)),
  );
  const added = [...ours].filter(
    ([text, one]) => names.has(one.name) && !theirs.has(text) && !of(one).some(({ weAdd }) => weAdd?.(one, situation)),
  );
  const other = [...theirs].filter(
    ([text, { values }]) => ours.get(text)?.values.every((own) => values.includes(own)) === false,
  );
  const line = (text: string, series: SeriesByText): string => `${text} ${series.get(text)?.values.join(" and ")}`;
  return [
    ...lacking.map(([text]) => `only theirs: ${line(text, theirs)}`),
    ...added.map(([text]) => `only ours: ${line(text, ours)}`),
    ...other.map(([text]) => `theirs: ${line(text, theirs)}, ours: ${line(text, ours)}`),
  ];
}
