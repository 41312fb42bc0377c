import { group, min, multiply, selectUntargeted as select, type Vector } from "./promql.ts";
import type { Level } from "./signal.ts";
import { sloMetrics } from "./slo-metrics.ts";

/** Below this share a budget is called low. */
export const LOW_BUDGET = 0.1;

/** The alerts of budgets are written from specifications, so that no alert of a pack says from where on one is bad. */
export const BUDGET_LEVELS: readonly Level[] = [
  { from: null, severity: "critical" },
  { from: 0, severity: "warning" },
  { from: LOW_BUDGET, severity: "ok" },
];

/** What is left of each objective's budget, that of its worst group where it has several. */
export const sloBudgetLeft = min(select(sloMetrics.budgetLeft), { by: ["slo_id"] });

/** One value for each objective, with what is known of it as labels. */
export const withSloInfo = (of: Vector<"slo_id">) =>
  multiply(of, group(select(sloMetrics.info), { by: ["slo_id", ...KNOWN] }), { on: ["slo_id"], groupLeft: KNOWN });

const KNOWN = ["slo_service", "slo_name", "slo_objective", "slo_window"] as const;
