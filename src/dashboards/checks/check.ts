import { z } from "zod";
import type { CheckContext } from "./context.ts";
import type { Check, Fault } from "./fault.ts";
import { LINTER_RULES, type LinterRule } from "./linter-rules.ts";
import { dashboardJson } from "./model.ts";
import { OWN_CHECKS } from "./own-checks.ts";

/** One fault of a dashboard. */
export interface Finding {
  /** Name of the rule of dashboard-linter, or of the check of ours; `json` when it is no dashboard at all. */
  readonly check: string;
  /** Uid, or else title. */
  readonly dashboard: string;
  readonly panel?: string;
  readonly message: string;
}

const CHECKS: readonly (readonly [string, Check])[] = Object.entries<LinterRule>({
  ...LINTER_RULES,
  ...OWN_CHECKS,
}).flatMap(([name, { check }]) => (check === undefined ? [] : [[name, check] as const]));

/** Everything that is wrong with a classic dashboard, as it is handed to Grafana. */
export function checkDashboard(json: unknown, context: CheckContext): readonly Finding[] {
  const { data, error } = dashboardJson.safeParse(json);
  if (data === undefined)
    return [{ check: "json", dashboard: "?", message: `is no classic dashboard: ${z.prettifyError(error)}` }];
  const dashboard = data.uid ?? data.title;
  return CHECKS.flatMap(([check, faultsOf]) =>
    faultsOf(data, context).map((fault) => ({ check, dashboard, ...fault })),
  );
}

/** Everything that is wrong with dashboards that are handed over together. */
export const checkDashboards = (all: readonly unknown[], context: CheckContext): readonly Finding[] => [
  ...all.flatMap((json) => checkDashboard(json, context)),
  ...twice(all, "uid"),
  ...twice(all, "title"),
];

/** Grafana keeps only one of those that share a uid, or a title within a folder. */
function twice(all: readonly unknown[], field: "uid" | "title"): readonly Finding[] {
  const values = all.flatMap((json) => dashboardJson.safeParse(json).data?.[field] ?? []);
  const repeated = new Set(values.filter((value, i) => values.indexOf(value) !== i));
  return [...repeated].map((value) => ({
    check: "identity",
    dashboard: value,
    message: `shares its ${field} with another`,
  }));
}

/** A finding as one line. */
export const printFinding = ({ check, dashboard, panel, message }: Finding & Fault): string =>
  `${dashboard}${panel === undefined ? "" : `, panel "${panel}"`}: ${message} [${check}]`;
