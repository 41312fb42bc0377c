import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
  type VariableModel,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DATA_SOURCES, type DataSource, type ResolvedDashboard, type ResolvedVariable } from "../resolved.ts";
import { refTo } from "./targets.ts";

/** The choices at the top: data sources first, since the others ask them. */
export const classicVariables = ({ dataSources, variables }: ResolvedDashboard): object[] => [
  ...dataSources.map(dataSourceVariable),
  ...variables.map(queryVariable),
];

function dataSourceVariable(source: DataSource): object {
  const { type, variable, label } = DATA_SOURCES[source];
  const built = new DatasourceVariableBuilder(variable).label(label).type(type).hide(VariableHide.DontHide).regex("");
  // Grafana's own default is most often Prometheus; of the others it takes the first one
  if (source === "prometheus") built.current({ selected: true, text: "default", value: "default" });
  return withoutDefaults(built.build());
}

function queryVariable({ name, title, query, multiple }: ResolvedVariable): object {
  const built = new QueryVariableBuilder(name)
    .label(title)
    .datasource(refTo("prometheus"))
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    // oxlint-disable-next-line unicorn/no-array-sort -- no array: how Grafana sorts the choices
    .sort(VariableSort.NaturalAsc)
    .hide(VariableHide.DontHide)
    .regex("")
    .multi(multiple)
    .includeAll(multiple);
  if (multiple) built.allValue(".+").current({ selected: true, text: ["All"], value: ["$__all"] });
  return withoutDefaults(built.build());
}

/** The SDK writes into every variable what only intervals have. */
function withoutDefaults(built: VariableModel): object {
  const { auto: _, auto_min: __, auto_count: ___, ...variable } = built;
  return { ...variable, options: [] };
}
