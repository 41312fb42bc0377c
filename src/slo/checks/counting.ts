import { everyNode, partsOf, type QueryNode } from "../promql/query-tree.ts";
import { isExact } from "../rules/context.ts";
import { error, queriesOf, warning, type CheckedQuery, type SloCheck } from "./check.ts";

const namesOf = ({ tree }: CheckedQuery): ReadonlySet<string> =>
  new Set(everyNode(tree).flatMap((node) => (node.kind === "call" ? [node.name] : [])));

/** A total that is what failed: the ratio is 1 whatever happens. */
export const sameQueries: SloCheck = {
  name: "same-queries",
  check: ({ sli }) =>
    sli.kind === "events" && sli.total.text.replaceAll(/\s/g, "") === sli.errors.text.replaceAll(/\s/g, "")
      ? [
          warning(
            "sli.errors",
            "is the same query as the total, so that every event is one that failed: give `errors` matchers of what failed",
          ),
        ]
      : [],
};

/** Events a second on one side and events on the other: a ratio that is wrong by the seconds of the window. */
export const mixedUnits: SloCheck = {
  name: "mixed-units",
  check(slo) {
    const [total, errors] = queriesOf(slo);
    if (total === undefined || errors === undefined) return [];
    const units = [total, errors].map((query) => {
      const names = namesOf(query);
      return names.has("rate") === names.has("increase") ? undefined : names.has("rate") ? "rate" : "increase";
    });
    if (units[0] === undefined || units[1] === undefined || units[0] === units[1]) return [];
    const message = `counts by ${units[1]}() and the total by ${units[0]}(), which differ by the seconds of the window: write increase() in both`;
    return [error("sli.errors", message)];
  },
};

const LOSSY: Readonly<Record<string, string>> = {
  irate: "looks at two samples only, and forgets all events between",
  idelta: "looks at two samples only, and forgets all events between",
  delta: "is for gauges, and takes the restart of a counter for events that are undone",
  deriv: "is for gauges, and fits a line instead of counting",
};

/** Functions that do not count the events of the window. */
export const lossyFunction: SloCheck = {
  name: "lossy-function",
  check: (slo) =>
    queriesOf(slo).flatMap((query) =>
      [...namesOf(query)].flatMap((name) =>
        LOSSY[name] === undefined
          ? []
          : [warning(query.field, `uses ${name}(), which ${LOSSY[name]}: write increase()`)],
      ),
    ),
};

/** `or vector(0)`: zeros where nothing is known, without the labels of any group. */
export const orVector: SloCheck = {
  name: "or-vector",
  check: (slo) =>
    queriesOf(slo)
      .filter(({ tree }) => everyNode(tree).some(isOrVector))
      .flatMap(({ field }) => {
        const faults = [];
        if (field === "sli.total" || field === "sli.ratio")
          faults.push(
            warning(
              field,
              "has `or vector(...)`, so that it is never known that nothing is measured and no no-data alert can fire: take it out",
            ),
          );
        if (slo.groupBy.length > 0)
          faults.push(
            warning(
              field,
              `has \`or vector(...)\`, which has no label ${slo.groupBy.join(", ")} and makes a group of its own: take it out; errors that are not there count as none`,
            ),
          );
        return faults;
      }),
};

const isOrVector = (node: QueryNode): boolean =>
  node.kind === "binary" &&
  node.operator === "or" &&
  everyNode(node.right).some((part) => part.kind === "call" && part.name === "vector");

/** Only a ratio is known, so that a quiet night weighs as much as a busy day. */
export const unweightedRatio: SloCheck = {
  name: "unweighted-ratio",
  check: ({ sli }) =>
    sli.kind === "ratio"
      ? [
          warning(
            "sli.ratio",
            "tells a ratio and not how many events it is of, so that each 5 minutes weigh the same, and few failures on a quiet night may burn much budget: give total and errors where they are known",
          ),
        ]
      : [],
};

/** Counters in a query that can not be added up step by step. */
export const inexact: SloCheck = {
  name: "inexact",
  check(slo) {
    if (slo.sli.kind !== "events" || isExact(slo)) return [];
    const counting = queriesOf(slo).filter(({ tree }) => countsEvents(tree));
    return counting.slice(0, 1).map(({ field }) => warning(field, INEXACT));
  },
};

/** What stands in a subquery is a value that is looked at now and then, as by a threshold: no events are lost in it. */
const countsEvents = (node: QueryNode): boolean =>
  (node.kind === "call" && (node.name === "increase" || node.name === "rate")) ||
  (node.kind !== "subquery" && partsOf(node).some(countsEvents));

const INEXACT =
  "is not only sums of increase() or rate() of counters over the window, or the query beside it is not, so both are estimated" +
  " for 5 minutes at a time and may be off by some per cent: write both as such sums, or as the number of events of a native histogram, by itself or times a fixed share of them";

/** A minimum where no events are counted. */
export const idleMinimum: SloCheck = {
  name: "idle-minimum",
  check: ({ sli, minimum }) =>
    sli.kind !== "events" && (minimum.events > 0 || minimum.failures > 0)
      ? [warning("minimum", `has no effect: a ${sli.kind} knows no number of events; take it out`)]
      : [],
};
