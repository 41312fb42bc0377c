import type { Report } from "./report.ts";

/**
 * A report as JSON text: what is not known is null, times are Unix seconds, lengths are seconds. The same report gives
 * the same text.
 */
export function reportJson(report: Report): string {
  const rows = report.rows.map(({ slo, status, budget, incidents, excluded, gaps, course }) => ({
    slo: slo.id,
    service: slo.service,
    name: slo.name,
    description: slo.description,
    objective: slo.objective,
    group: budget.group,
    status,
    good: budget.ratio === undefined ? null : 1 - budget.ratio,
    events: budget.events,
    errors: budget.errors,
    budgetRemaining: budget.left ?? null,
    coverage: budget.coverage,
    badSeconds: budget.badTime / 1_000,
    incidents: incidents.map(({ badTime, ...incident }) => ({ ...incident, badSeconds: badTime / 1_000 })),
    excluded: excluded.map(({ from, to, reason }) => ({ from, to, reason })),
    gaps,
    course: course.map(({ at, left, burn, coverage }) => ({
      at,
      left: left ?? null,
      burn: burn ?? null,
      coverage: coverage ?? null,
    })),
  }));
  const { bounds, title, timeZone } = report.period;
  const { from, to, end } = bounds;
  return `${JSON.stringify({ title, timeZone, from, to, end, at: report.at, counts: report.counts, objectives: rows }, undefined, 2)}\n`;
}
