import type { DashboardVariable } from "../core/dashboard.ts";
import type { Matcher, Node } from "../core/promql-tree.ts";

/**
 * The expression as a panel asks it: every selector whose metric carries the label of a variable is narrowed by it, and a
 * `rate` is over the window that Grafana chooses, so that it skips nothing however long the time that is looked at.
 */
export function narrow(node: Node, variables: readonly DashboardVariable[]): Node {
  switch (node.kind) {
    case "selector":
      return { ...node, matchers: [...node.matchers, ...chosen(node, variables)] };
    case "call": {
      const args = node.args.map((arg) => narrow(arg, variables));
      return { ...node, args: node.name === "rate" ? args.map(byInterval) : args };
    }
    case "aggregate":
      return { ...node, of: narrow(node.of, variables) };
    case "binary":
      return { ...node, left: narrow(node.left, variables), right: narrow(node.right, variables) };
    default:
      return node;
  }
}

const chosen = (of: Extract<Node, { kind: "selector" }>, variables: readonly DashboardVariable[]): Matcher[] =>
  variables
    .filter(({ name }) => of.labels.includes(name) && !of.matchers.some(({ label }) => label === name))
    .map((variable) => matcherOf(variable));

/** Several values become a regular expression; Grafana escapes them. */
export const matcherOf = ({ name, multiple = true }: DashboardVariable): Matcher => ({
  label: name,
  operator: multiple ? "=~" : "=",
  value: `$${name}`,
});

const byInterval = (arg: Node): Node =>
  arg.kind === "selector" && arg.range !== undefined ? { ...arg, range: "rate_interval" } : arg;
