import type { Alert, Severity } from "../../core/alert.ts";
import { printPromql } from "../../core/promql-print.ts";
import type { Level } from "../../core/signal.ts";
import { aggregated, alternatives, canonical, conditionsOf, readExpression, type Condition } from "./canonical.ts";
import { valueColumns, type ValueColumn } from "./columns.ts";
import type { CheckContext } from "./context.ts";
import type { Check, Fault } from "./fault.ts";
import { nameOf, shownPanels, sourceOf } from "./model.ts";

/**
 * Values have the colours that the alerts about them give, read from the text of the rules; what no alert judges has
 * those that its signal declares, or none.
 */
export const thresholds: Check = (dashboard, context) => {
  const rules = rulesOf(context);
  return shownPanels(dashboard)
    .filter((panel) => panel.targets.some((target) => sourceOf(target, panel).type === "prometheus"))
    .flatMap((panel) =>
      valueColumns(panel).flatMap((column): readonly Fault[] =>
        columnFaults(column, rules).map((message) => ({
          panel: nameOf(panel),
          message: `${message} (${column.title})`,
        })),
      ),
    );
};

/** An alert's rule as it is read. */
interface Rule {
  readonly alert: Alert<string>;
  readonly whole: string;
  readonly conditions: readonly Condition[];
}

interface Rules {
  readonly rules: readonly Rule[];
  /** Levels that signals declare, by their expression. */
  readonly declared: ReadonlyMap<string, readonly Level[]>;
}

const known = new WeakMap<CheckContext, Rules>();

function rulesOf(context: CheckContext): Rules {
  const before = known.get(context);
  if (before !== undefined) return before;
  const rules = context.alerts.flatMap((alert): readonly Rule[] => {
    const read = readExpression(printPromql(alert.when.node));
    if (read === undefined) return [];
    const conditions = conditionsOf(read.node, read.of).filter(
      ({ value }) => alert.threshold === undefined || alert.threshold.value === value,
    );
    return [{ alert, whole: canonical(read.node, read.of), conditions }];
  });
  const declared = context.signals.flatMap(({ expr, levels }): [string, readonly Level[]][] => {
    const read = levels === undefined ? undefined : readExpression(printPromql(expr.node, "$__rate_interval"));
    return levels === undefined || read === undefined ? [] : [[canonical(read.node, read.of), levels]];
  });
  const read = { rules, declared: new Map(declared) };
  known.set(context, read);
  return read;
}

/** One comparison by one alert. */
interface Judgement {
  readonly alert: string;
  readonly severity: Severity;
  readonly operator: string;
  readonly value: number;
}

type Read = NonNullable<ReturnType<typeof readExpression>>;

/** What alerts say of an expression; else of what it is the most, the least or the number of. */
function judgementsOf({ node, of }: Read, rules: readonly Rule[]): readonly Judgement[] {
  const text = canonical(node, of);
  const holding = (whole: string, value: number): readonly Judgement[] =>
    rules
      .filter((rule) => rule.whole === whole)
      .map(({ alert: { name, severity } }) => ({ alert: name, severity, operator: ">=", value }));
  const own = rules.flatMap(({ alert: { name, severity }, conditions }) =>
    conditions
      .filter(({ left }) => left === text)
      .map(({ operator, value }) => ({ alert: name, severity, operator, value })),
  );
  if (own.length > 0) return own;
  const held = holding(text, -Infinity);
  if (held.length > 0) return held;
  const aggregate = aggregated(node, of);
  if (aggregate === undefined) return [];
  const { operator, body } = aggregate;
  if (operator === "count") return alternatives(body, of).flatMap((each) => holding(canonical(each, of), 1));
  return operator === "max" || operator === "min" ? judgementsOf({ node: body, of }, rules) : [];
}

/** Grafana's dates are in milliseconds. */
const IN_MILLISECONDS = /^\((.*)\) \* 1000$/s;

function columnFaults(column: ValueColumn, rules: Rules): readonly string[] {
  const [, seconds] = IN_MILLISECONDS.exec(column.expr) ?? [];
  const scale = seconds === undefined ? 1 : 1_000;
  const read = readExpression(seconds ?? column.expr);
  if (read === undefined) return [];
  const judgements = judgementsOf(read, rules.rules);
  if (judgements.length > 0)
    return pointsOf(column, judgements).flatMap((at) => pointFaults(column, judgements, { at, scale }));
  const levels = rules.declared.get(canonical(read.node, read.of));
  const wanted = levels?.map(({ from, severity }) => `${from === null ? null : from * scale}: ${severity}`) ?? [];
  const shown = column.steps.map(({ value, color }) => `${value}: ${SEVERITIES[color] ?? "ok"}`);
  const judged = [...column.colors.values()].filter((color) => color in SEVERITIES);
  if (levels === undefined && shown.every((each) => each.endsWith(": ok")) && judged.length === 0) return [];
  return wanted.join() === shown.join() && judged.length === 0
    ? []
    : [`judges values though no alert does: ${[...shown, ...judged].join(", ")}`];
}

const EPSILON = 0.01;

/** Just beside each number that an alert compares with, and for what is counted the next ones. */
function pointsOf({ unit }: ValueColumn, judgements: readonly Judgement[]): readonly number[] {
  if (unit === "bool_yes_no") return [0, 1];
  const points = judgements.flatMap(({ operator, value }) => {
    if (value === -Infinity) return [0, 1];
    if (operator === "==" || operator === "!=") return [value - 1, value, value + 1];
    const beside = Math.max(EPSILON, Math.abs(value) * EPSILON);
    return [value - beside, value + beside];
  });
  return [...new Set(points)];
}

const COMPARE: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  "==": (left, right) => left === right,
  "!=": (left, right) => left !== right,
};

/** What a colour says to those who look at it. */
const SEVERITIES: Readonly<Record<string, Severity>> = { red: "critical", orange: "warning", blue: "info" };
const WORST_FIRST = ["critical", "warning", "info"] as const;

function pointFaults(
  column: ValueColumn,
  judgements: readonly Judgement[],
  { at, scale }: { readonly at: number; readonly scale: number },
): readonly string[] {
  const saying = judgements.filter(({ operator, value }) => COMPARE[operator]?.(at, value) === true);
  const wanted = WORST_FIRST.find((severity) => saying.some((each) => each.severity === severity)) ?? "ok";
  const shown = SEVERITIES[colorAt(column, at * scale)] ?? "ok";
  if (shown === wanted) return [];
  const names = [...new Set((saying.length > 0 ? saying : judgements).map(({ alert }) => alert))].join(", ");
  return [`shows ${at} as ${shown}, and by ${names} it is ${wanted}`];
}

const colorAt = ({ steps, colors }: ValueColumn, at: number): string =>
  colors.get(at) ?? steps.findLast(({ value }) => value === null || value <= at)?.color ?? "";
