import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { parseDuration } from "../../core/duration.ts";
import { labelMatcher, type LabelMatcher } from "../../core/label-matcher.ts";
import type { MatchOperator } from "../../core/promql-tree.ts";
import { childrenOf } from "../../lib/promql-syntax.ts";

/** What picks series, and from how much earlier. */
export interface Selector {
  readonly kind: "selector";
  readonly matchers: readonly LabelMatcher[];
  readonly offsetMs: number;
}

/** Functions of a range that are known. */
export const RANGE_FUNCTIONS = ["rate", "increase", "deriv", "count_over_time", "last_over_time"] as const;

/** Ways to make one of many that are known. */
export const AGGREGATIONS = ["sum", "min", "max", "avg", "count"] as const;

/** A query of those that are known. */
export type Query =
  | Selector
  | {
      readonly kind: "range";
      readonly run: (typeof RANGE_FUNCTIONS)[number];
      readonly of: Selector;
      readonly rangeMs: number;
    }
  /** One series without labels. */
  | { readonly kind: "vector"; readonly value: number }
  | { readonly kind: "quantile"; readonly quantile: number; readonly of: Query }
  | {
      readonly kind: "aggregation";
      readonly run: (typeof AGGREGATIONS)[number];
      readonly grouping: readonly string[];
      readonly isWithout: boolean;
      readonly of: Query;
    };

/** A query that is refused. */
export class BadQuery extends Error {
  override readonly name = "BadQuery";
}

/** Reads a query; throws {@link BadQuery} about what is no query, or one that is not known here. */
export function parseQuery(text: string): Query {
  if (text.trim() === "") throw new BadQuery("unknown position: parse error: no expression found in input");
  const reader = new Reader(text);
  reader.refuseErrors();
  const [root] = childrenOf(parser.parse(text).topNode);
  if (root === undefined) throw new BadQuery("1:1: parse error: no expression found in input");
  return reader.query(root);
}

/** Reads what stands in a `match[]`: one selector without offset or range. */
export function parseSelector(text: string): Selector {
  const query = parseQuery(text);
  if (query.kind !== "selector" || query.offsetMs !== 0)
    throw new BadQuery("1:1: parse error: expected only a vector selector");
  return query;
}

/** All selectors of a query. */
export function selectorsOf(query: Query): readonly Selector[] {
  if (query.kind === "vector") return [];
  return query.kind === "selector" ? [query] : selectorsOf(query.of);
}

class Reader {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  refuseErrors(): void {
    parser.parse(this.#text).iterate({
      enter: ({ type, from }) => {
        if (type.isError)
          throw new BadQuery(`1:${from + 1}: parse error: unexpected ${this.#text.slice(from, from + 10)}`);
      },
    });
  }

  query(node: SyntaxNode): Query {
    switch (node.name) {
      case "VectorSelector":
      case "OffsetExpr":
        return this.#selector(node).selector;
      case "FunctionCall":
        return this.#call(node);
      case "AggregateExpr":
        return this.#aggregation(node);
      case "ParenExpr":
        return this.query(childrenOf(node)[0] ?? node);
      default:
        throw this.#unknown(node);
    }
  }

  #call(node: SyntaxNode): Query {
    const name = this.#of(node.getChild("FunctionIdentifier"));
    const values = childrenOf(node.getChild("FunctionCallBody"));
    const [first, second] = values;
    const run = RANGE_FUNCTIONS.find((each) => each === name);
    if (run !== undefined && first !== undefined && values.length === 1) {
      const { selector, rangeMs } = this.#selector(first);
      if (rangeMs === undefined)
        throw new BadQuery(
          `1:${first.from + 1}: parse error: expected type range vector in call to function "${name}", got instant vector`,
        );
      return { kind: "range", run, of: selector, rangeMs };
    }
    if (name === "histogram_quantile" && first?.name === "NumberDurationLiteral" && second !== undefined)
      return { kind: "quantile", quantile: Number(this.#of(first)), of: this.query(second) };
    if (name === "vector" && first?.name === "NumberDurationLiteral" && values.length === 1)
      return { kind: "vector", value: Number(this.#of(first)) };
    throw this.#unknown(node);
  }

  #aggregation(node: SyntaxNode): Query {
    const name = this.#of(node.getChild("AggregateOp"));
    const run = AGGREGATIONS.find((each) => each === name);
    const values = childrenOf(node.getChild("FunctionCallBody"));
    const [of] = values;
    if (run === undefined || of === undefined || values.length !== 1) throw this.#unknown(node);
    const modifier = node.getChild("AggregateModifier");
    const grouping = childrenOf(modifier?.getChild("GroupingLabels") ?? null).map((label) => this.#of(label));
    return { kind: "aggregation", run, grouping, isWithout: modifier?.getChild("Without") != null, of: this.query(of) };
  }

  /** A selector with what may stand around it: a range and an offset. */
  #selector(node: SyntaxNode): { selector: Selector; rangeMs?: number } {
    const [first, ...others] = childrenOf(node);
    if (node.name === "MatrixSelector" && first !== undefined) {
      const rangeMs = this.#duration(others[0]);
      return { selector: this.#selector(first).selector, rangeMs };
    }
    if (node.name === "OffsetExpr" && first !== undefined) {
      const inner = this.#selector(first);
      const isBack = node.getChild("Sub") === null;
      const offsetMs = this.#duration(node.getChild("OffsetDurationExpr")) * (isBack ? 1 : -1);
      return { ...inner, selector: { ...inner.selector, offsetMs } };
    }
    if (node.name !== "VectorSelector") throw this.#unknown(node);
    const name = node.getChild("Identifier");
    const matchers = [
      ...(name === null ? [] : [labelMatcher("__name__", "=", this.#of(name))]),
      ...childrenOf(node.getChild("LabelMatchers")).map((matcher) => this.#matcher(matcher)),
    ];
    if (matchers.every((matcher) => matcher.matches({})))
      throw new BadQuery(
        `1:${node.from + 1}: parse error: vector selector must contain at least one non-empty matcher`,
      );
    return { selector: { kind: "selector", matchers, offsetMs: 0 } };
  }

  #matcher(node: SyntaxNode): LabelMatcher {
    const [label, operator, value] = childrenOf(node);
    if (node.name !== "UnquotedLabelMatcher" || label === undefined || operator === undefined || value === undefined)
      throw this.#unknown(node);
    try {
      return labelMatcher(this.#of(label), this.#of(operator) as MatchOperator, unquote(this.#of(value)));
    } catch {
      throw new BadQuery(`1:${value.from + 1}: parse error: error parsing regexp: ${this.#of(value)}`);
    }
  }

  #duration(node: SyntaxNode | null | undefined): number {
    const duration = parseDuration(this.#of(node ?? null));
    if (duration === undefined || node == null) throw new BadQuery("1:1: parse error: bad number or duration syntax");
    return duration;
  }

  #of(node: SyntaxNode | null): string {
    return node === null ? "" : this.#text.slice(node.from, node.to);
  }

  /** Told apart from what Prometheus would refuse, since it would not. */
  #unknown(node: SyntaxNode): BadQuery {
    return new BadQuery(`1:${node.from + 1}: parse error: the lab does not know ${this.#of(node).slice(0, 60)}`);
  }
}

function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (quoted.startsWith("`") || !inner.includes("\\")) return inner;
  return JSON.parse(`"${inner.replaceAll(/\\'/g, "'").replaceAll(/(?<!\\)"/g, '\\"')}"`) as string;
}
