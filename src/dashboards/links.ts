import type { Dashboard, SignalPanel } from "../core/dashboard.ts";
import { DATA_SOURCES, type DataSource, type ResolvedLink } from "./resolved.ts";
import { uidOf } from "./uid.ts";
import { seriesLabels } from "./series-labels.ts";

/** Where a click on one of a panel's series leads: the next dashboard, its logs, its traces. */
export function linksOf(panel: SignalPanel, { explore = {} }: Dashboard): readonly ResolvedLink[] {
  const labels = seriesLabels(panel.signals[0].expr.node);
  return [
    ...drillDown(panel),
    ...exploring("Logs", explore.logs, { source: "elasticsearch", labels }),
    ...exploring("Traces", explore.traces, { source: "tempo", labels }),
  ];
}

function drillDown({ drillDown: to }: SignalPanel): readonly ResolvedLink[] {
  if (to === undefined) return [];
  const chosen = Object.entries(to.variables).map(([name, label]) => `var-${name}=\${__field.labels.${label}}`);
  const query = [...chosen, "${__url_time_range}", "${datasource:queryparam}"].join("&");
  return [{ title: "More of this one", url: `/d/${uidOf(to.dashboard)}?${query}` }];
}

/**
 * A link into Explore, whose panes are JSON in the URL.
 * Source: https://grafana.com/docs/grafana/latest/explore/get-started-with-explore/#generate-explore-urls-from-external-tools
 */
function exploring(
  title: string,
  query: string | undefined,
  { source, labels }: { source: DataSource; labels: readonly string[] },
): readonly ResolvedLink[] {
  const named = Array.from(query?.matchAll(LABEL) ?? [], ([, label]) => label ?? "");
  if (query === undefined || !named.every((label) => labels.includes(label))) return [];
  const { variable, type } = DATA_SOURCES[source];
  const datasource = `\${${variable}}`;
  const filled = query.replace(LABEL, (_, label: string) => `\${__field.labels.${label}}`);
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
  const open = panes.replace(/%24%7B([\w.]+)%7D/g, "${$1}");
  return [{ title, url: `/explore?schemaVersion=1&panes=${open}` }];
}

const LABEL = /\{\{(\w+)\}\}/g;
