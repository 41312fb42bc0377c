import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { childrenOf } from "../../lib/promql-syntax.ts";

/** PromQL as it was read; nodes give their places in the text. */
export interface ReadPromql {
  readonly top: SyntaxNode;
  readonly text: string;
}

/** A condition of a selector; the value is without its quotes, else as it is written. */
export interface MatcherText {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** A selector as it stands in a query. */
export interface SelectorText {
  readonly metric: string;
  readonly matchers: readonly MatcherText[];
  /** Such as `5m` or `$__rate_interval`, when it is over a window. */
  readonly range?: string;
  /** Innermost function that it is in. */
  readonly within?: string;
}

/** Durations that nobody writes: they stand for the windows that Grafana chooses, while a query is parsed. */
const CHOSEN: Readonly<Record<string, string>> = { rate_interval: "3m59s", interval: "3m58s", range: "3m57s" };
const OF_TIME =
  /\$__(rate_interval|interval|range)(?!\w)|\$\{__(rate_interval|interval|range)\}|\[\[__(rate_interval|interval|range)\]\]/g;
const NUMBERS = /\$__(?:interval_ms|range_ms|range_s)(?!\w)|\$\{__(?:interval_ms|range_ms|range_s)\}/g;

/** A query with plain durations and numbers where Grafana fills in those of its own. */
const withoutGrafana = (query: string): string =>
  query
    .replaceAll(OF_TIME, (_, ...names: (string | undefined)[]) => CHOSEN[names.find(Boolean) ?? ""] ?? "")
    .replaceAll(NUMBERS, "3599");

const asGrafana = (range: string): string => {
  const chosen = Object.entries(CHOSEN).find(([, duration]) => duration === range);
  return chosen === undefined ? range : `$__${chosen[0]}`;
};

/** Reads a query as Grafana sends it; a text that says where it does not parse when it is no PromQL. */
export function readPromql(query: string): ReadPromql | string {
  const text = withoutGrafana(query);
  const top = parser.parse(text).topNode;
  let at: number | undefined;
  top.cursor().iterate(({ type, from }) => {
    if (type.isError) at ??= from;
  });
  if (text.trim() === "") return "is empty";
  return at === undefined ? { top, text } : `does not parse at "${text.slice(at, at + 20)}": ${query}`;
}

/** What a node says. */
export const wordsOf = ({ from, to }: SyntaxNode, { text }: ReadPromql): string => text.slice(from, to);

/** Every selector of a query. */
export function selectorsOf(of: ReadPromql): readonly SelectorText[] {
  const found: SelectorText[] = [];
  of.top.cursor().iterate(({ node, type }) => {
    if (type.name === "VectorSelector") found.push(selectorOf(node, of));
  });
  return found;
}

function selectorOf(node: SyntaxNode, of: ReadPromql): SelectorText {
  const name = node.getChild("Identifier");
  const matchers = (node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? []).map(
    (each): MatcherText => {
      const [label = "", operator = "", value = ""] = childrenOf(each).map((part) => wordsOf(part, of));
      return { label, operator, value: value.slice(1, -1) };
    },
  );
  const range = node.parent?.name === "MatrixSelector" ? node.nextSibling : null;
  const within = functionAround(node, of);
  return {
    metric: name === null ? "" : wordsOf(name, of),
    matchers,
    ...(range !== null && { range: asGrafana(wordsOf(range, of)) }),
    ...(within !== undefined && { within }),
  };
}

function functionAround(node: SyntaxNode, of: ReadPromql): string | undefined {
  for (let around = node.parent; around !== null; around = around.parent)
    if (around.name === "FunctionCall") {
      const name = around.getChild("FunctionIdentifier");
      return name === null ? undefined : wordsOf(name, of);
    }
  return undefined;
}
