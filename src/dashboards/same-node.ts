import type { Node } from "../core/promql-tree.ts";
import { operands } from "./operands.ts";

const keys = new WeakMap<Node, string>();
const parts = new WeakMap<Node, ReadonlySet<string>>();

/**
 * Whether two expressions are the same; each one is written out only once, since every panel is compared with every
 * alert.
 */
export const isSame = (a: Node, b: Node): boolean => a === b || (a.kind === b.kind && keyOf(a) === keyOf(b));

/** Whether an expression stands in another one, or is the same. */
export const contains = (node: Node, wanted: Node): boolean => partsOf(node).has(keyOf(wanted));

function partsOf(node: Node): ReadonlySet<string> {
  const known = parts.get(node);
  if (known !== undefined) return known;
  const all = new Set([keyOf(node), ...operands(node).flatMap((each) => [...partsOf(each)])]);
  parts.set(node, all);
  return all;
}

function keyOf(node: Node): string {
  const known = keys.get(node);
  if (known !== undefined) return known;
  const key = JSON.stringify(node);
  keys.set(node, key);
  return key;
}
