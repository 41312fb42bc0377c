import { allOf, oneOf, type SelectorMatcher } from "../../lib/prometheus/selector.ts";

type Labels = Readonly<Record<string, string>>;

/** Subjects that are asked for together. */
export interface SubjectGroup {
  readonly matchers: readonly SelectorMatcher[];
}

interface Growing {
  readonly fixed: Labels;
  /** The one label in which they differ. */
  readonly label: string;
  readonly values: Set<string>;
}

/** More values in one pattern make a query that servers refuse. */
const MOST_VALUES = 50;

/**
 * Puts subjects together that differ in the value of one label, such as the guests of one node; in the order of the
 * first of each. A subject without any label that has a value is none: it would be everything.
 */
export function groupSubjects(subjects: readonly Labels[]): readonly SubjectGroup[] {
  const groups: Growing[] = [];
  for (const subject of subjects) {
    const names = Object.keys(subject)
      .filter((name) => subject[name] !== "")
      .toSorted();
    // these are common to many things, the others name one
    const label = names.findLast((name) => !SHARED.has(name)) ?? names.at(-1);
    if (label === undefined) continue;
    const { [label]: value = "", ...fixed } = subject;
    const home = groups.find(
      (group) => group.label === label && isSame(group.fixed, fixed) && group.values.size < MOST_VALUES,
    );
    if (home === undefined) groups.push({ fixed, label, values: new Set([value]) });
    else home.values.add(value);
  }
  return groups.map(({ fixed, label, values }) => ({ matchers: [...allOf(fixed), oneOf(label, [...values])] }));
}

const SHARED: ReadonlySet<string> = new Set(["target", "namespace", "cluster", "job"]);

function isSame(one: Labels, other: Labels): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
