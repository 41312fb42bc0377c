import { DataqueryBuilder, PromQueryFormat, QueryEditorMode } from "@grafana/grafana-foundation-sdk/prometheus";
import { DataqueryBuilder as LogsQuery } from "@grafana/grafana-foundation-sdk/elasticsearch";
import { SearchTableType, DataqueryBuilder as TempoQuery } from "@grafana/grafana-foundation-sdk/tempo";
import type { Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import type { DataSourceRef } from "@grafana/grafana-foundation-sdk/common";
import {
  DATA_SOURCES,
  type DataSource,
  type ResolvedQuery,
  type ResolvedSearch,
  type ResolvedSignals,
} from "../resolved.ts";

/** A data source by the variable that chooses it. */
export const refTo = (source: DataSource): DataSourceRef => {
  const { type, variable } = DATA_SOURCES[source];
  return { type, uid: `\${${variable}}` };
};

/** A signal's query. */
export function targetOf(query: ResolvedQuery, { view, isInstant, exemplars }: ResolvedSignals): Dataquery {
  const target = new DataqueryBuilder()
    .datasource(refTo("prometheus"))
    .refId(query.refId)
    .editorMode(QueryEditorMode.Code)
    .expr(query.expr)
    .legendFormat(query.legend)
    .format(view === "table" ? PromQueryFormat.Table : PromQueryFormat.TimeSeries);
  if (exemplars) target.exemplar(true);
  return (isInstant === true ? target.instant() : target.range()).build();
}

/** The query of log lines, of traces, or of the map of services. */
export function searchTarget({ kind, query }: ResolvedSearch): Dataquery {
  if (kind === "logs") return logsTarget(query);
  const target = new TempoQuery().datasource(refTo("tempo")).refId("A");
  return kind === "service-map"
    ? target.queryType("serviceMap").serviceMapQuery(query).build()
    : target.queryType("traceql").query(query).limit(20).tableType(SearchTableType.Traces).build();
}

const logsTarget = (query: string): Dataquery =>
  new LogsQuery()
    .datasource(refTo("elasticsearch"))
    .refId("A")
    .query(query)
    // the SDK's builder of metrics writes the type `unknown`, which Grafana refuses
    .metrics([{ build: () => ({ id: "1", type: "logs", settings: { limit: "500" } }) }])
    .bucketAggs([])
    .build();
