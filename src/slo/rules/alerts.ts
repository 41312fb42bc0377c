import { formatDuration, hours, milliseconds, minutes, type Duration } from "../../core/duration.ts";
import { SLO_ALERTS } from "../../core/slo-alerts.ts";
import { ALERT_LABEL, BUDGET_LEFT, COVERAGE, ERRORS, EVENTS, FAILURES, ID_LABEL, TOTAL } from "../conventions.ts";
import type { AlertSeverity, Slo, SloRule, Tier } from "../model.ts";
import { budgetTexts, burnTexts, noDataTexts, type AlertTexts } from "./alert-texts.ts";
import { slothAlertLabels } from "./compat-sloth.ts";
import { exact, literal, series, type RuleContext } from "./context.ts";
import { ratio } from "./records.ts";
import { leastOf, sumOver } from "./sums.ts";

/** Share of the window that must have been measured before an alert may tell of its budget: a young one swings. */
const LEAST_COVERAGE = 0.1;

const NO_DATA = { for: minutes(15), keepFiringFor: minutes(15) };
const BUDGET = { for: minutes(15), keepFiringFor: hours(1) };

/**
 * The page or the ticket, for any of its tiers; none when the SLO does not want it or its window is too short for any.
 */
export function burnAlerts(context: RuleContext, which: Tier["alert"]): SloRule[] {
  const { slo, compat } = context;
  const { enabled, labels, annotations } = slo.alerting[which];
  const tiers = context.tiers.filter(({ alert }) => alert === which);
  if (!enabled || tiers.length === 0) return [];
  const severity = which === "page" ? "critical" : "warning";
  const rule = alertRule(context, {
    name: slo.alerting.name,
    runbook: SLO_ALERTS.burn.name,
    kind: which,
    expr: tiers.map((tier) => condition(context, tier)).join(" or "),
    // one alert tells of all tiers: as soon as the quickest and as long as the slowest of them
    for: milliseconds(Math.min(...tiers.map((tier) => tier.for))),
    keepFiringFor: milliseconds(Math.max(...tiers.map(({ keepFiringFor }) => keepFiringFor))),
    labels: { severity, ...labels, ...(compat === "sloth" && slothAlertLabels(context, which)) },
    texts: burnTexts(context),
    annotations,
  });
  return [rule];
}

/** Both windows burn too fast, and enough has happened in the long one. The value is how many times too fast. */
function condition(context: RuleContext, { long, short, factor }: Tier): string {
  const burns = [long, short].map((window) => `${ratio(context, window)} / ${context.budget} > ${factor}`);
  // counts lack the labels that ratios have for sloth's sake
  const on = context.compat === "sloth" ? ` on (${[ID_LABEL, ...context.slo.groupBy].join(", ")})` : "";
  return `(${[burns.join(" and "), ...guards(context, long)].join(` and${on} `)})`;
}

function guards(context: RuleContext, long: Duration): string[] {
  const { sli, timeslices, minimum } = context.slo;
  if (sli.kind !== "events") return [];
  const [events, failures] = timeslices === undefined ? [TOTAL, ERRORS] : [EVENTS, FAILURES];
  const least = (metric: string, count: number): string =>
    `${sumOver(context, metric, long)} >= ${leastOf(context, metric, long, count)}`;
  return [
    ...(minimum.failures > 0 ? [least(failures, minimum.failures)] : []),
    // failures are events too
    ...(minimum.events > Math.max(minimum.failures, 1) ? [least(events, minimum.events)] : []),
  ];
}

/** Says that the SLO, or where that is wanted a group of it, is not measured any more. */
export function noDataAlerts(context: RuleContext): SloRule[] {
  const { slo } = context;
  const { noData } = slo.alerting;
  if (noData === undefined) return [];
  const expr = [`absent(${series(TOTAL, slo.id)})`, ...lostMembers(context), ...goneGroups(slo)].join(" or ");
  const texts = noDataTexts(context);
  const labels = { severity: noData.severity };
  const { name } = SLO_ALERTS.noData;
  return [alertRule(context, { name, runbook: name, kind: "no_data", expr, ...NO_DATA, labels, texts })];
}

/** Members that raise no such alert of their own: without them a composite counts the others alone. */
function lostMembers({ slo: { sli }, byId }: RuleContext): string[] {
  const members = sli.kind === "composite" ? sli.members.map(({ sloId }) => sloId) : [];
  const silent = members.filter((id) => byId.get(id)?.alerting.noData === undefined);
  return silent.length === 0 ? [] : [`on () max(${silent.map((id) => `absent(${series(TOTAL, id)})`).join(" or ")})`];
}

/**
 * Groups that were measured for a quarter of the last day and are gone, while others are not: then `absent` tells of
 * all.
 */
function goneGroups({ id, groupBy, alerting }: Slo): string[] {
  const total = series(TOTAL, id);
  return alerting.noData?.groups === true && groupBy.length > 0
    ? [`(count_over_time(${total}[1d:1h]) >= 6 unless ${total} and on (${ID_LABEL}) ${total})`]
    : [];
}

/** One for each threshold; each down to the next one only, so that one fires at a time. */
export function budgetAlerts(context: RuleContext): SloRule[] {
  const { slo } = context;
  const thresholds = slo.alerting.budgetLeft.toSorted((a, b) => b.below - a.below);
  return thresholds.map(({ below, severity }, i) => {
    const next = thresholds[i + 1]?.below;
    const left = `${series(BUDGET_LEFT, slo.id)} < ${below}${next === undefined ? "" : ` >= ${next}`}`;
    return budgetAlert(context, { left, severity, share: `${exact(below * 100)}%` });
  });
}

function budgetAlert(
  context: RuleContext,
  { left, severity, share }: { left: string; severity: AlertSeverity; share: string },
): SloRule {
  const { slo } = context;
  const { name } = SLO_ALERTS.low;
  return alertRule(context, {
    name,
    runbook: name,
    kind: "budget",
    expr: `${left} and ${series(COVERAGE, slo.id)} >= ${LEAST_COVERAGE}`,
    ...BUDGET,
    labels: { severity, slo_budget_below: share },
    texts: budgetTexts(context, share),
  });
}

interface AlertParts {
  readonly name: string;
  readonly runbook: string;
  readonly kind: "page" | "ticket" | "no_data" | "budget";
  readonly expr: string;
  readonly for: Duration;
  readonly keepFiringFor: Duration;
  readonly labels: Readonly<Record<string, string>>;
  readonly texts: AlertTexts;
  /** The owner's, which win; written as templates. */
  readonly annotations?: Readonly<Record<string, string>>;
}

function alertRule({ slo, owners, externalUrl }: RuleContext, of: AlertParts): SloRule {
  return {
    alert: of.name,
    expr: of.expr,
    ...(of.for > 0 && { for: formatDuration(of.for) }),
    ...(of.keepFiringFor > 0 && { keep_firing_for: formatDuration(of.keepFiringFor) }),
    labels: {
      ...owners,
      ...of.labels,
      [ID_LABEL]: slo.id,
      slo_service: literal(slo.service),
      slo_name: literal(slo.name),
      [ALERT_LABEL]: of.kind,
    },
    annotations: {
      summary: of.texts.summary,
      description: of.texts.description,
      runbook_url: `${externalUrl}/runbooks/${of.runbook}`,
      dashboard_url: `${externalUrl}/slos/${slo.id}`,
      ...of.annotations,
    },
  };
}
