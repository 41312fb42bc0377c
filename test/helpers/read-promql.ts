import { parser } from "@prometheus-io/lezer-promql";
import type { SyntaxNode } from "@lezer/common";
import { parseDuration, type Duration } from "../../src/core/duration.ts";
import type { AggregateOperator, BinaryOperator, Matcher, MatchOperator, Node } from "../../src/core/promql-tree.ts";

/** Reads PromQL with Prometheus' own grammar into our tree; throws on text that does not parse. */
export function readPromql(text: string): Node {
  const top = parser.parse(text).topNode;
  top.cursor().iterate(({ type, from }) => {
    if (type.isError) throw new Error(`PromQL does not parse at ${from}: ${text}`);
  });
  return read(only(children(top)), text);
}

const children = (of: SyntaxNode): SyntaxNode[] => {
  const found: SyntaxNode[] = [];
  for (let child = of.firstChild; child !== null; child = child.nextSibling) found.push(child);
  return found;
};

function only<T>(of: readonly T[]): T {
  if (of.length !== 1) throw new Error(`expected one node, found ${of.length}`);
  return of[0] as T;
}

function read(of: SyntaxNode, text: string): Node {
  const source = (node: SyntaxNode) => text.slice(node.from, node.to);
  const child = (name: string) => {
    const found = of.getChild(name);
    if (found === null) throw new Error(`${of.name} has no ${name}: ${source(of)}`);
    return found;
  };
  switch (of.name) {
    case "ParenExpr":
      return read(only(children(of)), text);
    case "NumberDurationLiteral":
      return { kind: "number", value: readNumber(source(of)) };
    case "StringLiteral":
      return { kind: "text", value: unquote(source(of)) };
    case "UnaryExpr": {
      const operand = read(children(of)[1] as SyntaxNode, text);
      if (operand.kind !== "number" || source(of)[0] !== "-") throw new Error(`unary sign before ${operand.kind}`);
      return { kind: "number", value: -operand.value };
    }
    case "VectorSelector": {
      const matchers = of.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? [];
      return {
        kind: "selector",
        metric: source(child("Identifier")),
        labels: [],
        matchers: matchers.map((matcher) => readMatcher(matcher, source)),
      };
    }
    case "MatrixSelector":
      return { ...readSelector(child("VectorSelector"), text), range: readDuration(source(child("DurationExpr"))) };
    case "OffsetExpr":
      return {
        ...readSelector(children(of)[0] as SyntaxNode, text),
        offset: readDuration(source(child("OffsetDurationExpr"))),
      };
    case "FunctionCall":
      return {
        kind: "call",
        name: source(child("FunctionIdentifier")),
        args: children(child("FunctionCallBody")).map((argument) => read(argument, text)),
      };
    case "AggregateExpr":
      return {
        kind: "aggregate",
        operator: source(child("AggregateOp")) as AggregateOperator,
        by: of.getChild("AggregateModifier")?.getChild("GroupingLabels")?.getChildren("LabelName").map(source) ?? [],
        of: read(only(children(child("FunctionCallBody"))), text),
      };
    case "BinaryExpr":
      return readBinary(of, text);
    default:
      throw new Error(`no tree for ${of.name}: ${source(of)}`);
  }
}

function readSelector(of: SyntaxNode, text: string): Node & { kind: "selector" } {
  const selector = read(of, text);
  if (selector.kind !== "selector") throw new Error(`expected a selector, found ${selector.kind}`);
  return selector;
}

function readBinary(of: SyntaxNode, text: string): Node {
  const parts = children(of).filter(({ name }) => name !== "MatchingModifierClause");
  const [left, operator, right] = parts as [SyntaxNode, SyntaxNode, SyntaxNode];
  const clause = of.getChild("MatchingModifierClause");
  const [on, include] = (clause?.getChildren("GroupingLabels") ?? []).map((list) =>
    list.getChildren("LabelName").map((label) => text.slice(label.from, label.to)),
  );
  const side = clause?.getChild("GroupLeft") ? "left" : clause?.getChild("GroupRight") ? "right" : undefined;
  const group = side === undefined ? {} : { group: { side, include: include ?? [] } as const };
  return {
    kind: "binary",
    operator: text.slice(operator.from, operator.to) as BinaryOperator,
    left: read(left, text),
    right: read(right, text),
    ...(clause === null ? {} : { matching: { on: on ?? [], ...group } }),
  };
}

function readMatcher(of: SyntaxNode, source: (node: SyntaxNode) => string): Matcher {
  const [label, operator, value] = children(of).map(source) as [string, string, string];
  return { label, operator: operator as MatchOperator, value: unquote(value) };
}

function readDuration(text: string): Duration {
  const duration = parseDuration(text);
  if (duration === undefined) throw new Error(`not a duration: ${text}`);
  return duration;
}

function readNumber(text: string): number {
  const infinite = /^([+-]?)inf$/i.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  return Number(text);
}

function unquote(text: string): string {
  const named: Record<string, string> = { n: "\n", r: "\r", t: "\t", "\\": "\\", '"': '"' };
  return text
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex: string | undefined, char: string) =>
      hex === undefined ? (named[char] as string) : String.fromCharCode(Number.parseInt(hex, 16)),
    );
}
