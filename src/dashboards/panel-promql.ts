import type { DashboardVariable } from "../core/dashboard.ts";
import { printPromql } from "../core/promql-print.ts";
import type { Node } from "../core/promql-tree.ts";
import { narrow } from "./narrow.ts";

/** An expression as a panel asks it, in PromQL; a `$` stands for a variable only where {@link narrow} put it. */
export const panelPromql = (node: Node, variables: readonly DashboardVariable[]): string =>
  escapeMarked(printPromql(narrow(marked(node), variables), "$__rate_interval"));

/** What Grafana would take for a variable: `$name`, `${name}` and `[[name]]`. A `$1` of `label_replace` is none. */
const TAKEN_FOR_VARIABLE = /\$(?=\{|\w*[a-zA-Z_])|\[(?=\[)/g;
/** Of Unicode's private use, which no label has; the lowest byte is the character that is marked. */
const MARK = 0xe000;
const MARKS = /[\ue000-\ue07f]/g;

const mark = (text: string): string =>
  text.replace(TAKEN_FOR_VARIABLE, (char) => String.fromCharCode(MARK + char.charCodeAt(0)));

/** Grafana knows no escape for its variables, but PromQL has one for any character, such as `\x24`. */
const escapeMarked = (promql: string): string =>
  promql.replace(MARKS, (char) => `\\x${(char.charCodeAt(0) - MARK).toString(16)}`);

function marked(node: Node): Node {
  switch (node.kind) {
    case "text":
      return { ...node, value: mark(node.value) };
    case "selector":
      return { ...node, matchers: node.matchers.map((matcher) => ({ ...matcher, value: mark(matcher.value) })) };
    case "call":
      return { ...node, args: node.args.map(marked) };
    case "aggregate":
      return { ...node, of: marked(node.of) };
    case "binary":
      return { ...node, left: marked(node.left), right: marked(node.right) };
    default:
      return node;
  }
}
