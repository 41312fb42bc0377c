import type { Node } from "../core/promql-tree.ts";

/** The labels that the series of an expression carry, in the order in which its metrics declare them. */
export function seriesLabels(node: Node): readonly string[] {
  switch (node.kind) {
    case "selector":
      return node.labels.filter((name) => !isOneValue(node, name));
    case "aggregate":
      return node.by;
    case "call":
      return ofCall(node);
    case "binary":
      return ofBinary(node);
    default:
      return [];
  }
}

const isOneValue = ({ matchers }: Extract<Node, { kind: "selector" }>, name: string): boolean =>
  matchers.some(({ label, operator }) => label === name && operator === "=");

function ofCall({ name, args }: Extract<Node, { kind: "call" }>): readonly string[] {
  if (name === "absent") return [];
  const vectors = args.filter(({ kind }) => kind !== "number" && kind !== "text");
  const labels = vectors.flatMap(seriesLabels);
  if (name === "histogram_quantile") return labels.filter((label) => label !== "le");
  const [, made] = args;
  return name === "label_replace" && made?.kind === "text" ? unique([...labels, made.value]) : labels;
}

function ofBinary({ operator, left, right, matching }: Extract<Node, { kind: "binary" }>): readonly string[] {
  const [ofLeft, ofRight] = [seriesLabels(left), seriesLabels(right)];
  if (operator === "or") return unique([...ofLeft, ...ofRight]);
  if (operator === "and" || operator === "unless" || isNumber(right)) return ofLeft;
  if (isNumber(left)) return ofRight;
  if (matching === undefined) return ofLeft;
  const { on, group } = matching;
  if (group === undefined) return on;
  return unique([...(group.side === "left" ? ofLeft : ofRight), ...group.include]);
}

const isNumber = (node: Node): boolean => node.kind === "number" || (node.kind === "call" && node.name === "time");

const unique = (labels: readonly string[]): readonly string[] => [...new Set(labels)];
