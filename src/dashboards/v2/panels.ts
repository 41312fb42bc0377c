import type {
  FieldConfigSource,
  PanelKind,
  QueryGroupKind,
  TransformationKind,
  VizConfigKind,
} from "@grafana/grafana-foundation-sdk/dashboardv2";
import { classicPanel, type ClassicPanel } from "../classic/panels.ts";
import type { ResolvedPanel } from "../resolved.ts";
import { panelQuery } from "./queries.ts";

/** A panel of a v2 dashboard: what the classic one shows, ordered anew, so that the two can not differ. */
export function v2Panel(of: ResolvedPanel): PanelKind {
  const panel = classicPanel(of);
  const { id, title, description } = of;
  return {
    kind: "Panel",
    spec: { id, title, description, links: [], data: queriesOf(panel), vizConfig: visualizationOf(panel) },
  };
}

const queriesOf = ({ targets = [], transformations = [], interval }: ClassicPanel): QueryGroupKind => ({
  kind: "QueryGroup",
  spec: {
    queries: targets.map(panelQuery),
    transformations: transformations.map(({ id, options }): TransformationKind => ({
      kind: "Transformation",
      group: id,
      spec: { options },
    })),
    queryOptions: interval === undefined ? {} : { interval },
  },
});

const visualizationOf = ({ type, options = {}, fieldConfig }: ClassicPanel): VizConfigKind => ({
  kind: "VizConfig",
  group: type,
  // of the panel's plugin; Grafana takes its own when there is none
  version: "",
  spec: { options, fieldConfig: fieldsOf(fieldConfig) },
});

/** Both kinds write the same, but the SDK gives each enums of its own. */
const fieldsOf = (fields: object = { defaults: {}, overrides: [] }): FieldConfigSource => fields as FieldConfigSource;
