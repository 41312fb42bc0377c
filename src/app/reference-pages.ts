import { alertText, printThreshold, type Threshold } from "../core/alert.ts";
import { alertingMetrics } from "../core/alerting-metrics.ts";
import { DELIVERY_REASONS, type DeliveryErrorClass } from "../core/delivery-errors.ts";
import { formatDuration, milliseconds } from "../core/duration.ts";
import { COLLECT_REASONS } from "../core/errors.ts";
import type { Metric } from "../core/metric.ts";
import type { Pack } from "../core/pack.ts";
import { printPromql } from "../core/promql-print.ts";
import { partMetrics } from "../core/self-metrics.ts";
import { WEBHOOK_STATUS } from "../core/webhook-receiver.ts";

const WRITTEN_BY = "<!-- Written by `watchkeeper generate docs`. -->";

const page = (title: string, ...blocks: readonly string[]): string =>
  `${[WRITTEN_BY, `# ${title}`, ...blocks].join("\n\n")}\n`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

const code = (text: string): string => `\`${text}\``;

/** The page of all metrics, by pack and part. */
export function renderMetricsPage(packs: readonly Pack[]): string {
  const withMetrics = packs.filter(
    ({ collector, selfMetrics }) => collector !== undefined || selfMetrics !== undefined,
  );
  const sections = withMetrics.flatMap(({ title, collector, selfMetrics = {} }) => [
    `## ${title}`,
    ...(collector?.parts ?? []).flatMap(({ id, title: part, every, metrics }) => [
      `### ${part}\n\nPart ${code(id)}, every ${formatDuration(every)}.`,
      metricTable(Object.values(metrics), ["target"]),
    ]),
    ...(Object.keys(selfMetrics).length === 0 ? [] : [metricTable(Object.values(selfMetrics), [])]),
  ]);
  return page("Metrics", "What could not be read is absent; it is never 0.", ...sections);
}

function metricTable(metrics: readonly Metric[], common: readonly string[]): string {
  const rows = metrics.map(({ name, kind, unit, labels, help }) => [
    code(name),
    kind,
    unit === "none" ? "" : unit,
    [...common, ...labels].map(code).join(", "),
    help,
  ]);
  return table(["metric", "kind", "unit", "labels", "meaning"], rows);
}

/** The page of all alerts with condition and runbook. */
export function renderAlertsPage(packs: readonly Pack[]): string {
  const withRules = packs.filter(({ alerts }) => alerts.length > 0);
  const sections = withRules.flatMap(({ id, title, alerts }) => [
    `## ${title}`,
    ...alerts.map((of) => {
      const runbook = `../../src/collectors/${id}/runbooks/${of.name}.md`;
      return [
        `### ${of.name}\n`,
        `${of.severity}, for ${formatDuration(of.for ?? milliseconds(0))}. ${of.description(alertText(of.threshold))} [Runbook](${runbook})\n`,
        ...(of.threshold === undefined ? [] : [`${thresholdLine(of.threshold)}\n`]),
        `\`\`\`promql\n${printPromql(of.when.node)}\n\`\`\``,
      ].join("\n");
    }),
  ]);
  return page("Alerts", ALERTS, ...sections);
}

const ALERTS = `Severity, times and threshold of an alert can be changed in the section ${code("rules")} of the configuration:
[Alert rules](../alert-rules.md).`;

function thresholdLine(threshold: Threshold): string {
  const unit = ["none", "seconds"].includes(threshold.unit) ? "" : ` (${threshold.unit})`;
  return `Threshold ${code(printThreshold(threshold))}${unit}: ${threshold.help}.`;
}

const CLASSES: Readonly<Record<DeliveryErrorClass, string>> = {
  retry: "tried again, later each time",
  rate_limit: "the whole destination waits",
  destination: "the whole destination waits, and is tried now and then",
  message: "tried once more in its plainest form, then a dead letter",
};

/** The page of the reasons why a collection, a delivery or a webhook fails. */
export function renderErrorsPage(): string {
  const listOf = (metric: string): string =>
    `The closed list of values of the label ${code("reason")} of ${code(metric)}.`;
  const collections = Object.entries(COLLECT_REASONS).map(([reason, { meaning, action }]) => [
    code(reason),
    meaning,
    action,
  ]);
  const deliveries = Object.entries(DELIVERY_REASONS).map(([reason, { class: kind, meaning, action }]) => [
    code(reason),
    meaning,
    CLASSES[kind],
    action,
  ]);
  const webhooks = Object.entries(WEBHOOK_STATUS).map(([reason, status]) => [code(reason), String(status)]);
  return page(
    "Reasons of failures",
    "## Collections",
    listOf(partMetrics.errors.name),
    table(["reason", "meaning", "what to try first"], collections),
    "## Deliveries",
    listOf(alertingMetrics.failures.name),
    table(["reason", "meaning", "what Watchkeeper does", "what to try first"], deliveries),
    "## Webhooks",
    listOf(alertingMetrics.rejected.name),
    table(["reason", "answered"], webhooks),
  );
}
