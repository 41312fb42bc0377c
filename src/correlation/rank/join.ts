import { WILDCARD } from "../statistics/mask.ts";
import type { Pattern } from "./mine.ts";
import { joined } from "./place.ts";

/** From so many on, patterns that differ in one of their first words only are one, whose word is a parameter. */
const MANY = 5;
/** The tree tells patterns apart by their first words, so that a name there makes one of each value. */
const FIRST_WORDS = [0, 1] as const;

/**
 * Joins patterns that became the same text as their lines came in, and those that differ in a name at their beginning.
 */
export function joinPatterns(patterns: readonly Pattern[]): Pattern[] {
  return FIRST_WORDS.reduce(
    (all, at) => byKey(all, (words) => words.with(at, WILDCARD).join(" "), MANY, at),
    byKey(patterns, (words) => words.join(" "), 2, undefined),
  );
}

function byKey(
  patterns: readonly Pattern[],
  keyOf: (words: readonly string[]) => string,
  least: number,
  parameter: number | undefined,
): Pattern[] {
  const groups = Map.groupBy(patterns, ({ template, level }) => {
    const words = template.split(" ");
    // of few words the one is most of the pattern
    return parameter !== undefined && words.length < 4 ? template : `${level ?? ""} ${keyOf(words)}`;
  });
  return [...groups.values()].flatMap((group) => (group.length < least ? group : [group.reduce(join(parameter))]));
}

const join =
  (parameter: number | undefined) =>
  (a: Pattern, b: Pattern): Pattern => ({
    ids: [...a.ids, ...b.ids],
    template: parameter === undefined ? a.template : a.template.split(" ").with(parameter, WILDCARD).join(" "),
    level: a.level,
    window: a.window + b.window,
    baseline: a.baseline + b.baseline,
    windowSlices: a.windowSlices.map((count, at) => count + (b.windowSlices[at] ?? 0)),
    baselineSlices: a.baselineSlices.map((count, at) => count + (b.baselineSlices[at] ?? 0)),
    ...earlier(a, b),
    places: { pods: joined([a.places.pods, b.places.pods]), hosts: joined([a.places.hosts, b.places.hosts]) },
    services: [...new Set([...a.services, ...b.services])],
  });

/** What is of the first line. */
function earlier(a: Pattern, b: Pattern): Pick<Pattern, "sample" | "traceId"> {
  const isFirst = (a.sample?.at ?? Infinity) <= (b.sample?.at ?? Infinity);
  const { sample, traceId } = isFirst ? a : b;
  return { sample, traceId: traceId ?? a.traceId ?? b.traceId };
}
