import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { parseDuration, type Duration } from "../../core/duration.ts";
import type { QueryMatcher, QueryMatching, QueryNode, QuerySelector } from "./query-tree.ts";
import { childrenOf, QUOTED_OR_COMMENT } from "../../lib/promql-syntax.ts";

/** Reads PromQL that is known to parse, and undefined for what does not. */
export function readQuery(text: string): QueryNode | undefined {
  const { shape, texts } = withoutTexts(text);
  const tree = known.get(shape) ?? parse(shape);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(shape, tree);
  return tree === null ? undefined : filled(tree, texts);
}

const MOST_KNOWN = 1_000;
const known = new Map<string, QueryNode | null>();

/**
 * The text with a number for each quoted text: queries of many SLOs differ only in those, and parsing is what costs.
 */
function withoutTexts(text: string): { readonly shape: string; readonly texts: readonly string[] } {
  const texts: string[] = [];
  const shape = text.replace(QUOTED_OR_COMMENT, (quoted) =>
    quoted.startsWith("#") ? "" : `"${texts.push(unquoted(quoted)) - 1}"`,
  );
  return { shape, texts };
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

const LAST_CHARACTER = 0x10_ff_ff;
/** Prometheus refuses a text with a number above the last one. */
const characterOf = (code: number): string => (code > LAST_CHARACTER ? "\ufffd" : String.fromCodePoint(code));

/** Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals */
function unquoted(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (quoted.startsWith("`") || !inner.includes("\\")) return inner;
  return inner.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/g,
    (_, x?: string, u?: string, long?: string, octal?: string, char = "") => {
      const hex = x ?? u ?? long;
      if (hex !== undefined) return characterOf(Number.parseInt(hex, 16));
      if (octal !== undefined) return characterOf(Number.parseInt(octal, 8));
      return ESCAPES[char] ?? char;
    },
  );
}

function filled(node: QueryNode, texts: readonly string[]): QueryNode {
  const fill = (of: QueryNode): QueryNode => filled(of, texts);
  switch (node.kind) {
    case "number":
      return node;
    case "text":
      return { ...node, value: texts[Number(node.value)] ?? "" };
    case "selector": {
      const matchers = node.matchers.map((matcher) => ({ ...matcher, value: texts[Number(matcher.value)] ?? "" }));
      const named = node.metric === undefined ? matchers.find(isName) : undefined;
      return named === undefined
        ? { ...node, matchers }
        : { ...node, metric: named.value, matchers: matchers.filter((one) => one !== named) };
    }
    case "subquery":
      return { ...node, of: fill(node.of) };
    case "call":
      return { ...node, args: node.args.map(fill) };
    case "aggregate":
      return { ...node, of: fill(node.of), parameters: node.parameters.map(fill) };
    case "binary":
      return { ...node, left: fill(node.left), right: fill(node.right) };
    case "odd":
      return { ...node, parts: node.parts.map(fill) };
  }
}

const isName = ({ label, operator }: QueryMatcher): boolean => label === "__name__" && operator === "=";

function parse(text: string): QueryNode | null {
  const top = parser.parse(text).topNode;
  let isBroken = false;
  top.cursor().iterate(({ type }) => {
    if (type.isError) isBroken = true;
  });
  const [first] = childrenOf(top);
  return isBroken || first === undefined ? null : new TreeReader(text).read(first);
}

class TreeReader {
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  read(of: SyntaxNode): QueryNode {
    const [first] = childrenOf(of);
    switch (of.name) {
      case "ParenExpr":
        return first === undefined ? this.odd(of) : this.read(first);
      case "NumberDurationLiteral":
        return this.number(of);
      case "StringLiteral":
        return { kind: "text", value: this.source(of).slice(1, -1) };
      case "VectorSelector":
        return this.selector(of) ?? this.odd(of);
      case "MatrixSelector":
        return this.ranged(of);
      case "SubqueryExpr":
        return this.subquery(of);
      case "OffsetExpr":
      case "StepInvariantExpr":
        return this.moved(of);
      case "FunctionCall": {
        const args = childrenOf(of.getChild("FunctionCallBody")).map((argument) => this.read(argument));
        return { kind: "call", name: this.source(of.getChild("FunctionIdentifier") ?? of), args };
      }
      case "AggregateExpr":
        return this.aggregate(of);
      case "BinaryExpr":
        return this.binary(of);
      case "UnaryExpr":
        return this.signed(of);
      default:
        return this.odd(of);
    }
  }

  private source(of: SyntaxNode): string {
    return this.text.slice(of.from, of.to);
  }

  /** What is looked into no further; its parts still tell which series it reads. */
  private odd(of: SyntaxNode): QueryNode {
    const parts = childrenOf(of).filter(({ name }) => EXPRESSIONS.has(name));
    return { kind: "odd", text: this.source(of), parts: parts.map((part) => this.read(part)) };
  }

  private number(of: SyntaxNode): QueryNode {
    const text = this.source(of);
    const value = /^inf$/i.test(text) ? Infinity : Number(text);
    if (!Number.isNaN(value)) return { kind: "number", value };
    const length = parseDuration(text);
    return length === undefined ? this.odd(of) : { kind: "number", value: length / 1_000 };
  }

  private signed(of: SyntaxNode): QueryNode {
    const [, operand] = childrenOf(of);
    if (operand === undefined) return this.odd(of);
    const inner = this.read(operand);
    if (this.text[of.from] !== "-") return inner;
    if (inner.kind === "number") return { kind: "number", value: -inner.value };
    const minus: QueryNode = { kind: "number", value: -1 };
    return { kind: "binary", operator: "*", isBool: false, left: inner, right: minus, matching: UNMATCHED };
  }

  private duration(of: SyntaxNode | undefined): Duration | undefined {
    return of === undefined ? undefined : parseDuration(this.source(of).trim());
  }

  private selector(of: SyntaxNode): QuerySelector | undefined {
    const parts = childrenOf(of.getChild("LabelMatchers"));
    // names with other characters, in quotes: what they match can not be told by these means
    if (parts.some(({ name }) => name !== "UnquotedLabelMatcher")) return undefined;
    const name = of.getChild("Identifier");
    return {
      kind: "selector",
      metric: name === null ? undefined : this.source(name),
      matchers: parts.map((part) => this.matcher(part)),
      range: undefined,
      isMoved: false,
    };
  }

  private matcher(of: SyntaxNode): QueryMatcher {
    const [label = "", operator = "", value = ""] = childrenOf(of).map((part) => this.source(part));
    return { label, operator: operator as QueryMatcher["operator"], value: value.slice(1, -1) };
  }

  private ranged(of: SyntaxNode): QueryNode {
    const inner = of.getChild("VectorSelector");
    const selector = inner === null ? undefined : this.selector(inner);
    const range = this.duration(of.getChild("DurationExpr") ?? undefined);
    return selector === undefined || range === undefined ? this.odd(of) : { ...selector, range };
  }

  private subquery(of: SyntaxNode): QueryNode {
    const [inner] = childrenOf(of);
    const [range, step] = of.getChildren("DurationExpr").map((part) => this.duration(part));
    return inner === undefined ? this.odd(of) : { kind: "subquery", of: this.read(inner), range, step };
  }

  private moved(of: SyntaxNode): QueryNode {
    const [first] = childrenOf(of);
    const inner = first === undefined ? undefined : this.read(first);
    return inner?.kind === "selector" ? { ...inner, isMoved: true } : this.odd(of);
  }

  private aggregate(of: SyntaxNode): QueryNode {
    const args = childrenOf(of.getChild("FunctionCallBody")).map((argument) => this.read(argument));
    const last = args.at(-1);
    if (last === undefined) return this.odd(of);
    const modifier = of.getChild("AggregateModifier");
    const labels = this.labels(modifier?.getChild("GroupingLabels") ?? null);
    const isWithout = modifier?.getChild("Without") != null;
    return {
      kind: "aggregate",
      operator: this.source(of.getChild("AggregateOp") ?? of).toLowerCase(),
      by: isWithout ? undefined : labels,
      without: isWithout ? labels : [],
      of: last,
      parameters: args.slice(0, -1),
    };
  }

  private labels(of: SyntaxNode | null): string[] {
    return of?.getChildren("LabelName").map((label) => this.source(label)) ?? [];
  }

  private binary(of: SyntaxNode): QueryNode {
    const parts = childrenOf(of).filter(({ name }) => !MODIFIERS.has(name));
    const [left, operator, right] = parts;
    if (left === undefined || operator === undefined || right === undefined || parts.length > 3) return this.odd(of);
    return {
      kind: "binary",
      operator: this.source(operator).toLowerCase(),
      isBool: of.getChild("BoolModifier") !== null,
      left: this.read(left),
      right: this.read(right),
      matching: this.matching(of.getChild("MatchingModifierClause")),
    };
  }

  private matching(of: SyntaxNode | null): QueryMatching {
    const lists = of?.getChildren("GroupingLabels").map((list) => this.labels(list)) ?? [];
    const isOn = of?.getChild("On") != null;
    return {
      on: isOn ? (lists[0] ?? []) : undefined,
      ignoring: of === null || isOn ? [] : (lists[0] ?? []),
      many: of?.getChild("GroupLeft") != null ? "left" : of?.getChild("GroupRight") != null ? "right" : undefined,
      include: lists[1] ?? [],
    };
  }
}

const UNMATCHED: QueryMatching = { on: undefined, ignoring: [], many: undefined, include: [] };

const MODIFIERS = new Set(["MatchingModifierClause", "BoolModifier"]);
const EXPRESSIONS = new Set([
  "AggregateExpr",
  "BinaryExpr",
  "FunctionCall",
  "MatrixSelector",
  "OffsetExpr",
  "ParenExpr",
  "StepInvariantExpr",
  "SubqueryExpr",
  "UnaryExpr",
  "VectorSelector",
]);
