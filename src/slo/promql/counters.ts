import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { childrenOf, QUOTED } from "../../lib/promql-syntax.ts";

/** A part of a text. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * What a call counts: `increase` or `rate` of a counter, of a native histogram, or of how many events are in one; or
 * the samples of a gauge, by their number or sum.
 */
type CounterKind = "counter" | "histogram" | "histogram_count" | "samples";

/** A call over the window, and what is counted. */
export interface Counter extends Span {
  readonly kind: CounterKind;
  readonly call: string;
  readonly selector: string;
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly text: string }[];
}

/** A number of events times a share of them, which is NaN when there were none; `count` is the number alone. */
interface Product extends Span {
  readonly count: Span;
}

/** A query, of which a part is to be taken: all of it but for a clamp at 0 and a comparison that keeps out NaN. */
export interface CountersRead extends Span {
  readonly text: string;
  readonly counters: readonly Counter[];
  readonly products: readonly Product[];
  /** The names of the functions that took a number of events out of a native histogram. */
  readonly names: readonly Span[];
  readonly isClamped: boolean;
}

/** Reads a query with its windows open; undefined where it is not linear in its counters, or has none. */
export function readCounters(text: string): CountersRead | undefined {
  const shape = shapeOf(text);
  if (shape === undefined) return undefined;
  const at = ({ from, to }: Span): string => text.slice(from, to);
  const events = ({ of }: ProductShape): string[] =>
    of.map((each) => at(each).replaceAll(PACE, "").replaceAll(/\s/g, ""));
  if (shape.products.some((product) => new Set(events(product)).size > 1)) return undefined;
  const counters = shape.counters.map(({ selector, metric, matchers, ...call }) => ({
    ...call,
    selector: at(selector).trim(),
    metric: metric === undefined ? "" : at(metric),
    matchers: matchers.map(({ label, all }) => ({
      label: at(label),
      text: at(all).replaceAll(/\s/g, "").replaceAll(/['`]/g, '"'),
    })),
  }));
  return { ...shape, text, counters };
}

/** A share is the same of a rate and of an increase. */
const PACE = /\b(?:rate|increase)\b(?=\s*\()/g;

interface ProductShape extends Product {
  /** What is counted and what the share is of, which must be the same. */
  readonly of: readonly Span[];
}

interface Shape extends Span {
  readonly isClamped: boolean;
  readonly products: readonly ProductShape[];
  readonly names: readonly Span[];
  readonly counters: readonly (Span & {
    readonly kind: CounterKind;
    readonly call: string;
    readonly selector: Span;
    readonly metric: Span | undefined;
    readonly matchers: readonly { readonly label: Span; readonly all: Span }[];
  })[];
}

const WINDOW = "$window";
/** A range of the same length, which nobody writes. */
const ODD_RANGE = "000307s";

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
  private readonly products: ProductShape[] = [];
  private readonly names: Span[] = [];

  constructor(text: string) {
    this.text = text;
  }

  read(): Shape | null {
    const top = this.withoutNaN(bare(parser.parse(this.text).topNode));
    const inner = this.clamped(top);
    const of = inner ?? top;
    if (!this.isLinear(of) || this.counters.length === 0) return null;
    const counters = this.counters.toSorted((a, b) => a.from - b.from);
    const { products, names } = this;
    return { ...spanOf(of), isClamped: inner !== undefined, counters, products, names };
  }

  /** What is compared in `... >= 0`. */
  private withoutNaN(of: SyntaxNode): SyntaxNode {
    const [left, operator, right] = operands(of);
    const isCompared = of.name === "BinaryExpr" && operator?.name === "Gte" && of.getChild("BoolModifier") === null;
    return isCompared && left !== undefined && right !== undefined && this.isZero(right) ? bare(left) : of;
  }

  /** What stands in `clamp_min(..., 0)`. */
  private clamped(of: SyntaxNode): SyntaxNode | undefined {
    const [first, bound] = this.argumentsOf(of, "clamp_min");
    return bound !== undefined && this.isZero(bound) ? first : undefined;
  }

  /** Whether the sum of its values is its value for the sum: sums, differences and multiples of what counters added. */
  private isLinear(node: SyntaxNode, kind: CounterKind = "counter"): boolean {
    const of = bare(node);
    switch (of.name) {
      case "UnaryExpr":
        return operands(of).every((each) => this.isLinear(each, kind));
      case "FunctionCall":
        return this.isLinearCall(of, kind);
      case "AggregateExpr": {
        const [only, ...others] = operands(of.getChild("FunctionCallBody"));
        const isSum = this.source(of.getChild("AggregateOp") ?? of).toLowerCase() === "sum";
        return isSum && only !== undefined && others.length === 0 && this.isLinear(only, kind);
      }
      case "BinaryExpr":
        return this.isLinearPair(of, kind);
      default:
        return false;
    }
  }

  private isLinearCall(of: SyntaxNode, kind: CounterKind): boolean {
    const name = this.nameOf(of);
    const [first] = this.argumentsOf(of);
    if (first === undefined) return false;
    if (name === "label_replace" || name === "label_join") return this.isLinear(first, kind);
    if (name === "increase" || name === "rate") return this.isCounter(of, first, kind);
    if (kind !== "counter") return false;
    if (name === "count_over_time" || name === "sum_over_time") return this.isCounter(of, first, "samples");
    if (name === "histogram_count") return this.isNumberOfEvents(of, first);
    return name === "vector" && this.isZero(first);
  }

  private isLinearPair(of: SyntaxNode, kind: CounterKind): boolean {
    const [left, operator, right] = operands(of);
    if (left === undefined || operator === undefined || right === undefined || of.getChild("BoolModifier"))
      return false;
    switch (this.source(operator).toLowerCase()) {
      case "+":
      case "-":
      case "or":
      case "and":
      case "unless":
        return this.isLinear(left, kind) && this.isLinear(right, kind);
      case "*":
        if (this.isNumber(left)) return this.isLinear(right, kind);
        if (this.isNumber(right)) return this.isLinear(left, kind);
        return kind === "counter" && (this.isProduct(of, left, right) || this.isProduct(of, right, left));
      case "/":
        return this.isNumber(right) && this.isLinear(left, kind);
      default:
        return false;
    }
  }

  /** `histogram_count(x) * histogram_fraction(0, 1, x)`, or what is not in the fraction: as linear as its buckets. */
  private isProduct(product: SyntaxNode, count: SyntaxNode, share: SyntaxNode): boolean {
    const [counted] = this.argumentsOf(bare(count), "histogram_count");
    const [lower, upper, shared] = this.argumentsOf(this.fractionOf(bare(share)), "histogram_fraction");
    if (counted === undefined || lower === undefined || upper === undefined || shared === undefined) return false;
    const of = [counted, shared].map(spanOf);
    this.products.push({ ...spanOf(product), count: spanOf(count), of });
    const isShare = this.isNumber(lower) && this.isNumber(upper);
    return isShare && this.isNumberOfEvents(bare(count), counted) && this.isLinear(shared, "histogram");
  }

  private isNumberOfEvents(call: SyntaxNode, counted: SyntaxNode): boolean {
    this.names.push(spanOf(call.getChild("FunctionIdentifier") ?? call));
    return this.isLinear(counted, "histogram_count");
  }

  /** `fraction` of `1 - fraction`. */
  private fractionOf(of: SyntaxNode): SyntaxNode {
    const [one, operator, fraction] = operands(of);
    const isRest =
      of.name === "BinaryExpr" && operator?.name === "Sub" && one !== undefined && this.source(one) === "1";
    return isRest && fraction !== undefined ? bare(fraction) : of;
  }

  private isCounter(call: SyntaxNode, range: SyntaxNode, kind: CounterKind): boolean {
    const selector = range.name === "MatrixSelector" ? range.getChild("VectorSelector") : null;
    if (selector === null || this.source(range.getChild("DurationExpr") ?? call) !== ODD_RANGE) return false;
    const list = selector.getChild("LabelMatchers");
    const matchers = childrenOf(list).flatMap((all) =>
      all.firstChild === null || all.name === "QuotedLabelName" ? [] : [{ label: all.firstChild, all }],
    );
    const metric = selector.getChild("Identifier") ?? list?.getChild("QuotedLabelName") ?? undefined;
    this.counters.push({ ...spanOf(call), kind, call: this.nameOf(call), selector, metric, matchers });
    return true;
  }

  private isNumber(node: SyntaxNode): boolean {
    const of = bare(node);
    if (of.name === "BinaryExpr") {
      const [left, , right] = operands(of);
      return left !== undefined && right !== undefined && this.isNumber(left) && this.isNumber(right);
    }
    if (of.name === "UnaryExpr") return operands(of).every((each) => this.isNumber(each));
    return of.name === "NumberDurationLiteral";
  }

  private isZero(node: SyntaxNode): boolean {
    const of = bare(node);
    return of.name === "NumberDurationLiteral" && Number(this.source(of)) === 0;
  }

  /** What a call is given; nothing of what is no call, or of another function. */
  private argumentsOf(of: SyntaxNode, name = this.nameOf(of)): SyntaxNode[] {
    return of.name === "FunctionCall" && this.nameOf(of) === name ? operands(of.getChild("FunctionCallBody")) : [];
  }

  private nameOf(call: SyntaxNode): string {
    return this.source(call.getChild("FunctionIdentifier") ?? call);
  }

  private source({ from, to }: Span): string {
    return this.text.slice(from, to);
  }
}

const spanOf = ({ from, to }: Span): Span => ({ from, to });

/** Without the brackets around it. */
function bare(node: SyntaxNode): SyntaxNode {
  const isBracket = node.name === "ParenExpr" || node.name === "PromQL";
  return isBracket && node.firstChild !== null ? bare(node.firstChild) : node;
}

const NOT_OPERANDS = new Set(["UnaryOp", "BoolModifier", "MatchingModifierClause"]);
const operands = (of: SyntaxNode | null): SyntaxNode[] => childrenOf(of).filter(({ name }) => !NOT_OPERANDS.has(name));
