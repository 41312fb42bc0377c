import { shapeReader } from "../../lib/documents/shape-reader.ts";
import type { YamlPath } from "../../lib/yaml-places.ts";
import type { AlertSeverity, SloAlert, SloAlerting, SloReading } from "../model.ts";
import { minimumFor } from "./defaults.ts";
import { Findings } from "./findings.ts";
import { groupingOf, pyrraIndicator } from "./pyrra-indicator.ts";
import { pyrraSchema, type PyrraObjective } from "./pyrra-schema.ts";
import { eachAlone, type At, type SloFormat } from "./reader.ts";
import { resourceId, resourceLabels } from "./resource-names.ts";

/** Pyrra's resource: `apiVersion: pyrra.dev/v1alpha1`. */
export const pyrraFormat: SloFormat = {
  name: "pyrra.dev/v1alpha1",
  claims: ({ apiVersion }) => typeof apiVersion === "string" && apiVersion.startsWith("pyrra.dev/"),
  read: eachAlone(readPyrra),
};

const readShape = shapeReader(pyrraSchema);

/**
 * Reads one objective. Its id is `<namespace>-<name>`, and its service the label `pyrra.dev/service`, else the
 * namespace. The burn rate table is the engine's, since a specification of Pyrra has no word for it.
 */
function readPyrra(document: unknown, at: At, file: string): SloReading {
  const findings = new Findings(at, file, "pyrra");
  const shape = readShape(document, []);
  if ("faults" in shape) {
    findings.shape(shape.faults);
    return { slos: [], findings: findings.list };
  }
  const { metadata, spec } = shape.data;
  const { name } = metadata;
  const namespace = metadata.namespace || undefined;
  const labels = resourceLabels(propagated(metadata.labels), ["metadata", "labels"], findings);
  const id = resourceId(namespace === undefined ? [name] : [namespace, name], ["metadata", "name"], findings);
  refuseRest(spec, findings);
  const alerting = alertingOf(shape.data, findings);
  const read = pyrraIndicator(spec.indicator, findings);
  if (id === undefined || read === undefined || findings.hasErrors) return { slos: [], findings: findings.list };
  const slo = {
    id,
    service: labels["service"] ?? namespace ?? name,
    name,
    description: spec.description ?? "",
    labels,
    objective: spec.target,
    window: { kind: "rolling", length: spec.window },
    sli: read.sli,
    groupBy: groupingOf(spec.indicator),
    timeslices: undefined,
    minimum: minimumFor(read.countsEvents),
    alerting,
    source: findings.source([]),
  } as const;
  return { slos: [slo], findings: findings.list };
}

const PREFIX = "pyrra.dev/";

/** Labels and annotations that go on to what Pyrra writes, without their prefix; the others are Kubernetes'. */
const propagated = (written: Readonly<Record<string, string>> | null | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(written ?? {}).flatMap(([key, value]) =>
      key.startsWith(PREFIX) ? [[key.slice(PREFIX.length), value]] : [],
    ),
  );

type Spec = PyrraObjective["spec"];

/** What is not about the objective but about how Pyrra works or where it puts its rules. */
function refuseRest(spec: Spec, findings: Findings): void {
  const { ruleOutput, indicator } = spec;
  if (spec.performanceOverAccuracy === true)
    findings.warning(
      "no-effect",
      ["spec", "performanceOverAccuracy"],
      "is not needed: budgets are sums of 5 minutes here, which are as cheap and exact",
    );
  if (indicator.latency?.unit != null)
    findings.warning("no-effect", ["spec", "indicator", "latency", "unit"], "is for Pyrra's pages only");
  if (spec.partial_response_strategy === "warn")
    findings.error(
      "unsupported",
      ["spec", "partial_response_strategy"],
      "is for Thanos' ruler, and is not written: take it out, and set the strategy where the rules are loaded",
    );
  for (const key of ["shortRulesLabels", "longRulesLabels"] as const)
    if (Object.keys(ruleOutput?.[key] ?? {}).length > 0)
      findings.error(
        "unsupported",
        ["spec", "ruleOutput", key],
        "labels a PrometheusRule of its own for each interval, and rules are not divided so here: take it out",
      );
  if (ruleOutput?.enableDescriptionAsLabel === true)
    findings.error(
      "unsupported",
      ["spec", "ruleOutput", "enableDescriptionAsLabel"],
      "puts the description on every series, whose identity then changes with each word: take it out",
    );
}

const ALERTING: YamlPath = ["spec", "alerting"];
const SEVERITIES: ReadonlySet<string> = new Set<AlertSeverity>(["critical", "warning", "info"]);
const isSeverity = (text: string): text is AlertSeverity => SEVERITIES.has(text);

/** Pyrra's four burn rate alerts are one page and one ticket here; names and severities stay those that Pyrra gives. */
function alertingOf({ metadata, spec }: PyrraObjective, findings: Findings): SloAlerting {
  const { disabled, burnrates, absent, name, absentName, severities } = spec.alerting ?? {};
  const annotations = resourceLabels(propagated(metadata.annotations), ["metadata", "annotations"], findings);
  const alert = (which: readonly (keyof NonNullable<typeof severities>)[]): SloAlert => {
    const [severity, other] = which.map((key) => severities?.[key] || undefined);
    if (severity !== other)
      findings.error(
        "unsupported",
        [...ALERTING, "severities"],
        `has two severities for ${which.join(" and ")}, which are one alert here: give both the same`,
      );
    const enabled = disabled !== true && burnrates !== false;
    return { enabled, labels: severity === undefined ? {} : { severity }, annotations };
  };
  if (absentName)
    findings.error(
      "unsupported",
      [...ALERTING, "absentName"],
      "can not be chosen, since one alert tells of all SLOs without data: take it out, and route it by its label slo_id",
    );
  const noData = severities?.absent || "critical";
  if (!isSeverity(noData))
    findings.error("unsupported", [...ALERTING, "severities", "absent"], "must be one of critical, warning, info");
  return {
    name: name || "ErrorBudgetBurn",
    page: alert(["fastBurn", "mediumBurn"]),
    ticket: alert(["slowBurn", "longTermBurn"]),
    noData: disabled === true || absent === false || !isSeverity(noData) ? undefined : { severity: noData },
    budgetLeft: [],
    tiers: undefined,
  };
}
