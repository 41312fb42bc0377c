import { days, hours, inSeconds, minutes } from "../../core/duration.ts";
import {
  ascending,
  count,
  countWhere,
  divide,
  greater,
  group,
  less,
  atMost,
  max,
  min,
  multiply,
  or,
  selectUntargeted as select,
  sum,
  unless,
  type Vector,
} from "../../core/promql.ts";
import { alertsMetric } from "../../core/scrape-metrics.ts";
import { signal, type Level } from "../../core/signal.ts";
import { sloErrorRatio, sloMetrics } from "../../core/slo-metrics.ts";
import { BUDGET_LEVELS, LOW_BUDGET, sloBudgetLeft, withSloInfo } from "../../core/slo-queries.ts";

const by = ["slo_id"] as const;

const BURN: readonly Level[] = [
  { from: null, severity: "ok" },
  { from: 1, severity: "info" },
];
const anyIs = (severity: "critical" | "warning"): readonly Level[] => [
  { from: null, severity: "ok" },
  { from: 1, severity },
];

/** The ratios that the dashboards ask for; the usual windows of alerts. */
export const sloRatios = {
  fiveMinutes: sloErrorRatio(minutes(5)),
  hour: sloErrorRatio(hours(1)),
  sixHours: sloErrorRatio(hours(6)),
  threeDays: sloErrorRatio(days(3)),
};

const known = group(select(sloMetrics.info), { by });
const allowed = max(select(sloMetrics.budget), { by });
const failing = (window: keyof typeof sloRatios) => max(select(sloRatios[window]), { by });
const burning = (window: keyof typeof sloRatios) => divide(failing(window), allowed);

const ofBurn = (over: string, expr: Vector<"slo_id">) =>
  signal({
    title: `Burn rate over ${over}`,
    help: "At 1 the budget is just used up at the end of the window; worry when the short and the long windows are far above it.",
    unit: "none",
    expr,
    levels: BURN,
  });

const burn = {
  now: ofBurn("5 minutes", max(select(sloMetrics.currentBurn), { by })),
  hour: ofBurn("1 hour", burning("hour")),
  sixHours: ofBurn("6 hours", burning("sixHours")),
  threeDays: ofBurn("3 days", burning("threeDays")),
  window: ofBurn("the window", max(select(sloMetrics.periodBurn), { by })),
};

/** Of all objectives together. */
export const allSlosSignals = {
  exhausted: signal({
    title: "Budgets used up",
    help: "Objectives that are missed by now: what could fail should wait.",
    unit: "none",
    expr: countWhere(sloBudgetLeft, (of) => atMost(of, 0)),
    levels: anyIs("critical"),
  }),
  low: signal({
    title: "Budgets below 10%",
    help: "Those that are used up included: the next failures miss these objectives.",
    unit: "none",
    expr: countWhere(sloBudgetLeft, (of) => less(of, LOW_BUDGET)),
    levels: anyIs("warning"),
  }),
  burningFast: signal({
    title: "Burning too fast",
    help: "Objectives that would be missed if it went on as in the last hour.",
    unit: "none",
    expr: countWhere(burning("hour"), (of) => greater(of, 1)),
    levels: anyIs("warning"),
  }),
  unmeasured: signal({
    title: "Not measured",
    help: "Objectives whose events give nothing now: nobody is paged for them.",
    unit: "none",
    expr: countWhere(known, (of) => unless(of, group(select(sloMetrics.total), { by }))),
    levels: anyIs("warning"),
  }),
  alerts: signal({
    title: "Alerts of objectives",
    help: "Those that fire now: pages, tickets, lack of data, low budgets.",
    unit: "none",
    expr: or(count(select(alertsMetric, { alertstate: "firing", slo_id: ["!=", ""] })), multiply(count(known), 0)),
    levels: anyIs("warning"),
  }),
  count: signal({
    title: "Objectives",
    help: "Objectives whose rules are evaluated; one that is missing has no rules in Prometheus.",
    unit: "none",
    expr: count(known),
  }),
  budgets: signal({
    title: "Budget left",
    help: "The worst objective first, each by its worst group; below 0 it is missed.",
    unit: "ratio",
    expr: ascending(withSloInfo(sloBudgetLeft)),
    levels: BUDGET_LEVELS,
  }),
  burns: signal({ ...burn.now, title: "Burn now", expr: withSloInfo(burn.now.expr) }),
  windowBurns: signal({ ...burn.window, title: "Burn over the window", expr: withSloInfo(burn.window.expr) }),
  coverages: signal({
    title: "Measured",
    help: "Share of the window that was measured; while it is small, what is left of the budget swings.",
    unit: "ratio",
    expr: withSloInfo(min(select(sloMetrics.coverage), { by })),
  }),
  lowBudgets: signal({
    title: "Budgets below 25%",
    help: "How the budgets that run low got there; a step is an incident, a slope something that fails all the time.",
    unit: "ratio",
    expr: less(sloBudgetLeft, 0.25),
    levels: BUDGET_LEVELS,
  }),
  fastBurns: signal({
    title: "Burning faster than allowed",
    help: "Burn rates over an hour that are above 1; 14.4 uses up a budget of 30 days in two days.",
    unit: "none",
    expr: greater(burning("hour"), 1),
    levels: BURN,
  }),
};

/** Of one objective; the worst of its groups where it has several. */
export const sloSignals = {
  budgetLeft: signal({
    title: "Budget left",
    help: "Of the window's budget; below 0 the objective is missed.",
    unit: "ratio",
    expr: sloBudgetLeft,
    levels: BUDGET_LEVELS,
  }),
  burnNow: burn.now,
  burnHour: burn.hour,
  burnSixHours: burn.sixHours,
  burnThreeDays: burn.threeDays,
  burnWindow: burn.window,
  objective: signal({
    title: "Objective",
    help: "Share of the events that must be good.",
    unit: "ratio",
    expr: max(select(sloMetrics.objective), { by }),
  }),
  window: signal({
    title: "Window",
    help: "Over how long the budget counts; of a calendar's month, the usual length.",
    unit: "seconds",
    expr: multiply(max(select(sloMetrics.periodDays), { by }), inSeconds(days(1))),
  }),
  coverage: signal({
    title: "Measured",
    help: "Share of the window that was measured; while it is small, what is left of the budget swings.",
    unit: "ratio",
    expr: min(select(sloMetrics.coverage), { by }),
  }),
  failingNow: signal({
    title: "Failed over 5 minutes",
    help: "Share of the events that failed; worry when it stays above what is allowed.",
    unit: "ratio",
    expr: failing("fiveMinutes"),
  }),
  failingHour: signal({
    title: "Failed over 1 hour",
    help: "Share of the events that failed; worry when it stays above what is allowed.",
    unit: "ratio",
    expr: failing("hour"),
  }),
  allowed: signal({
    title: "Allowed",
    help: "Share of the events that may fail: 1 less the objective.",
    unit: "ratio",
    expr: allowed,
  }),
  events: signal({
    title: "Events in 5 minutes",
    help: "All that counts for the objective; without any nothing is told, and no alert fires.",
    unit: "none",
    expr: sum(or(select(sloMetrics.events), select(sloMetrics.total)), { by }),
  }),
  failures: signal({
    title: "Failures in 5 minutes",
    help: "Events that the objective calls bad; each takes its part of the budget.",
    unit: "none",
    expr: sum(or(select(sloMetrics.failures), select(sloMetrics.errors)), { by }),
  }),
  groupBudgets: signal({
    title: "Budget left, by group",
    help: "Each group of the objective, such as a route, by its own; one series where it is not grouped.",
    unit: "ratio",
    expr: select(sloMetrics.budgetLeft),
    levels: BUDGET_LEVELS,
  }),
  groupBurns: signal({
    title: "Burn rate over 5 minutes, by group",
    help: "Which group burns its budget now.",
    unit: "none",
    expr: select(sloMetrics.currentBurn),
    levels: BURN,
  }),
  described: signal({
    title: "What is known of it",
    help: "The service, name, objective and window of the specification.",
    unit: "boolean",
    expr: select(sloMetrics.info),
  }),
};
