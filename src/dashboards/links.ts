import { dashboardUid, type Dashboard, type SignalPanel } from "../core/dashboard.ts";
import { DATA_SOURCES, type DataSource, type ResolvedLink } from "./resolved.ts";
import { seriesLabels } from "./series-labels.ts";

/** Where a click on one of a panel's series leads: the next dashboard, its logs, its traces. */
export function linksOf(panel: SignalPanel, { explore = {} }: Dashboard): readonly ResolvedLink[] {
  const labels = seriesLabels(panel.signals[0].expr.node);
  const valueOf = panel.view === "table" ? cellOf : labelOf;
  return [
    ...drillDown(panel, valueOf),
    ...exploring("Logs", explore.logs, { source: "elasticsearch", labels, valueOf }),
    ...exploring("Traces", explore.traces, { source: "tempo", labels, valueOf }),
  ];
}

/**
 * Grafana's placeholder for a label's value, wholly escaped for a URL: by itself it leaves `&` and `#` as they are.
 * Source: https://grafana.com/docs/grafana/latest/visualizations/panels-visualizations/configure-data-links/
 */
type PlaceholderFor = (label: string) => string;

const labelOf: PlaceholderFor = (label) => `\${__field.labels.${label}:percentencode}`;
/** A table has made its labels columns. */
const cellOf: PlaceholderFor = (label) => `\${__data.fields.${label}:percentencode}`;

function drillDown({ drillDown: to }: SignalPanel, valueOf: PlaceholderFor): readonly ResolvedLink[] {
  if (to === undefined) return [];
  const chosen = Object.entries(to.variables).map(([name, label]) => `var-${name}=${valueOf(label)}`);
  const query = [...chosen, "${__url_time_range}", "${datasource:queryparam}"].join("&");
  return [{ title: "More of this one", url: `/d/${dashboardUid(to.dashboard)}?${query}` }];
}

/**
 * A link into Explore, whose panes are JSON in the URL. Grafana can escape a value for a URL or for JSON but not for
 * both, so a value with a quote or a backslash in it opens an empty Explore.
 * Source:
 * https://grafana.com/docs/grafana/latest/explore/get-started-with-explore/#generate-explore-urls-from-external-tools
 */
function exploring(
  title: string,
  query: string | undefined,
  { source, labels, valueOf }: { source: DataSource; labels: readonly string[]; valueOf: PlaceholderFor },
): readonly ResolvedLink[] {
  const named = Array.from(query?.matchAll(LABEL) ?? [], ([, label]) => label ?? "");
  if (query === undefined || !named.every((label) => labels.includes(label))) return [];
  const { variable, type } = DATA_SOURCES[source];
  const datasource = `\${${variable}}`;
  const filled = query.replace(LABEL, (_, label: string) => valueOf(label));
  const asked =
    source === "tempo"
      ? { query: filled, queryType: "traceql" }
      : { query: filled, metrics: [{ id: "1", type: "logs" }] };
  const pane = {
    datasource,
    queries: [{ refId: "A", datasource: { type, uid: datasource }, ...asked }],
    range: { from: "${__from}", to: "${__to}" },
  };
  const panes = encodeURIComponent(JSON.stringify({ watchkeeper: pane }));
  // Grafana fills in what it finds as ${...}, and not its escaped form
  const open = panes.replace(/%24%7B([\w.]+)(?:%3A(\w+))?%7D/g, (_, name: string, format?: string) =>
    format === undefined ? `\${${name}}` : `\${${name}:${format}}`,
  );
  return [{ title, url: `/explore?schemaVersion=1&panes=${open}` }];
}

const LABEL = /\{\{(\w+)\}\}/g;
