import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

interface Span {
  readonly from: number;
  readonly to: number;
}

/** A call of `increase` or `rate`, and what is counted. */
export interface Counter extends Span {
  readonly isRate: boolean;
  readonly selector: string;
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly text: string }[];
}

/** A query, of which a part is to be taken: all of it but for a clamp at 0. */
export interface CountersRead extends Span {
  readonly text: string;
  readonly counters: readonly Counter[];
  readonly isClamped: boolean;
}

/** Reads a query with its windows open; undefined where it is not linear in its counters, or has none. */
export function readCounters(text: string): CountersRead | undefined {
  const shape = shapeOf(text);
  if (shape === undefined) return undefined;
  const at = ({ from, to }: Span): string => text.slice(from, to);
  const counters = shape.counters.map(({ selector, metric, matchers, ...call }) => ({
    ...call,
    selector: at(selector).trim(),
    metric: metric === undefined ? "" : at(metric),
    matchers: matchers.map(({ label, all }) => ({
      label: at(label),
      text: at(all).replaceAll(/\s/g, "").replaceAll(/['`]/g, '"'),
    })),
  }));
  return { text, from: shape.from, to: shape.to, isClamped: shape.isClamped, counters };
}

interface Shape extends Span {
  readonly isClamped: boolean;
  readonly counters: readonly (Span & {
    readonly isRate: boolean;
    readonly selector: Span;
    readonly metric: Span | undefined;
    readonly matchers: readonly { readonly label: Span; readonly all: Span }[];
  })[];
}

const WINDOW = "$window";
/** A range of the same length, which nobody writes. */
const ODD_RANGE = "000307s";
const QUOTED = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`/g;

const MOST_KNOWN = 1_000;
const known = new Map<string, Shape | null>();

/** The same for all texts that differ only between quotes: queries of many SLOs do, and parsing is what costs. */
function shapeOf(text: string): Shape | undefined {
  const blank = text
    .replaceAll(WINDOW, ODD_RANGE)
    .replace(QUOTED, (quoted) => `${quoted[0]}${"x".repeat(quoted.length - 2)}${quoted[0]}`);
  const shape = known.get(blank) ?? new ShapeReader(blank).read();
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(blank, shape);
  return shape ?? undefined;
}

class ShapeReader {
  private readonly text: string;
  private readonly counters: Shape["counters"][number][] = [];

  constructor(text: string) {
    this.text = text;
  }

  read(): Shape | null {
    const top = bare(parser.parse(this.text).topNode);
    const inner = this.clamped(top);
    const of = inner ?? top;
    if (!this.isLinear(of) || this.counters.length === 0) return null;
    const counters = this.counters.toSorted((a, b) => a.from - b.from);
    return { from: of.from, to: of.to, isClamped: inner !== undefined, counters };
  }

  /** What stands in `clamp_min(..., 0)`. */
  private clamped(of: SyntaxNode): SyntaxNode | undefined {
    const [first, bound] = operands(of.getChild("FunctionCallBody"));
    const isClamp = of.name === "FunctionCall" && this.nameOf(of) === "clamp_min";
    return isClamp && bound !== undefined && this.isZero(bound) ? first : undefined;
  }

  /** Whether the sum of its values is its value for the sum: sums, differences and multiples of what counters added. */
  private isLinear(node: SyntaxNode): boolean {
    const of = bare(node);
    switch (of.name) {
      case "UnaryExpr":
        return operands(of).every((each) => this.isLinear(each));
      case "FunctionCall":
        return this.isLinearCall(of);
      case "AggregateExpr": {
        const [only, ...others] = operands(of.getChild("FunctionCallBody"));
        const isSum = this.source(of.getChild("AggregateOp") ?? of).toLowerCase() === "sum";
        return isSum && only !== undefined && others.length === 0 && this.isLinear(only);
      }
      case "BinaryExpr":
        return this.isLinearPair(of);
      default:
        return false;
    }
  }

  private isLinearCall(of: SyntaxNode): boolean {
    const name = this.nameOf(of);
    const [first] = operands(of.getChild("FunctionCallBody"));
    if (first === undefined) return false;
    if (name === "increase" || name === "rate") return this.isCounter(of, first, name === "rate");
    if (name === "label_replace" || name === "label_join") return this.isLinear(first);
    return name === "vector" && this.isZero(first);
  }

  private isLinearPair(of: SyntaxNode): boolean {
    const [left, operator, right] = operands(of);
    if (left === undefined || operator === undefined || right === undefined || of.getChild("BoolModifier"))
      return false;
    switch (this.source(operator).toLowerCase()) {
      case "+":
      case "-":
      case "or":
      case "and":
      case "unless":
        return this.isLinear(left) && this.isLinear(right);
      case "*":
        return this.isNumber(left) ? this.isLinear(right) : this.isNumber(right) && this.isLinear(left);
      case "/":
        return this.isNumber(right) && this.isLinear(left);
      default:
        return false;
    }
  }

  private isCounter(call: SyntaxNode, range: SyntaxNode, isRate: boolean): boolean {
    const selector = range.name === "MatrixSelector" ? range.getChild("VectorSelector") : null;
    if (selector === null || this.source(range.getChild("DurationExpr") ?? call) !== ODD_RANGE) return false;
    const list = selector.getChild("LabelMatchers");
    const matchers = childrenOf(list).flatMap((all) =>
      all.firstChild === null || all.name === "QuotedLabelName" ? [] : [{ label: all.firstChild, all }],
    );
    const metric = selector.getChild("Identifier") ?? list?.getChild("QuotedLabelName") ?? undefined;
    this.counters.push({ from: call.from, to: call.to, isRate, selector, metric, matchers });
    return true;
  }

  private isNumber(node: SyntaxNode): boolean {
    const of = bare(node);
    if (of.name === "BinaryExpr") {
      const [left, , right] = operands(of);
      return left !== undefined && right !== undefined && this.isNumber(left) && this.isNumber(right);
    }
    return of.name === "NumberDurationLiteral";
  }

  private isZero(node: SyntaxNode): boolean {
    const of = bare(node);
    return of.name === "NumberDurationLiteral" && Number(this.source(of)) === 0;
  }

  private nameOf(call: SyntaxNode): string {
    return this.source(call.getChild("FunctionIdentifier") ?? call);
  }

  private source({ from, to }: Span): string {
    return this.text.slice(from, to);
  }
}

/** Without the brackets around it. */
function bare(node: SyntaxNode): SyntaxNode {
  const isBracket = node.name === "ParenExpr" || node.name === "PromQL";
  return isBracket && node.firstChild !== null ? bare(node.firstChild) : node;
}

function childrenOf(of: SyntaxNode | null): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = of?.firstChild ?? null; child !== null; child = child.nextSibling) found.push(child);
  return found;
}

const NOT_OPERANDS = new Set(["UnaryOp", "BoolModifier", "MatchingModifierClause"]);
const operands = (of: SyntaxNode | null): SyntaxNode[] => childrenOf(of).filter(({ name }) => !NOT_OPERANDS.has(name));
