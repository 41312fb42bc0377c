import type { StoredSpan, StoredTrace } from "../trace.ts";
import { compareValues, holds } from "./conditions.ts";
import { valuesOf } from "./fields.ts";
import type { Aggregate, Pipeline, Spanset, Stage, Value } from "./tree.ts";

/** Spans of one trace that belong together. */
export interface FoundSpans {
  readonly spans: readonly StoredSpan[];
  /** What was counted over them and grouped by, such as `count()`. */
  readonly attributes: readonly { readonly key: string; readonly value: Value }[];
}

/** The sets of spans that a pipeline finds in a trace; none when it is not found. Metrics are left to others. */
export function findSpans({ spans, stages }: Pipeline, trace: StoredTrace): readonly FoundSpans[] {
  const found = select(spans, trace, trace.spans);
  let sets: readonly FoundSpans[] = [{ spans: found, attributes: [] }];
  for (const stage of stages) sets = sets.filter((set) => set.spans.length > 0).flatMap((set) => apply(stage, set));
  return sets.filter((set) => set.spans.length > 0);
}

function apply(stage: Stage, set: FoundSpans): readonly FoundSpans[] {
  const [first] = set.spans;
  if (first === undefined) return [];
  if (stage.type === "filter") return [{ ...set, spans: select(stage.spans, first.trace, set.spans) }];
  if (stage.type === "by")
    return [...groupBy(set.spans, (span) => firstOf(valuesOf(span, stage.field)))].map(([, [value, spans]]) => ({
      spans,
      attributes: [...set.attributes, { key: `by(${stage.field.text})`, value }],
    }));
  if (stage.type !== "aggregate") return [set];
  const value = aggregate(stage.aggregate, set.spans);
  if (value === undefined || !compareValues(stage.operator, value, stage.limit)) return [];
  const { name, of } = stage.aggregate;
  return [{ ...set, attributes: [...set.attributes, { key: `${name}(${of?.text ?? ""})`, value }] }];
}

const firstOf = ([first = { type: "nil", value: null }]: readonly Value[]): Value => first;

function groupBy(
  spans: readonly StoredSpan[],
  keyOf: (span: StoredSpan) => Value,
): Map<string, [Value, readonly StoredSpan[]]> {
  const groups = new Map<string, [Value, readonly StoredSpan[]]>();
  for (const span of spans) {
    const value = keyOf(span);
    const key = `${value.type} ${value.value}`;
    groups.set(key, [value, [...(groups.get(key)?.[1] ?? []), span]]);
  }
  return groups;
}

function aggregate({ name, of }: Aggregate, spans: readonly StoredSpan[]): Value | undefined {
  if (of === undefined) return { type: "int", value: spans.length };
  const values = spans.flatMap((span) => valuesOf(span, of));
  const numbers = values.map(({ value }) => value).filter((value) => typeof value === "number");
  if (numbers.length === 0) return undefined;
  const sum = numbers.reduce((total, number) => total + number, 0);
  const type = values[0]?.type === "duration" ? "duration" : "float";
  if (name === "min") return { type, value: Math.min(...numbers) };
  if (name === "max") return { type, value: Math.max(...numbers) };
  return { type, value: name === "avg" ? sum / numbers.length : sum };
}

/** The spans of `among` that the set holds, in the order of the trace. */
function select(set: Spanset, trace: StoredTrace, among: readonly StoredSpan[]): readonly StoredSpan[] {
  if (set.type === "filter") return among.filter((span) => holds(set.condition, span));
  if (set.type === "nested") return findSpans(set.pipeline, trace).flatMap(({ spans }) => spans);
  const left = select(set.left, trace, among);
  const right = select(set.right, trace, among);
  if (set.operator === "||") return unite(left, right);
  if (set.operator === "&&") return left.length > 0 && right.length > 0 ? unite(left, right) : [];
  return related(set.operator, left, right);
}

const unite = (left: readonly StoredSpan[], right: readonly StoredSpan[]): readonly StoredSpan[] => [
  ...new Set([...left, ...right]),
];

/** Structural operators: https://grafana.com/docs/tempo/latest/traceql/construct-traceql-queries/#structural */
function related(operator: string, left: readonly StoredSpan[], right: readonly StoredSpan[]): readonly StoredSpan[] {
  const kind = operator.replace(/^(?:!|&)/v, "");
  const isRelated = RELATIONS[kind] ?? (() => false);
  if (operator.startsWith("!")) return right.filter((span) => !left.some((other) => isRelated(other, span)));
  const found = right.filter((span) => left.some((other) => isRelated(other, span)));
  if (!operator.startsWith("&")) return found;
  return unite(
    found,
    left.filter((span) => found.some((other) => isRelated(span, other))),
  );
}

const isAncestor = (above: StoredSpan, below: StoredSpan): boolean => {
  const seen = new Set<StoredSpan>();
  let parent = below.trace.parentOf(below);
  while (parent !== undefined && !seen.has(parent)) {
    if (parent === above) return true;
    seen.add(parent);
    parent = parent.trace.parentOf(parent);
  }
  return false;
};
const isParent = (above: StoredSpan, below: StoredSpan): boolean => below.trace.parentOf(below) === above;

const RELATIONS: Readonly<Record<string, (left: StoredSpan, right: StoredSpan) => boolean>> = {
  ">>": isAncestor,
  ">": isParent,
  "<<": (left, right) => isAncestor(right, left),
  "<": (left, right) => isParent(right, left),
  "~": (left, right) =>
    left !== right && left.span.parentSpanId !== "" && left.span.parentSpanId === right.span.parentSpanId,
};
