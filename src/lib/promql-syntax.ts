import type { SyntaxNode } from "@lezer/common";

/**
 * Texts in any of PromQL's quotes, for `replace`. Source: https://prometheus.io/docs/prometheus/latest/querying/basics/
 */
export const QUOTED = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`/g;

/** {@link QUOTED}, and comments, which begin with `#`. */
export const QUOTED_OR_COMMENT = new RegExp(`${QUOTED.source}|#[^\\n]*`, "g");

/** A node's children, first to last; none of null. */
export function childrenOf(of: SyntaxNode | null): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = of?.firstChild ?? null; child !== null; child = child.nextSibling) found.push(child);
  return found;
}
