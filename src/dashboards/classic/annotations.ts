import { AnnotationQueryBuilder, type AnnotationQuery } from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { printPromql } from "../../core/promql-print.ts";
import type { Matcher } from "../../core/promql-tree.ts";
import type { ResolvedDashboard, ResolvedVariable } from "../resolved.ts";
import { refTo } from "./targets.ts";

/** Grafana's own store of annotations. */
const GRAFANA = { type: "grafana", uid: "-- Grafana --" };

/** An annotation as it is written; the target's type depends on the data source. */
export type ClassicAnnotation = Omit<AnnotationQuery, "placement" | "target"> & { readonly target?: object };

/** What is drawn over the panels: alerts while they fire, deploys, drills. */
export const classicAnnotations = (dashboard: ResolvedDashboard): ClassicAnnotation[] => [
  withoutDefaults(own("Annotations & Alerts", "rgba(0, 211, 255, 1)").builtIn(1).hide(true).type("dashboard").build()),
  withoutDefaults(firing(dashboard)),
  tagged("Deploys", "blue", "deploy"),
  tagged("Drills", "purple", "drill"),
];

const own = (name: string, color: string): AnnotationQueryBuilder =>
  new AnnotationQueryBuilder().name(name).datasource(GRAFANA).enable(true).iconColor(color);

/** The target's type is that of Grafana's own data source, which the SDK has no builder for. */
const tagged = (name: string, color: string, tag: string): ClassicAnnotation => ({
  ...withoutDefaults(own(name, color).build()),
  target: { refId: "Anno", type: "tags", tags: [tag], matchAny: true, limit: 100 },
});

const firing = (dashboard: ResolvedDashboard): AnnotationQuery =>
  new AnnotationQueryBuilder()
    .name("Alerts")
    .datasource(refTo("prometheus"))
    .enable(true)
    .iconColor("red")
    .titleFormat("{{alertname}}")
    .textFormat("{{severity}} {{target}}")
    .tagKeys("severity,target")
    .target(new DataqueryBuilder().refId("Anno").expr(firingExpr(dashboard)).interval("60s").range())
    .build();

/**
 * Source: https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#inspecting-alerts-during-runtime
 */
function firingExpr({ alerts, variables }: ResolvedDashboard): string {
  const target = variables.find(({ name }) => name === "target");
  const matchers: Matcher[] = [
    { label: "alertstate", operator: "=", value: "firing" },
    ...(alerts.length === 0 ? [] : [{ label: "alertname", operator: "=~", value: alerts.join("|") } as const]),
    ...(target === undefined ? [] : [ofTarget(target)]),
  ];
  return printPromql({ kind: "selector", metric: "ALERTS", labels: [], matchers });
}

/** Also alerts of no target, such as those about Watchkeeper itself. */
const ofTarget = ({ name }: ResolvedVariable): Matcher => ({ label: name, operator: "=~", value: `$${name}|` });

/** `placement` would hide it in a menu, and the SDK knows no other value; only one is built in. */
function withoutDefaults(built: AnnotationQuery): ClassicAnnotation {
  const { placement: _, builtIn = 0, ...annotation } = built;
  return builtIn === 0 ? annotation : { builtIn, ...annotation };
}
