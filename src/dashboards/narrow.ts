import type { DashboardVariable } from "../core/dashboard.ts";
import { rateInterval } from "../core/promql.ts";
import type { Matcher, Node } from "../core/promql-tree.ts";

/**
 * The expression as a panel asks it: every selector whose metric carries the label of a variable is narrowed by it, and
 * a `rate` is over the window that Grafana chooses, so that it skips nothing however long the time that is looked at.
 */
export function narrow(node: Node, variables: readonly DashboardVariable[]): Node {
  switch (node.kind) {
    case "selector":
      return { ...node, matchers: [...node.matchers, ...chosen(node, variables)] };
    case "call": {
      const { name } = node;
      const args = byMadeLabel({ name, args: node.args.map((arg) => narrow(arg, variables)) }, variables);
      return { ...node, args: name === "rate" ? args.map(byInterval) : args };
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

/**
 * A label that `label_replace` makes of a part of another one is chosen by that part: `node` by `id=~"node/$node"`
 * where it is made by `node/(.*)`. Grafana escapes a single choice for no regular expression, so that one is taken as
 * it is.
 */
function byMadeLabel(
  { name, args }: Omit<Extract<Node, { kind: "call" }>, "kind">,
  variables: readonly DashboardVariable[],
): readonly Node[] {
  const [of, to, replacement, from, pattern] = args;
  if (name !== "label_replace" || of === undefined || from?.kind !== "text" || pattern?.kind !== "text") return args;
  const made = variables.find((variable) => to?.kind === "text" && variable.name === to.value);
  const group = replacement?.kind === "text" ? /^\$(\d)$/.exec(replacement.value)?.[1] : undefined;
  if (made === undefined || group === undefined) return args;
  const value = withGroup(pattern.value, Number(group), `$${made.name}`);
  const { operator } = value === `$${made.name}` ? matcherOf(made) : { operator: "=~" as const };
  return [matching(of, { label: from.value, operator, value }), ...args.slice(1)];
}

/** A regular expression without groups in groups, with something else in the place of its n-th one. */
function withGroup(pattern: string, n: number, text: string): string {
  let seen = 0;
  return pattern.replace(/\((?!\?)[^()]*\)/g, (group) => {
    seen += 1;
    return seen === n ? text : group;
  });
}

/** Every selector whose metric carries the matcher's label, narrowed by it besides what narrows it. */
function matching(node: Node, matcher: Matcher): Node {
  switch (node.kind) {
    case "selector":
      return node.labels.includes(matcher.label) ? { ...node, matchers: [...node.matchers, matcher] } : node;
    case "call":
      return { ...node, args: node.args.map((arg) => matching(arg, matcher)) };
    case "aggregate":
      return { ...node, of: matching(node.of, matcher) };
    case "binary":
      return { ...node, left: matching(node.left, matcher), right: matching(node.right, matcher) };
    default:
      return node;
  }
}

/** Several values become a regular expression; Grafana escapes them. */
export const matcherOf = ({ name, multiple = true }: DashboardVariable): Matcher => ({
  label: name,
  operator: multiple ? "=~" : "=",
  value: `$${name}`,
});

const byInterval = (arg: Node): Node =>
  arg.kind === "selector" && arg.range !== undefined ? { ...arg, range: rateInterval } : arg;
