import { accepts } from "../promql/matcher-text.ts";
import type { QueryMatcher, QuerySelector } from "../promql/query-tree.ts";
import { textsMatching } from "./sample-text.ts";

/** What a metric is to a query: how its values have to look. */
export type SeriesKind = "counter" | "gauge" | "histogram";

/** An input series of a test. */
export interface InputSeries {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly kind: SeriesKind;
  /** Name of the unknown that says what it counts; series that the same selectors match share it. */
  readonly unknown: string;
  /** Share of the unknown that is this one's. */
  readonly share: number;
  /** Values of the group-by labels, joined; empty without them. */
  readonly group: string;
}

/** Whether a selector matches a series. An absent label is an empty one. */
export const selects = ({ metric, matchers }: QuerySelector, of: Pick<InputSeries, "metric" | "labels">): boolean =>
  metric === of.metric && matchers.every((matcher) => accepts(matcher, of.labels[matcher.label] ?? ""));

const MOST_COMBINATIONS = 512;
const MOST_ALIKE = 4;
/** Tried where a label shall be what no matcher names. */
const OTHERS = ["other", "200", "1", "a", ""];

/**
 * Series for the selectors of one metric: for each set of selectors that one series can match at the same time, up to
 * four series that together show the alternatives of the patterns. `groups` are label values that the series of a group
 * shall have.
 */
export function seriesFor(
  selectors: readonly QuerySelector[],
  kind: SeriesKind,
  group: Readonly<Record<string, string>>,
): readonly InputSeries[] {
  const metric = selectors[0]?.metric ?? "";
  const bySet = new Map<string, Record<string, string>[]>();
  for (const labels of combinations(poolsOf(selectors, group))) {
    const set = selectors.map((selector) => (selects(selector, { metric, labels }) ? "1" : "0")).join("");
    if (set.includes("1")) bySet.set(set, [...(bySet.get(set) ?? []), labels]);
  }
  const groupText = Object.values(group).join("/");
  return [...bySet].flatMap(([set, all]) => {
    const shown = differing(all);
    const unknown = `${metric}:${set}:${groupText}`;
    const share = kind === "gauge" ? 1 : 1 / shown.length;
    return shown.map((labels) => ({ metric, labels, kind, unknown, share, group: groupText }));
  });
}

/** The values that a label of the group can have so that the selectors match, at most three. */
export function groupValues(label: string, selectors: readonly QuerySelector[]): readonly string[] {
  const matchers = selectors.flatMap((selector) => selector.matchers.filter((matcher) => matcher.label === label));
  const wanted = [...matchers.flatMap(textsOf), "one", "two", "three"];
  const fitting = [...new Set(wanted)].filter((text) => text !== "" && matchers.every((one) => accepts(one, text)));
  return fitting.slice(0, 3);
}

type Pools = readonly (readonly [label: string, values: readonly string[]])[];

/** For each label that a selector names: what they ask for, and something that none asks for. */
function poolsOf(selectors: readonly QuerySelector[], group: Readonly<Record<string, string>>): Pools {
  const matchers = selectors.flatMap((selector) => selector.matchers);
  const named = [...new Set([...matchers.map(({ label }) => label), ...Object.keys(group)])];
  return named.map((label) => {
    const fixed = group[label];
    if (fixed !== undefined) return [label, [fixed]];
    const own = matchers.filter((matcher) => matcher.label === label);
    const asked = own.flatMap(textsOf);
    const usual = /code|status/.test(label) ? ["200", ...OTHERS] : OTHERS;
    const others = usual.filter((text) => !asked.includes(text));
    const outside = others.find((text) => own.every((one) => accepts(one, text) !== isPositive(one)));
    const inside = others.find((text) => own.every((one) => accepts(one, text)));
    return [label, [...new Set([...asked, outside ?? "", inside ?? ""])]];
  });
}

const isPositive = ({ operator }: QueryMatcher): boolean => operator === "=" || operator === "=~";

const textsOf = ({ operator, value }: QueryMatcher): readonly string[] =>
  operator === "=" || operator === "!=" ? [value] : textsMatching(value);

function combinations(pools: Pools): readonly Record<string, string>[] {
  let found: Record<string, string>[] = [{}];
  for (const [label, values] of pools) {
    found = found
      .flatMap((labels) => values.map((value) => (value === "" ? labels : { ...labels, [label]: value })))
      .slice(0, MOST_COMBINATIONS);
  }
  return found;
}

/** Of series that the same selectors match, those that show a value that none before them shows. */
function differing(all: readonly Record<string, string>[]): readonly Record<string, string>[] {
  const seen = new Set<string>();
  const shown = all.filter((labels) => {
    const news = Object.entries(labels)
      .map((pair) => pair.join("="))
      .filter((text) => !seen.has(text));
    for (const text of news) seen.add(text);
    return news.length > 0;
  });
  return (shown.length === 0 ? all.slice(0, 1) : shown).slice(0, MOST_ALIKE);
}
