import type { Node } from "../../src/core/promql-tree.ts";

/** The labels that every series of an expression has, from those of the metrics that it selects. */
export function labelsOf(node: Node, ofMetric: (name: string) => readonly string[]): readonly string[] {
  const labels: Labels = (one) => labelsOf(one, ofMetric);
  switch (node.kind) {
    case "selector":
      return ofMetric(node.metric);
    case "aggregate":
      return node.by;
    case "call":
      return ofCall(node, labels);
    case "binary":
      return ofBinary(node, labels);
    default:
      return [];
  }
}

type Labels = (node: Node) => readonly string[];

function ofCall({ name, args }: Node & { kind: "call" }, labels: Labels): readonly string[] {
  if (name === "absent") return [];
  const [made] = args.flatMap((one) => (one.kind === "text" ? one.value : []));
  return [...args.flatMap(labels), ...(name === "label_replace" && made !== undefined ? [made] : [])];
}

/** Source: https://prometheus.io/docs/prometheus/latest/querying/operators/#vector-matching */
function ofBinary({ operator, left, right, matching }: Node & { kind: "binary" }, labels: Labels): readonly string[] {
  if (operator === "and" || operator === "unless") return labels(left);
  if (operator === "or") return labels(left).filter((label) => labels(right).includes(label));
  if (isScalar(left)) return labels(right);
  if (isScalar(right) || matching === undefined) return labels(left);
  const { on, group } = matching;
  return group === undefined ? on : [...labels(group.side === "left" ? left : right), ...group.include];
}

const isScalar = (node: Node): boolean =>
  node.kind === "number" ||
  (node.kind === "call" && node.name === "time") ||
  (node.kind === "binary" && isScalar(node.left) && isScalar(node.right));
