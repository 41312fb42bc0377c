import { formatDuration, type Duration } from "./duration.ts";
import { BINARY_OPERATOR_LEVELS, type Matcher, type Matching, type Node, type Window } from "./promql-tree.ts";

/** What stands for the window that Grafana chooses: its own variable in a panel, a fixed duration in a rule. */
export type RateIntervalText = "$__rate_interval" | Duration;

/**
 * Prints an expression as PromQL with no more parentheses than it needs. `rateInterval` takes the place of windows
 * that are left to Grafana; without it such an expression throws, because a rule can not have one.
 */
export function printPromql(node: Node, rateInterval?: RateIntervalText): string {
  const window = (of: Window): string => {
    const chosen = of === "rate_interval" ? rateInterval : of;
    if (chosen === undefined) throw new Error("a rule's expression needs a fixed window");
    return typeof chosen === "string" ? chosen : formatDuration(chosen);
  };
  const print = (of: Node): string => {
    switch (of.kind) {
      case "number":
        return printNumber(of.value);
      case "text":
        return quote(of.value);
      case "selector": {
        const range = of.range === undefined ? "" : `[${window(of.range)}]`;
        const offset = of.offset === undefined ? "" : ` offset ${formatDuration(of.offset)}`;
        return `${of.metric}${printMatchers(of.matchers)}${range}${offset}`;
      }
      case "call":
        return `${of.name}(${of.args.map(print).join(", ")})`;
      case "aggregate": {
        const by = of.by.length === 0 ? "" : ` by (${of.by.join(", ")})`;
        return `${of.operator}${by}${by === "" ? "" : " "}(${print(of.of)})`;
      }
      case "binary": {
        const side = (child: Node, isRight: boolean) =>
          needsParentheses(of, child, isRight) ? `(${print(child)})` : print(child);
        return `${side(of.left, false)} ${of.operator}${printMatching(of.matching)} ${side(of.right, true)}`;
      }
    }
  };
  return print(node);
}

const level = (operator: string): number =>
  BINARY_OPERATOR_LEVELS.findIndex((operators) => (operators as readonly string[]).includes(operator));

/**
 * `^` binds to the right, all others to the left; a negative number is a sign before a number, as weak as `*`; and the
 * an offset gets parentheses always, because editors' grammar lets it take in the whole operation, as many readers do.
 */
function needsParentheses(parent: Node & { kind: "binary" }, child: Node, isRight: boolean): boolean {
  const own = level(parent.operator);
  if (child.kind === "number") return !isRight && own === 0 && (child.value < 0 || Object.is(child.value, -0));
  if (child.kind === "selector") return child.offset !== undefined;
  if (child.kind !== "binary") return false;
  const inner = level(child.operator);
  if (inner !== own) return inner > own;
  return isRight !== (own === 0);
}

function printNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Inf" : "-Inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

function printMatchers(matchers: readonly Matcher[]): string {
  if (matchers.length === 0) return "";
  return `{${matchers.map(({ label, operator, value }) => `${label}${operator}${quote(value)}`).join(", ")}}`;
}

function printMatching(matching: Matching | undefined): string {
  if (matching === undefined) return "";
  const { on, group } = matching;
  return ` on (${on.join(", ")})${group === undefined ? "" : ` group_${group.side} (${group.include.join(", ")})`}`;
}

/**
 * PromQL strings follow Go's escaping: https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals
 */
function quote(text: string): string {
  const named: Record<string, string> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  const escaped = text.replace(
    // eslint-disable-next-line no-control-regex
    /[\\"\u0000-\u001f\u007f]/g,
    (char) => named[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${escaped}"`;
}
