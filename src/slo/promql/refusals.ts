import type { SyntaxNode } from "@lezer/common";
import { AGGREGATE_PARAMETERS, SCALAR_FUNCTIONS, SIGNATURES, type PromqlType } from "./signatures.ts";
import { childrenOf } from "../../lib/promql-syntax.ts";

/** What Prometheus refuses though its grammar takes it. */
export interface Refusal {
  /** Offset in the text. */
  readonly at: number;
  /** A part of a sentence: what must not be. */
  readonly why: string;
}

/** What was found of a text. */
export interface Judgement {
  /** The first refusal. */
  readonly refusal: Refusal | undefined;
  /** What the expression gives; undefined where that is not known. */
  readonly type: PromqlType | undefined;
}

/**
 * Looks for what Prometheus refuses of an expression that its grammar takes: types of arguments and operands, and
 * modifiers where they can not stand. What an experimental feature allows is let pass, since it may be switched on.
 * Source: https://github.com/prometheus/prometheus/blob/main/promql/parser/parse.go (checkAST)
 */
export function judge(top: SyntaxNode, text: string): Judgement {
  const judging = new Judging(text);
  const [first] = childrenOf(top);
  const type = first === undefined ? undefined : judging.typeOf(first);
  return { refusal: judging.refusal, type };
}

type Type = PromqlType | undefined;

const WORDS: Readonly<Record<PromqlType, string>> = {
  scalar: "a number",
  vector: "series",
  range: "series over a range",
  text: "a text",
};
const COMPARISONS = new Set(["==", "!=", ">", "<", ">=", "<="]);
const SETS = new Set(["and", "or", "unless"]);
const MOVED = new Set(["OffsetExpr", "StepInvariantExpr"]);
const MOVABLE = new Set(["VectorSelector", "MatrixSelector", "SubqueryExpr", "SmoothedExpr", "AnchoredExpr"]);
const BESIDE = new Set(["BoolModifier", "MatchingModifierClause", "FillModifier"]);
/** Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals */
const HEX = "[0-9a-fA-F]";
/** Half of a pair, and what is above the last character, is none. */
const ESCAPE = String.raw`[abfnrtv\\]|[0-3][0-7]{2}|x${HEX}{2}|u(?![dD][89a-fA-F])${HEX}{4}|U(?!0000[dD][89a-fA-F])00(?:0${HEX}|10)${HEX}{4}`;
const WHOLE_TEXT = new RegExp(String.raw`^(["'])(?:[^\\]|\\(?:${ESCAPE}|\1))*\1$`);

class Judging {
  refusal: Refusal | undefined;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  typeOf(of: SyntaxNode): Type {
    switch (of.name) {
      case "ParenExpr":
        return this.first(of);
      case "NumberDurationLiteral":
        return "scalar";
      case "StringLiteral":
        this.escapes(of);
        return "text";
      case "VectorSelector":
        return this.selector(of);
      case "MatrixSelector":
        return this.ranged(of);
      case "SubqueryExpr":
        return this.subquery(of);
      case "OffsetExpr":
      case "StepInvariantExpr":
        return this.moved(of);
      case "UnaryExpr":
        return this.signed(of);
      case "AggregateExpr":
        return this.aggregate(of);
      case "FunctionCall":
        return this.call(of);
      case "BinaryExpr":
        return this.binary(of);
      default:
        return this.first(of);
    }
  }

  private refuse(at: number, why: string): undefined {
    this.refusal ??= { at, why };
  }

  private source(of: SyntaxNode): string {
    return this.text.slice(of.from, of.to);
  }

  private first(of: SyntaxNode): Type {
    const [inner] = childrenOf(of);
    return inner === undefined ? undefined : this.typeOf(inner);
  }

  private expect(of: SyntaxNode | undefined, wanted: PromqlType, what: string): void {
    const type = of === undefined ? undefined : this.typeOf(of);
    if (of === undefined || type === undefined || type === wanted) return;
    this.refuse(of.from, `${what} ${WORDS[wanted]}, and this is ${WORDS[type]}`);
  }

  private escapes(of: SyntaxNode): void {
    const written = this.source(of);
    if (!written.startsWith("`") && !WHOLE_TEXT.test(written))
      this.refuse(of.from, "a backslash in quotes is written twice");
  }

  private selector(of: SyntaxNode): Type {
    const matchers = childrenOf(of.getChild("LabelMatchers"));
    for (const matcher of matchers) for (const text of matcher.getChildren("StringLiteral")) this.escapes(text);
    const again = matchers.find(
      (one) =>
        one.name === "QuotedLabelName" || one.getChildren("LabelName").some((label) => this.source(label) === NAME),
    );
    if (of.getChild("Identifier") !== null && again !== undefined)
      this.refuse(again.from, "the metric has its name already");
    return "vector";
  }

  private ranged(of: SyntaxNode): Type {
    this.range(of);
    const [inner] = childrenOf(of);
    // the grammar takes a range after everything
    if (inner !== undefined && inner.name !== "VectorSelector")
      this.refuse(
        inner.to,
        "a range stands only after a selector; after anything else write a subquery such as [5m:1m]",
      );
    if (inner !== undefined) this.typeOf(inner);
    return "range";
  }

  private subquery(of: SyntaxNode): Type {
    this.range(of);
    const [inner] = childrenOf(of);
    let direct: SyntaxNode | null | undefined = inner;
    while (direct != null && MOVED.has(direct.name)) direct = direct.firstChild;
    if (direct != null && OPERATIONS.has(direct.name))
      this.refuse(direct.to, "a subquery is of the last operand alone, so put brackets around all that it is of");
    this.expect(inner, "vector", "a subquery is of");
    return "range";
  }

  private range(of: SyntaxNode): void {
    for (const length of of.getChildren("DurationExpr"))
      if (/^(?:-|0+[a-z]*$)/.test(this.source(length))) this.refuse(length.from, "a range is longer than 0");
  }

  private moved(of: SyntaxNode): Type {
    const [inner] = childrenOf(of);
    if (inner === undefined) return undefined;
    const modifier = of.name === "OffsetExpr" ? "offset" : "@";
    const [moved, isTwice] = movedBy(of, inner);
    if (isTwice) this.refuse(moved.to, `${modifier} stands only once`);
    if (!MOVABLE.has(moved.name))
      this.refuse(
        moved.to,
        `${modifier} stands only right after a selector or a subquery, so give it to each selector inside`,
      );
    return this.typeOf(inner);
  }

  private signed(of: SyntaxNode): Type {
    const operand = childrenOf(of).at(-1);
    const type = operand === undefined ? undefined : this.typeOf(operand);
    if (type === "range" || type === "text") this.refuse(of.from, `${WORDS[type]} has no sign`);
    return type;
  }

  private aggregate(of: SyntaxNode): Type {
    const name = this.source(of.getChild("AggregateOp") ?? of).toLowerCase();
    const parameter = AGGREGATE_PARAMETERS.get(name);
    const args = childrenOf(of.getChild("FunctionCallBody"));
    const wanted = parameter === undefined ? 1 : 2;
    if (args.length !== wanted) return this.refuse(of.from, `${name} takes ${numberOf(wanted)}`) ?? "vector";
    if (parameter !== undefined) this.expect(args[0], parameter, `${name} takes first`);
    this.expect(args.at(-1), "vector", `${name} is of`);
    return "vector";
  }

  private call(of: SyntaxNode): Type {
    const name = this.source(of.getChild("FunctionIdentifier") ?? of);
    const args = childrenOf(of.getChild("FunctionCallBody"));
    const signature = SIGNATURES.get(name);
    if (signature === undefined) {
      for (const argument of args) this.typeOf(argument);
      return undefined;
    }
    const { needs, more } = signature;
    const most = needs.length + (more?.most ?? 0);
    if (args.length < needs.length || args.length > most)
      this.refuse(
        of.from,
        `${name} takes ${most === needs.length ? numberOf(most) : args.length > most ? `at most ${numberOf(most)}` : `at least ${numberOf(needs.length)}`}`,
      );
    args.forEach((argument, i) => {
      const wanted = needs[i] ?? more?.type;
      if (wanted !== undefined) this.expect(argument, wanted, `${name} takes`);
    });
    return SCALAR_FUNCTIONS.has(name) ? "scalar" : "vector";
  }

  private binary(of: SyntaxNode): Type {
    const [left, sign, right] = childrenOf(of).filter(({ name }) => !BESIDE.has(name));
    if (left === undefined || sign === undefined || right === undefined) return undefined;
    const types = [this.typeOf(left), this.typeOf(right)];
    const operator = this.source(sign).toLowerCase();
    const isBool = of.getChild("BoolModifier") !== null;
    const areScalars = types.every((type) => type === "scalar");
    const hasScalar = types.includes("scalar");
    if (types.includes("range") || types.includes("text"))
      this.refuse(sign.from, `${operator} stands only between series and numbers`);
    if (isBool && !COMPARISONS.has(operator)) this.refuse(sign.from, "bool stands only after a comparison");
    if (!isBool && areScalars && COMPARISONS.has(operator))
      this.refuse(sign.from, `two numbers are compared by ${operator} bool`);
    if (hasScalar && SETS.has(operator)) this.refuse(sign.from, `${operator} stands only between series, not numbers`);
    this.matching(of.getChild("MatchingModifierClause"), SETS.has(operator), hasScalar);
    return areScalars ? "scalar" : "vector";
  }

  private matching(clause: SyntaxNode | null, isSet: boolean, hasScalar: boolean): void {
    if (clause === null) return;
    const group = clause.getChild("GroupLeft") ?? clause.getChild("GroupRight");
    if (hasScalar) this.refuse(clause.from, "labels are matched only between series, not numbers");
    if (isSet && group !== null) this.refuse(group.from, "and, or and unless have no group_left or group_right");
    const [on = [], include = []] = clause
      .getChildren("GroupingLabels")
      .map((list) => list.getChildren("LabelName").map((label) => this.source(label)));
    const twice = clause.getChild("On") === null ? undefined : on.find((label) => include.includes(label));
    if (twice !== undefined) this.refuse(clause.from, `${twice} stands in on() and in the group at once`);
  }
}

const OPERATIONS = new Set(["BinaryExpr", "UnaryExpr"]);

/**
 * What a modifier is of, and whether another of its kind is. The grammar binds it less than operators, and Prometheus
 * more.
 */
function movedBy(modifier: SyntaxNode, inner: SyntaxNode): readonly [moved: SyntaxNode, isTwice: boolean] {
  let moved = inner;
  let isTwice = false;
  for (;;) {
    const below = MOVED.has(moved.name) ? moved.firstChild : OPERATIONS.has(moved.name) ? moved.lastChild : null;
    if (below === null) return [moved, isTwice];
    isTwice ||= moved.name === modifier.name;
    moved = below;
  }
}

const NAME = "__name__";
const numberOf = (count: number): string =>
  count === 0 ? "no argument" : `${count} argument${count === 1 ? "" : "s"}`;
