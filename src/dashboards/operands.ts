import type { Node } from "../core/promql-tree.ts";

/** The expressions that an expression is made of; none for a selector, a number or a text. */
export function operands(node: Node): readonly Node[] {
  if (node.kind === "call") return node.args;
  if (node.kind === "aggregate") return [node.of];
  return node.kind === "binary" ? [node.left, node.right] : [];
}
