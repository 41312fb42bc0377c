import { formatDuration, minutes, parseDuration, type Duration } from "../../core/duration.ts";
import { partsOf, type QueryNode } from "../promql/query-tree.ts";
import { error, ODD_WINDOW, queriesOf, warning, type Fault, type SloCheck } from "./check.ts";

const WINDOW = parseDuration(ODD_WINDOW);
/** What rules ask queries for. */
const ASKED = minutes(5);

/** A query that is the same whatever window it is asked for. */
export const noWindow: SloCheck = {
  name: "no-window",
  check: (slo) =>
    queriesOf(slo).flatMap(({ field, tree, hasWindow }): Fault[] => {
      if (hasWindow) return [];
      const range = fixedRanges(tree).find((each) => each !== ASKED);
      if (range !== undefined)
        return [
          error(
            field,
            `has no $window and looks back over ${formatDuration(range)}: rules ask for 5m, so write [$window] in place of [${formatDuration(range)}]`,
          ),
        ];
      return [
        warning(
          field,
          "has no $window: it is right only if what it reads counts exactly 5 minutes; else write [$window]",
        ),
      ];
    }),
};

/** A range of its own beside the window: part of the query counts another time than the rest. */
export const fixedRange: SloCheck = {
  name: "fixed-range",
  check: (slo) =>
    queriesOf(slo).flatMap(({ field, tree, hasWindow }) => {
      const found = hasWindow ? [...new Set(fixedRanges(tree))] : [];
      return found.map((range) =>
        warning(
          field,
          `has the range [${formatDuration(range)}] beside $window, and counts that part of it over another time: write [$window] there too`,
        ),
      );
    }),
};

/** Ranges that are not the window; those inside a subquery over the window are how it is meant. */
function fixedRanges(node: QueryNode): readonly Duration[] {
  if (node.kind === "subquery") {
    if (node.range === WINDOW) return [];
    return node.range === undefined ? [] : [node.range];
  }
  if (node.kind === "selector") return node.range === undefined || node.range === WINDOW ? [] : [node.range];
  return partsOf(node).flatMap(fixedRanges);
}
