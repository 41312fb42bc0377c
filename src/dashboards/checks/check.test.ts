import { describe, expect, it } from "vitest";
import { classicDashboard } from "../classic/dashboard.ts";
import { labContext, labDashboard } from "../__fixtures__/lab.ts";
import { resolveAll } from "../all.ts";
import { cleanContext, cleanDashboard } from "./__fixtures__/clean.ts";
import { checkDashboard, checkDashboards, printFinding } from "./check.ts";
import { LINTER_RULES } from "./linter-rules.ts";
import { OWN_CHECKS } from "./own-checks.ts";

type CheckName = keyof typeof LINTER_RULES | keyof typeof OWN_CHECKS;

/** Breaks a dashboard: sets values by their paths, such as `panels.1.title`; undefined takes one away. */
function broken(changes: Readonly<Record<string, unknown>>): object {
  const dashboard = cleanDashboard();
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    // oxlint-disable-next-line unicorn/no-array-reduce -- a path is walked
    const holder = keys.reduce<unknown>((of, key) => Reflect.get(Object(of), key), dashboard);
    if (value === undefined) Reflect.deleteProperty(Object(holder), last);
    else Reflect.set(Object(holder), last, value);
  }
  return dashboard;
}

const [USED, DISKS, HIDDEN] = ["panels.1", "panels.2", "panels.3.panels"];
const expr = (of: string) => ({ [`${USED}.targets.0.expr`]: of });
const logs = (of: string) => ({ [`${HIDDEN}.1.targets.0.query`]: of });
const traces = (of: string) => ({ [`${HIDDEN}.2.targets.0.query`]: of });
const link = (of: string) => ({ [`${USED}.fieldConfig.defaults.links.0.url`]: of });
const steps = (...of: readonly (readonly [number | null, string])[]) => ({
  [`${USED}.fieldConfig.defaults.thresholds.steps`]: of.map(([value, color]) => ({ value, color })),
});

const FAULTS: readonly (readonly [CheckName, string, Readonly<Record<string, unknown>>])[] = [
  ["template-datasource-rule", "no variable", { "templating.list": [] }],
  ["template-datasource-rule", "named otherwise", { "templating.list.1.name": "logs" }],
  ["template-datasource-rule", "no label", { "templating.list.0.label": "" }],
  ["template-label-promql-rule", "parse", { "templating.list.3.query": "label_values(lab_up{, node)" }],
  ["template-label-promql-rule", "no label_values", { "templating.list.3.query": "up" }],
  ["template-label-promql-rule", "another data source", { "templating.list.3.datasource.uid": "abc" }],
  ["template-label-promql-rule", "several without All", { "templating.list.3.includeAll": false }],
  ["template-label-promql-rule", "All otherwise", { "templating.list.3.allValue": ".*" }],
  ["template-on-time-change-reload-rule", "only once", { "templating.list.3.refresh": 1 }],
  ["panel-datasource-rule", "a uid", { [`${USED}.datasource.uid`]: "abc" }],
  ["panel-datasource-rule", "a query's uid", { [`${USED}.targets.0.datasource.uid`]: "${node}" }],
  [
    "panel-datasource-rule",
    "the default",
    { [`${USED}.datasource`]: undefined, [`${USED}.targets.0.datasource`]: undefined },
  ],
  ["panel-title-description-rule", "no title", { [`${USED}.title`]: "" }],
  ["panel-title-description-rule", "no description", { [`${HIDDEN}.3.description`]: undefined }],
  ["panel-units-rule", "none", { [`${USED}.fieldConfig.defaults.unit`]: undefined }],
  ["panel-units-rule", "unknown", { [`${USED}.fieldConfig.defaults.unit`]: "byte" }],
  ["panel-units-rule", "of one column", { [`${DISKS}.fieldConfig.overrides.1.properties`]: [] }],
  ["panel-no-targets-rule", "none", { [`${USED}.targets`]: [] }],
  ["target-promql-rule", "open", expr('lab_used_ratio{node=~"$node"')],
  ["target-promql-rule", "empty", expr("")],
  ["target-promql-rule", "annotation", { "annotations.list.0.target.expr": "ALERTS{" }],
  ["target-promql-rule", "matchers", { [`${HIDDEN}.3.options.alertInstanceLabelFilter`]: '{node="$node}' }],
  ["target-rate-interval-rule", "fixed", expr('rate(lab_reads_total{node=~"$node"}[5m])')],
  ["target-rate-interval-rule", "by the interval", expr('irate(lab_reads_total{node=~"$node"}[$__interval])')],
  ["target-counter-agg-rule", "plain", expr('sum(lab_reads_total{node=~"$node"})')],
  ["target-counter-agg-rule", "over time", expr('max_over_time(lab_reads_total{node=~"$node"}[1h])')],
  ["target-counter-agg-rule", "of a histogram", expr("sum by (le) (lab_latency_seconds_bucket)")],
  ["target-counter-agg-rule", "count of a histogram", expr("lab_latency_seconds_count")],
  ["uneditable-dashboard", "can be edited", { editable: true }],
  ["uneditable-dashboard", "by default", { editable: undefined }],
  ["identity", "no uid", { uid: undefined }],
  ["identity", "long uid", { uid: "x".repeat(41) }],
  ["identity", "no title", { title: " " }],
  ["layout", "no place", { [`${USED}.gridPos`]: undefined }],
  ["layout", "over the edge", { [`${DISKS}.gridPos.w`]: 13 }],
  ["layout", "over another", { [`${DISKS}.gridPos.x`]: 11 }],
  ["layout", "over another in a closed row", { [`${HIDDEN}.1.gridPos.x`]: 5 }],
  ["layout", "no height", { [`${USED}.gridPos.h`]: 0 }],
  ["ids", "none", { [`${USED}.id`]: undefined }],
  ["ids", "zero", { "panels.0.id": 0 }],
  ["ids", "twice", { [`${HIDDEN}.0.id`]: 2 }],
  ["panel-types", "of Angular", { [`${USED}.type`]: "graph" }],
  ["panel-types", "none", { [`${USED}.type`]: undefined }],
  ["panel-types", "unknown", { [`${HIDDEN}.0.type`]: "statetimeline" }],
  ["data-sources", "Loki", { [`${HIDDEN}.1.targets.0.datasource.type`]: "loki" }],
  ["variables", "$x", expr('lab_used_ratio{node=~"$nodes"}')],
  ["variables", "${x}", expr('lab_used_ratio{node=~"${nodes}"}')],
  ["variables", "${x:format}", expr('lab_used_ratio{node=~"${nodes:regex}"}')],
  ["variables", "[[x]]", expr('lab_used_ratio{node=~"[[nodes]]"}')],
  ["variables", "[[x:format]]", expr('lab_used_ratio{node=~"[[nodes:csv]]"}')],
  ["variables", "of Grafana, which it has not", expr('rate(lab_reads_total{node=~"$node"}[$__rate_intervall])')],
  ["variables", "of values, in a query", expr('lab_used_ratio{node=~"${__field.labels.node}"}')],
  ["variables", "in the title of a row", { "panels.3.title": "Details of $nodes" }],
  ["variables", "in a title", { [`${USED}.title`]: "Of $nodes" }],
  ["variables", "in a link", link("/d/lab?var-node=${nodes:queryparam}")],
  ["variables", "in another variable", { "templating.list.4.query": 'label_values(lab_up{node="$nodes"}, service)' }],
  ["several-values", "=", expr('lab_used_ratio{node="$node"}')],
  ["several-values", "quotes of Lucene", logs('host.name:"$node"')],
  ["several-values", "= of TraceQL", traces('{ span.x = "$node" }')],
  ["narrowed", "by no variable", expr("lab_used_ratio")],
  ["declared-metrics", "unknown", expr('lab_gone{node=~"$node"}')],
  ["declared-metrics", "of a variable", { "templating.list.4.query": "label_values(lab_gone, service)" }],
  ["links", "no such dashboard", link("/d/gone")],
  ["links", "with a name behind", link("/d/gone/gone?var-node=x")],
  ["links", "no such variable", link("/d/lab?from=now&var-disk=x")],
  ["links", "a choice of a variable that is not there", link("/d/lab?${service:queryparam}")],
  ["links", "elsewhere", link("d/lab")],
  ["links", "no such runbook", { [`${USED}.description`]: "[A](https://watch.test/runbooks/LabGone)" }],
  ["elasticsearch", "a type that the SDK writes", { [`${HIDDEN}.1.targets.0.metrics.0.type`]: "unknown" }],
  ["elasticsearch", "no metrics", { [`${HIDDEN}.1.targets.0.metrics`]: [] }],
  ["elasticsearch", "counts for a list of lines", { [`${HIDDEN}.1.targets.0.metrics.0.type`]: "count" }],
  ["elasticsearch", "buckets", { [`${HIDDEN}.1.targets.0.bucketAggs`]: [{ type: "unknown" }] }],
  ["elasticsearch", "an open parenthesis", logs("(message:a OR message:b")],
  ["elasticsearch", "a closed one", logs("message:a)")],
  ["elasticsearch", "an open quote", logs('message:"a')],
  ["elasticsearch", "a dangling operator", logs("message:a AND")],
  ["elasticsearch", "a leading operator", logs("message:(OR a)")],
  ["elasticsearch", "a field without value", logs("message: AND log.level:error")],
  ["elasticsearch", "two fields at once", logs("message:log.level:error")],
  ["elasticsearch", "an unknown field", logs("loglevel:error")],
  ["elasticsearch", "empty", logs("")],
  ["elasticsearch", "in a link", { [`${USED}.fieldConfig.defaults.links.1.url`]: "/explore?panes=%7B" }],
  ["traceql", "open", traces("{ status = error ")],
  ["traceql", "closed", traces("{ status = error }}")],
  ["traceql", "an open text", traces('{ resource.service.name = "$service }')],
  ["traceql", "no comparison", traces("{ status error }")],
  ["traceql", "no braces", traces("status = error")],
  ["traceql", "a comparison of nothing", traces("{ status = error && }")],
  ["traceql", "empty", traces("")],
  ["traceql", "another language", { [`${HIDDEN}.2.targets.0.queryType`]: "unknown" }],
  ["thresholds", "none", steps([null, "text"])],
  ["thresholds", "another number", steps([null, "green"], [0.85, "orange"], [0.95, "red"])],
  ["thresholds", "another severity", steps([null, "green"], [0.8, "red"])],
  ["thresholds", "one too many", steps([null, "green"], [0.5, "blue"], [0.8, "orange"], [0.95, "red"])],
  ["thresholds", "the wrong side", steps([null, "red"], [0.8, "green"])],
  [
    "thresholds",
    "the most of several",
    { [`${DISKS}.fieldConfig.overrides.0.properties`]: [{ id: "unit", value: "percentunit" }] },
  ],
  [
    "thresholds",
    "where no alert judges",
    {
      [`${DISKS}.fieldConfig.overrides.1.properties.1`]: {
        id: "thresholds",
        value: { steps: [{ value: null, color: "red" }] },
      },
    },
  ],
  ["thresholds", "a boolean", { [`${HIDDEN}.0.fieldConfig.defaults.mappings.0.options.0.color`]: "green" }],
  ["thresholds", "declared, and not shown", expr('rate(lab_reads_total{node=~"$node"}[$__rate_interval])')],
];

describe("a dashboard", () => {
  it("passes when it is clean", () => {
    expect(checkDashboard(cleanDashboard(), cleanContext).map(printFinding)).toEqual([]);
  });

  it.each(FAULTS)("is found to break %s: %s", (check, _, changes) => {
    expect(checkDashboard(broken(changes), cleanContext).map((finding) => finding.check)).toContain(check);
  });

  it("is named with its panel", () => {
    const [finding] = checkDashboard(broken({ [`${USED}.id`]: 3 }), cleanContext);
    expect(finding && printFinding(finding)).toBe('lab, panel "Disks": has the id 3, which "Space in use" has [ids]');
  });

  it.each([null, 5, { panels: 3 }, { title: "x", panels: [{ type: 4 }] }])("is none: %j", (json) => {
    expect(checkDashboard(json, cleanContext)).toMatchObject([{ check: "json" }]);
  });

  it("shares neither uid nor title with another", () => {
    const messages = checkDashboards([cleanDashboard(), cleanDashboard()], cleanContext).map(({ message }) => message);
    expect(messages).toEqual(["shares its uid with another", "shares its title with another"]);
  });
});

describe("every check", () => {
  const checks = Object.entries({ ...LINTER_RULES, ...OWN_CHECKS }).filter(([, rule]) => "check" in rule);
  it.each(checks.map(([name]) => name))("has a broken dashboard: %s", (name) => {
    expect(FAULTS.some(([check]) => check === name)).toBe(true);
  });

  it("is there for all 17 rules of the linter, or a reason is", () => {
    const rules = Object.values(LINTER_RULES);
    expect(rules).toHaveLength(17);
    expect(rules.filter((rule) => "check" in rule === "argued" in rule)).toEqual([]);
  });
});

describe("a built dashboard", () => {
  const [built] = resolveAll([labDashboard], labContext).map(classicDashboard);
  const uid = "watchkeeper-lab";
  const signals = cleanContext.signals.filter(({ levels }) => levels === undefined);
  const context = { ...cleanContext, signals, dashboards: new Map([[uid, ["datasource", "target", "node", "disk"]]]) };

  it("has the thresholds of its alerts, places and numbers", () => {
    const found = checkDashboard(built, { ...context, runbooks: new Set(["LabFilling", "LabFull", "LabDown"]) });
    const wanted = new Set([
      "thresholds",
      "layout",
      "ids",
      "panel-types",
      "target-promql-rule",
      "links",
      "panel-units-rule",
    ]);
    expect(found.filter(({ check }) => wanted.has(check)).map(printFinding)).toEqual([]);
  });

  it("is told of an alert that compares with another number", () => {
    const moved = labContext.alerts.filter(({ name }) => name !== "LabFilling");
    const found = checkDashboard(built, { ...context, alerts: moved });
    expect(found.filter(({ check }) => check === "thresholds").length).toBeGreaterThan(0);
  });
});
