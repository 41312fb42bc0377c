import type { Node } from "../core/promql-tree.ts";

const keys = new WeakMap<Node, string>();

/** Whether two expressions are the same; each one is written out only once, since every panel is compared with every alert. */
export const isSame = (a: Node, b: Node): boolean => a === b || (a.kind === b.kind && keyOf(a) === keyOf(b));

function keyOf(node: Node): string {
  const known = keys.get(node);
  if (known !== undefined) return known;
  const key = JSON.stringify(node);
  keys.set(node, key);
  return key;
}
