import { z } from "zod";
import type { Check, Fault } from "./fault.ts";
import { nameOf, shownPanels, sourceOf, type PanelJson, type TargetJson } from "./model.ts";
import { luceneFaults } from "./lucene.ts";
import { traceqlFaults } from "./traceql.ts";
import { textsIn } from "./variables-in-text.ts";

/** Source: https://github.com/grafana/grafana-elasticsearch-datasource, types of metrics and of buckets. */
const METRICS: ReadonlySet<string> = new Set(
  "avg cardinality count extended_stats logs max min percentiles rate raw_data raw_document sum top_metrics".split(" "),
);
const BUCKETS: ReadonlySet<string> = new Set([
  "date_histogram",
  "filters",
  "geohash_grid",
  "histogram",
  "nested",
  "terms",
]);

const eachTarget =
  (type: string, faultsOf: (target: TargetJson, panel: PanelJson) => readonly string[]): Check =>
  (dashboard) =>
    shownPanels(dashboard).flatMap((panel): readonly Fault[] =>
      panel.targets
        .filter((target) => sourceOf(target, panel).type === type)
        .flatMap((target) => faultsOf(target, panel).map((message) => ({ panel: nameOf(panel), message }))),
    );

/** Queries of Elasticsearch parse, ask for fields of logs, and want something that the data source knows. */
const ofPanels = eachTarget("elasticsearch", ({ query = "", metrics = [], bucketAggs = [] }, { type: view }) => [
  ...luceneFaults(query),
  ...(metrics.length === 0 ? ["asks Elasticsearch for no metric"] : []),
  ...unknown("metric", METRICS, metrics),
  ...unknown("bucket", BUCKETS, bucketAggs),
  ...(view === "logs" && metrics.every(({ type }) => type !== "logs") ? ["shows logs, and does not ask for them"] : []),
]);

const unknown = (
  what: string,
  known: ReadonlySet<string>,
  of: readonly { readonly type?: string | undefined }[],
): readonly string[] =>
  of.flatMap(({ type = "none" }) =>
    known.has(type) ? [] : [`asks Elasticsearch for a ${what} of the type "${type}", which Grafana refuses`],
  );

/** Those of panels, and of links into Explore. */
export const elasticsearch: Check = (dashboard, context) => [
  ...ofPanels(dashboard, context),
  ...inLinks(dashboard, "elasticsearch", luceneFaults),
];

/** Queries of Tempo have their braces and texts closed, and compare something. */
export const traceql: Check = (dashboard, context) => [
  ...eachTarget("tempo", ({ query = "", queryType = "" }) => {
    if (queryType === "serviceMap") return [];
    return queryType === "traceql" ? traceqlFaults(query) : [`asks Tempo in the way "${queryType}", not by traceql`];
  })(dashboard, context),
  ...inLinks(dashboard, "tempo", traceqlFaults),
];

const panes = z.record(
  z.string(),
  z.object({
    queries: z.array(z.looseObject({ query: z.string().default(""), datasource: z.looseObject({ type: z.string() }) })),
  }),
);

/** Source: https://grafana.com/docs/grafana/latest/explore/get-started-with-explore/ */
function inLinks(
  dashboard: Parameters<Check>[0],
  type: string,
  faultsOf: (query: string) => readonly string[],
): readonly Fault[] {
  return shownPanels(dashboard).flatMap((panel) => {
    const urls = [...textsIn(panel)].filter(({ key, text }) => key === "url" && text.startsWith("/explore?"));
    const faults = urls.flatMap(({ text }) => {
      const read = panes.safeParse(paneOf(text));
      if (!read.success) return ["has a link whose panes of Explore can not be read"];
      const asked = Object.values(read.data).flatMap(({ queries }) => queries);
      return asked.filter(({ datasource }) => datasource.type === type).flatMap(({ query }) => faultsOf(query));
    });
    return [...new Set(faults)].map((message) => ({ panel: nameOf(panel), message: `links to Explore: ${message}` }));
  });
}

function paneOf(url: string): unknown {
  try {
    return JSON.parse(new URL(url, "http://grafana.test").searchParams.get("panes") ?? "");
  } catch {
    return undefined;
  }
}
