import type { QueryNode } from "../promql/query-tree.ts";

/** The labels that the series of a query may have; `any` when they depend on what it selects. */
export type QueryLabels = ReadonlySet<string> | "any";

const NO_LABELS = new Set(["vector", "scalar", "time", "absent", "absent_over_time"]);

/** Tells from a query's text which labels its answer may still have. */
export function labelsOf(node: QueryNode): QueryLabels {
  switch (node.kind) {
    case "number":
    case "text":
      return new Set();
    case "selector":
    case "odd":
      return "any";
    case "subquery":
      return labelsOf(node.of);
    case "call":
      return ofCall(node);
    case "aggregate":
      return ofAggregate(node);
    case "binary":
      return ofBinary(node);
  }
}

function ofCall({ name, args }: Extract<QueryNode, { kind: "call" }>): QueryLabels {
  if (NO_LABELS.has(name)) return new Set();
  const vectors = args.filter(({ kind }) => kind !== "number" && kind !== "text");
  const inner = vectors.map(labelsOf).reduce<QueryLabels>(union, new Set());
  const [, target] = args;
  if (inner === "any" || target?.kind !== "text") return inner;
  return name === "label_replace" || name === "label_join" ? new Set([...inner, target.value]) : inner;
}

const KEEPING = new Set(["topk", "bottomk", "limitk", "limit_ratio"]);

function ofAggregate({
  operator,
  by,
  without,
  of,
  parameters,
}: Extract<QueryNode, { kind: "aggregate" }>): QueryLabels {
  const inner = labelsOf(of);
  if (KEEPING.has(operator)) return inner;
  const made = parameters.find(({ kind }) => kind === "text");
  const counted = operator === "count_values" && made?.kind === "text" ? [made.value] : [];
  if (by === undefined)
    return inner === "any" ? "any" : new Set([...inner].filter((label) => !without.includes(label)));
  return new Set([...by.filter((label) => inner === "any" || inner.has(label)), ...counted]);
}

function ofBinary({ operator, left, right, matching }: Extract<QueryNode, { kind: "binary" }>): QueryLabels {
  const [ofLeft, ofRight] = [labelsOf(left), labelsOf(right)];
  if (operator === "or") return union(ofLeft, ofRight);
  if (operator === "and" || operator === "unless") return ofLeft;
  if (left.kind === "number") return ofRight;
  if (right.kind === "number") return ofLeft;
  if (matching.many !== undefined) return union(matching.many === "left" ? ofLeft : ofRight, new Set(matching.include));
  if (matching.on !== undefined) return new Set(matching.on);
  if (ofLeft === "any") return ofRight;
  return ofRight === "any" ? ofLeft : new Set([...ofLeft].filter((label) => ofRight.has(label)));
}

const union = (left: QueryLabels, right: QueryLabels): QueryLabels =>
  left === "any" || right === "any" ? "any" : new Set([...left, ...right]);
