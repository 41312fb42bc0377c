import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
  type VariableKind,
} from "@grafana/grafana-foundation-sdk/dashboardv2";
import { refTo } from "../classic/targets.ts";
import { DATA_SOURCES, type DataSource, type ResolvedDashboard, type ResolvedVariable } from "../resolved.ts";
import { dataQuery } from "./queries.ts";

/** The choices at the top: data sources first, since the others ask them. */
export const v2Variables = ({ dataSources, variables }: ResolvedDashboard): VariableKind[] => [
  ...dataSources.map(dataSourceVariable),
  ...variables.map(queryVariable),
];

function dataSourceVariable(source: DataSource): VariableKind {
  const { type, variable, label } = DATA_SOURCES[source];
  const built = new DatasourceVariableBuilder(variable).label(label).pluginId(type);
  // Grafana's own default is most often Prometheus; of the others it takes the first one
  return source === "prometheus" ? built.current({ text: "default", value: "default" }).build() : built.build();
}

/**
 * Source of the key: Grafana's own conversion of queries that are a text, `apps/dashboard/pkg/migration/conversion`.
 */
const TEXT_QUERY = "__legacyStringValue";

function queryVariable({ name, title, query, multiple }: ResolvedVariable): VariableKind {
  const built = new QueryVariableBuilder(name)
    .label(title)
    .query({ build: () => dataQuery(refTo("prometheus"), { [TEXT_QUERY]: query }) })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    // oxlint-disable-next-line unicorn/no-array-sort -- no array: how Grafana sorts the choices
    .sort(VariableSort.NaturalAsc)
    .multi(multiple)
    .includeAll(multiple);
  if (multiple) built.allValue(".+").current({ text: ["All"], value: ["$__all"] });
  return built.build();
}
