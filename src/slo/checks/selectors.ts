import type { Slo } from "../model.ts";
import { accepts } from "../promql/matcher-text.ts";
import { selectorsOf, type QueryMatcher, type QuerySelector } from "../promql/query-tree.ts";
import { queriesOf, warning, type Fault, type SloCheck } from "./check.ts";

/** Labels by which metrics of different names belong to the same thing. */
const OF_PLACE = new Set(["cluster", "namespace", "job", "service", "instance"]);

/** Failures that are counted among other events than the total, so that there could be more of them than events. */
export const selectorsDiffer: SloCheck = {
  name: "selectors-differ",
  check(slo) {
    const queries = new Map(queriesOf(slo).map(({ field, tree }) => [field, selectorsOf(tree)]));
    const [total, errors] = [queries.get("sli.total") ?? [], queries.get("sli.errors") ?? []];
    if (total.length === 0) return [];
    return errors.flatMap((selector): Fault[] => {
      const outside = total.map((all) => outsideOf(selector, all));
      if (outside.some((label) => label === undefined)) return [];
      const label = outside.find((each) => each !== undefined) ?? "";
      return [warning("sli.errors", message(selector, label))];
    });
  },
};

const message = ({ metric = "a selector" }: QuerySelector, label: string): string =>
  `counts ${metric} of another ${label} than the total does, so that failures could be no events: give both the same matchers of ${label}`;

/** The label by which a selector may select what `all` does not; undefined when it does not, or can not be compared. */
function outsideOf(selector: QuerySelector, all: QuerySelector): string | undefined {
  const isSame = selector.metric === all.metric;
  const compared = isSame ? all.matchers : all.matchers.filter(({ label }) => OF_PLACE.has(label));
  return compared.find((matcher) => !isWithin(selector, matcher, isSame))?.label;
}

function isWithin({ matchers }: QuerySelector, wanted: QueryMatcher, isSame: boolean): boolean {
  const own = matchers.filter(({ label }) => label === wanted.label);
  if (own.length === 0) return !isSame || accepts(wanted, "") || isForEveryone(wanted);
  return own.some((one) => isNarrower(one, wanted));
}

const isForEveryone = ({ operator, value }: QueryMatcher): boolean =>
  operator === "=~" && (value === ".*" || value === ".+");

/** Two patterns are not compared: that they differ proves nothing. */
function isNarrower(own: QueryMatcher, wanted: QueryMatcher): boolean {
  if (own.operator === "=") return accepts(wanted, own.value);
  return wanted.operator !== "=" || (own.operator === "=~" && own.value === wanted.value);
}

/** `a - b` where `b` is not there gives nothing at all, which counts as no failure, just when nothing goes well. */
export const vanishingDifference: SloCheck = {
  name: "vanishing-difference",
  check: (slo: Slo) =>
    queriesOf(slo)
      .filter(({ field, tree }) => field !== "sli.total" && hasBareDifference(tree))
      .map(({ field }) =>
        warning(
          field,
          "takes good events from all of them, and gives nothing while there is no series of good ones, as in a total outage: give `good` in place of `errors`, or write `(good or total * 0)`",
        ),
      ),
};

type Tree = Parameters<typeof selectorsOf>[0];

/** A difference of two metrics of one kind; of a histogram both are always there. */
function hasBareDifference(node: Tree): boolean {
  if (node.kind === "call" && node.name === "clamp_min") return node.args.some(hasBareDifference);
  if (node.kind === "aggregate") return hasBareDifference(node.of);
  if (node.kind !== "binary") return false;
  if (node.operator !== "-") return hasBareDifference(node.left) || hasBareDifference(node.right);
  if (node.right.kind === "binary" && node.right.operator === "or") return false;
  const [good] = selectorsOf(node.right);
  return good !== undefined && good.matchers.some(({ label }) => label !== "le") && isNarrowed(node.left, good);
}

/** Whether some of what is on the left might be there without anything on the right. */
const isNarrowed = (left: Tree, good: QuerySelector): boolean =>
  selectorsOf(left).some(
    (all) =>
      all.metric === good.metric && good.matchers.some((one) => !all.matchers.some((other) => isEqual(one, other))),
  );

const isEqual = (one: QueryMatcher, other: QueryMatcher): boolean =>
  one.label === other.label && one.operator === other.operator && one.value === other.value;
