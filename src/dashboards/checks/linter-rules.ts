import type { Check } from "./fault.ts";
import { panelDatasource, panelTargets, panelTexts, panelUnits } from "./linter-panels.ts";
import { counters, promql, rateInterval } from "./linter-queries.ts";
import { datasourceVariable, reload, uneditable, variablePromql } from "./linter-dashboard.ts";

/** A rule of dashboard-linter: kept, or not fit for these dashboards for a reason. */
export interface LinterRule {
  /** What it wants, in our words; where ours differs, how. */
  readonly wants: string;
  readonly check?: Check;
  /** Why it has no check, and what stands in its place. */
  readonly argued?: string;
}

const TARGETS =
  "`job` and `instance` are those of Watchkeeper, one for all systems; a system is told by `target`. Instead `narrowed` wants every query of a metric with the label of a variable to be narrowed by it";
const NO_LOKI = "no dashboard asks Loki; `data-sources` refuses a data source that is not of ours";

/**
 * All 17 rules, by the linter's names.
 * Source: https://github.com/grafana/dashboard-linter/tree/main/docs
 */
export const LINTER_RULES = {
  "template-datasource-rule": {
    wants:
      "a variable for each data source, named `datasource` or `<type>_datasource`, with a label. The linter wants the label to be the type; ours say what is in it, such as Logs, and Prometheus stays `datasource` also beside others, so that a link may hand it on",
    check: datasourceVariable,
  },
  "template-job-rule": { wants: "a variable `job` over all jobs", argued: TARGETS },
  "template-instance-rule": { wants: "a variable `instance` over all instances", argued: TARGETS },
  "template-label-promql-rule": {
    wants: "`label_values` of a selector that parses, with the data source's variable; several values with All as `.+`",
    check: variablePromql,
  },
  "template-on-time-change-reload-rule": {
    wants: "variables are asked anew when the time range changes",
    check: reload,
  },
  "panel-datasource-rule": { wants: "panels ask the data source of a variable", check: panelDatasource },
  "panel-title-description-rule": {
    wants: "title and description; the linter wants them of four kinds of panels, we of all",
    check: panelTexts,
  },
  "panel-units-rule": {
    wants: "a unit that Grafana knows; in tables, of each column of values, where the linter looks at one",
    check: panelUnits,
  },
  "panel-no-targets-rule": { wants: "something to ask for", check: panelTargets },
  "target-promql-rule": { wants: "PromQL that parses, also in annotations and filters", check: promql },
  "target-logql-rule": { wants: "LogQL that parses", argued: NO_LOKI },
  "target-logql-auto-rule": { wants: "ranges of LogQL are `$__auto`", argued: NO_LOKI },
  "target-rate-interval-rule": {
    wants: "`rate` and `irate` are over `$__rate_interval`",
    check: rateInterval,
  },
  "target-job-rule": { wants: "selectors are narrowed by `job`", argued: TARGETS },
  "target-instance-rule": { wants: "selectors are narrowed by `instance`", argued: TARGETS },
  "target-counter-agg-rule": {
    wants: "counters only within `rate`, `irate` or `increase`; also those of histograms",
    check: counters,
  },
  "uneditable-dashboard": { wants: "dashboards are read-only, since they are generated", check: uneditable },
} as const satisfies Readonly<Record<string, LinterRule>>;
