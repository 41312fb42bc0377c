import type { Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import type { DataSourceRef } from "@grafana/grafana-foundation-sdk/common";
import type { DataQueryKind, PanelQueryKind } from "@grafana/grafana-foundation-sdk/dashboardv2";

/** A query of a data source; what chooses the source, a variable or a uid, stands where v2 wants a name. */
export const dataQuery = ({ type = "", uid = "" }: DataSourceRef, spec: object): DataQueryKind => ({
  kind: "DataQuery",
  group: type,
  version: "v0",
  datasource: { name: uid },
  spec,
});

/** A query as classic dashboards have it, with what stands around it in v2. */
type ClassicTarget = Dataquery & { readonly refId?: string; readonly datasource?: DataSourceRef };

/** A query of a panel, as classic dashboards have it. */
export function panelQuery(target: ClassicTarget): PanelQueryKind {
  const { refId = "A", datasource = {}, _implementsDataqueryVariant: _, ...spec } = target;
  return { kind: "PanelQuery", spec: { query: dataQuery(datasource, spec), refId, hidden: false } };
}
