import type { QueryMatching, QueryNode } from "../promql/query-tree.ts";
import { isConstant, multipleOf, plus, times, type Form } from "./form.ts";
import { Odd, type Sample, type Value, type Vector } from "./value.ts";

type Binary = Extract<QueryNode, { kind: "binary" }>;

/** What an operator gives of two sides; `notes` is told when a comparison leaves zeros out. */
export function binary(node: Binary, left: Vector, right: Vector, notes: { dropsZero: boolean }): Vector {
  const { operator, matching } = node;
  if (["or", "and", "unless"].includes(operator)) return ofSets(operator, matching, left, right);
  if (COMPARISONS.has(operator)) return compared(node, left, right, notes);
  if (left.isScalar && right.isScalar) return { isScalar: true, samples: paired(operator, left, right, matching) };
  return { isScalar: false, samples: paired(operator, left, right, matching) };
}

const COMPARISONS = new Set([">", "<", ">=", "<=", "==", "!="]);

/** A value counts as it is; only whether 0 stays can be told. */
function compared(
  { operator, isBool, right: bound }: Binary,
  left: Vector,
  right: Vector,
  notes: { dropsZero: boolean },
) {
  const isZero = right.isScalar && bound.kind === "number" && bound.value === 0;
  if (isBool || !isZero || !(operator === ">" || operator === ">=")) throw new Odd(`a comparison by ${operator}`);
  if (operator === ">") notes.dropsZero = true;
  return left;
}

function keyOf({ labels }: Sample, { on, ignoring }: QueryMatching): string {
  const used = Object.entries(labels).filter(([label, text]) => {
    const isUsed = on === undefined ? !ignoring.includes(label) : on.includes(label);
    return isUsed && text !== "";
  });
  return JSON.stringify(used.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function ofSets(operator: string, matching: QueryMatching, left: Vector, right: Vector): Vector {
  const keys = (of: Vector): Set<string> => new Set(of.samples.map((sample) => keyOf(sample, matching)));
  const [ofLeft, ofRight] = [keys(left), keys(right)];
  const isIn = (set: Set<string>) => (sample: Sample) => set.has(keyOf(sample, matching));
  const isOut = (set: Set<string>) => (sample: Sample) => !set.has(keyOf(sample, matching));
  if (operator === "and") return { isScalar: false, samples: left.samples.filter(isIn(ofRight)) };
  if (operator === "unless") return { isScalar: false, samples: left.samples.filter(isOut(ofRight)) };
  return { isScalar: false, samples: [...left.samples, ...right.samples.filter(isOut(ofLeft))] };
}

function paired(operator: string, left: Vector, right: Vector, matching: QueryMatching): readonly Sample[] {
  if (left.isScalar || right.isScalar) {
    const [scalar, vector] = left.isScalar ? [left, right] : [right, left];
    const [by] = scalar.samples;
    if (by === undefined) return [];
    return vector.samples.map(({ labels, value }) => ({
      labels,
      value: left.isScalar ? arithmetic(operator, by.value, value) : arithmetic(operator, value, by.value),
    }));
  }
  const [many, one] = matching.many === "right" ? [right, left] : [left, right];
  const byKey = Map.groupBy(one.samples, (sample) => keyOf(sample, matching));
  const taken = new Set<string>();
  return many.samples.flatMap((sample) => {
    const key = keyOf(sample, matching);
    const partners = byKey.get(key) ?? [];
    const [partner] = partners;
    if (partner === undefined) return [];
    const isTwice = taken.has(key) && matching.many === undefined;
    if (partners.length > 1 || isTwice) throw new Odd(`several series that ${operator} would match with one`);
    taken.add(key);
    const sides = matching.many === "right" ? ([partner, sample] as const) : ([sample, partner] as const);
    const value = arithmetic(operator, sides[0].value, sides[1].value);
    return [{ labels: resultLabels(sample, partner, matching), value }];
  });
}

function resultLabels(many: Sample, one: Sample, { on, ignoring, many: side, include }: QueryMatching) {
  if (side !== undefined) {
    const taken = include.flatMap((label) => (one.labels[label] === undefined ? [] : [[label, one.labels[label]]]));
    return { ...many.labels, ...Object.fromEntries(taken) };
  }
  const kept = Object.entries(many.labels).filter(([label]) =>
    on === undefined ? !ignoring.includes(label) : on.includes(label),
  );
  return Object.fromEntries(kept);
}

function arithmetic(operator: string, left: Value, right: Value): Value {
  if (left.kind === "histogram" || right.kind === "histogram") throw new Odd(`${operator} with a histogram`);
  switch (operator) {
    case "+":
      return sum(left, right, 1);
    case "-":
      return sum(left, right, -1);
    case "*":
      return product(left, right);
    case "/":
      return quotient(left, right);
    default:
      throw new Odd(`the operator ${operator}`);
  }
}

type Number = Exclude<Value, { kind: "histogram" }>;

const linear = (form: Form): Number => ({ kind: "linear", form });

function sum(left: Number, right: Number, factor: number): Number {
  if (left.kind === "linear" && right.kind === "linear") return linear(plus(left.form, right.form, factor));
  if (left.kind === "quotient" && right.kind === "quotient") {
    const same = multipleOf(left.denominator, right.denominator) === 1;
    if (!same) throw new Odd("a sum of ratios");
    return { ...left, numerator: plus(left.numerator, right.numerator, factor) };
  }
  if (left.kind === "quotient" && right.kind === "linear" && isConstant(right.form))
    return { ...left, numerator: plus(left.numerator, left.denominator, factor * right.form.constant) };
  if (left.kind === "linear" && right.kind === "quotient" && isConstant(left.form)) {
    const whole = times(right.denominator, left.form.constant);
    return { ...right, numerator: plus(whole, right.numerator, factor) };
  }
  throw new Odd("a sum of a number and a ratio");
}

function product(left: Number, right: Number): Number {
  if (left.kind === "linear" && isConstant(left.form)) return scaled(right, left.form.constant);
  if (right.kind === "linear" && isConstant(right.form)) return scaled(left, right.form.constant);
  if (left.kind === "linear" && right.kind === "quotient") return ofWhole(left.form, right);
  if (left.kind === "quotient" && right.kind === "linear") return ofWhole(right.form, left);
  throw new Odd("a product of two numbers that both change");
}

const scaled = (value: Number, factor: number): Number =>
  value.kind === "linear" ? linear(times(value.form, factor)) : { ...value, numerator: times(value.numerator, factor) };

/** A ratio of a number of events, times that number. */
function ofWhole(whole: Form, { numerator, denominator }: Extract<Value, { kind: "quotient" }>): Number {
  const factor = multipleOf(whole, denominator);
  if (factor === undefined) throw new Odd("a ratio times a number of other events");
  return linear(times(numerator, factor));
}

function quotient(left: Number, right: Number): Number {
  if (right.kind !== "linear") throw new Odd("a division by a ratio");
  if (isConstant(right.form)) return scaled(left, 1 / right.form.constant);
  if (left.kind !== "linear") throw new Odd("a ratio divided by a number that changes");
  return { kind: "quotient", numerator: left.form, denominator: right.form };
}
