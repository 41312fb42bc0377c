import type { Check, Fault } from "./fault.ts";
import type { DashboardJson } from "./model.ts";
import { readPromql } from "./promql-text.ts";
import { labelValues } from "./queries.ts";

type Variable = DashboardJson["templating"]["list"][number];

const ofType = ({ templating }: DashboardJson, type: string): readonly Variable[] =>
  templating.list.filter((each) => each.type === type);

/** `template-datasource-rule`. */
export const datasourceVariable: Check = (dashboard) => {
  const sources = ofType(dashboard, "datasource");
  if (sources.length === 0) return [{ message: "has no variable for its data source" }];
  return sources.flatMap(({ name, label = "", query }): readonly Fault[] => [
    ...(name === `${String(query)}_datasource` || (name === "datasource" && query === "prometheus")
      ? []
      : [{ message: `the variable ${name} of data sources is to be named ${String(query)}_datasource` }]),
    ...(label === "" ? [{ message: `the variable ${name} has no label` }] : []),
  ]);
};

/** `template-label-promql-rule`. */
export const variablePromql: Check = (dashboard) =>
  ofType(dashboard, "query").flatMap((variable) =>
    faultsOf(variable).map((message) => ({ message: `the variable ${variable.name} ${message}` })),
  );

function faultsOf({ query, datasource, multi = false, includeAll = false, allValue }: Variable): readonly string[] {
  const values = labelValues(query);
  const read =
    values === undefined
      ? `asks no label_values(selector, label): ${JSON.stringify(query)}`
      : readPromql(values.selector);
  return [
    ...(typeof read === "string" ? [read] : []),
    ...(datasource?.uid === "${datasource}" ? [] : ["does not ask ${datasource}"]),
    ...(multi === includeAll ? [] : ["has several values without All, or All without several values"]),
    ...(includeAll && allValue !== ".+" ? ["has All not as .+"] : []),
  ];
}

/** Grafana's number for "when the time range changes". */
const ON_TIME_RANGE = 2;

/** `template-on-time-change-reload-rule`. */
export const reload: Check = (dashboard) =>
  ofType(dashboard, "query")
    .filter(({ refresh }) => refresh !== ON_TIME_RANGE)
    .map(({ name }) => ({ message: `the variable ${name} is not asked anew when the time range changes` }));

/** `uneditable-dashboard`. */
export const uneditable: Check = ({ editable }) =>
  editable ? [{ message: "can be edited, though it is generated" }] : [];
