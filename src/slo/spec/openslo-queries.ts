import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { everyNode, type QueryNode } from "../promql/query-tree.ts";
import { readQuery } from "../promql/read-query.ts";
import { readWindowed } from "../promql/windowed.ts";

/**
 * OpenSLO has no word for the window of a PromQL query. Three forms are read: with the window left open as `$window` or
 * `{{.window}}`; with ranges that are all the same, which then are the window; and without any range, when the
 * specification says what a sample is: of a counter it is counted by `increase`, else added up, and a ratio is
 * averaged.
 */
export type SampleMeaning = "counter" | "count" | "ratio" | undefined;

/** A query with its window left open, or why it has none; `range` is what was taken for the window. */
export type WindowedQuery = { readonly text: string; readonly range?: string } | { readonly fault: string };

const FUNCTIONS = { counter: "increase", count: "sum_over_time", ratio: "avg_over_time" } as const;

/** Leaves the window of a query open. */
export function withWindow(written: string, meaning: SampleMeaning): WindowedQuery {
  const read = readWindowed(written);
  if ("fault" in read) return read;
  const { text } = read.promql;
  if (read.windows > 0) return { text };
  const { bare, ranges, isMoved } = placesOf(text);
  if (isMoved) return { fault: `has an offset, @ or subquery and no window: ${REMEDY}` };
  if (bare.length === 0) return byRange(text, ranges);
  if (ranges.length > 0)
    return { fault: `has selectors with and without a range, so its window can not be told: ${REMEDY}` };
  return bySamples(text, bare, meaning);
}

const REMEDY = "write $window for the range over which it counts";

interface Span {
  readonly from: number;
  readonly to: number;
}

interface Places {
  /** Selectors of one sample each. */
  readonly bare: readonly Span[];
  /** What stands between brackets. */
  readonly ranges: readonly Span[];
  readonly isMoved: boolean;
}

const MOVING = new Set(["OffsetExpr", "StepInvariantExpr", "SubqueryExpr"]);

function placesOf(text: string): Places {
  const [bare, ranges]: [Span[], Span[]] = [[], []];
  let isMoved = false;
  const visit = (node: SyntaxNode): void => {
    if (MOVING.has(node.name)) isMoved = true;
    if (node.name === "VectorSelector") bare.push({ from: node.from, to: node.to });
    const range = node.name === "MatrixSelector" ? node.getChild("DurationExpr") : null;
    if (range !== null) ranges.push({ from: range.from, to: range.to });
    else for (let child = node.firstChild; child !== null; child = child.nextSibling) visit(child);
  };
  visit(parser.parse(text).topNode);
  return { bare, ranges, isMoved };
}

function byRange(text: string, ranges: readonly Span[]): WindowedQuery {
  const texts = new Set(ranges.map(({ from, to }) => text.slice(from, to).trim()));
  const [range] = texts;
  if (range === undefined) return { fault: "selects no series, so there is nothing to count" };
  if (texts.size > 1)
    return { fault: `has the ranges ${[...texts].join(", ")}, so its window can not be told: ${REMEDY}` };
  return { text: replaced(text, ranges, () => "$window"), range };
}

function bySamples(text: string, bare: readonly Span[], meaning: SampleMeaning): WindowedQuery {
  if (meaning === undefined)
    return {
      fault: "has no range, and nothing says what its samples are: set counter, or write $window for its range",
    };
  const tree = readQuery(text);
  if (tree === undefined || !everyNode(tree).every((node) => isLinear(node, meaning)))
    return {
      fault: `has no range, and is more than a sum of what its selectors ${meaning === "ratio" ? "tell" : "count"}, so no window can be put into it: ${REMEDY}`,
    };
  return { text: replaced(text, bare, (selector) => `${FUNCTIONS[meaning]}(${selector}[$window])`) };
}

/** Whether a function over time can be put around the selectors instead of the whole. */
function isLinear(node: QueryNode, meaning: SampleMeaning): boolean {
  switch (node.kind) {
    case "selector":
    case "number":
      return true;
    case "aggregate":
      return node.operator === "sum" || (meaning === "ratio" && node.operator === "avg");
    case "binary":
      return !node.isBool && isLinearOperator(node, meaning);
    default:
      return false;
  }
}

type Binary = Extract<QueryNode, { kind: "binary" }>;

function isLinearOperator({ operator, left, right }: Binary, meaning: SampleMeaning): boolean {
  const hasNumber = left.kind === "number" || right.kind === "number";
  // a number that is added would be added once a window instead of once a sample
  if (operator === "+" || operator === "-") return !hasNumber || meaning === "ratio";
  if (operator === "*") return hasNumber;
  return operator === "or" || (operator === "/" && right.kind === "number");
}

const replaced = (text: string, spans: readonly Span[], by: (part: string) => string): string =>
  spans.toReversed().reduce((all, { from, to }) => all.slice(0, from) + by(all.slice(from, to)) + all.slice(to), text);
