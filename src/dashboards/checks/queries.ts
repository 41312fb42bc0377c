import type { Fault } from "./fault.ts";
import { nameOf, shownPanels, sourceOf, type DashboardJson, type PanelJson } from "./model.ts";
import { readPromql, selectorsOf, type ReadPromql, type SelectorText } from "./promql-text.ts";

/** A query in Prometheus' language, and where it stands. */
export interface PromqlQuery {
  /** Absent for annotations. */
  readonly panel?: PanelJson;
  readonly where: string;
  readonly expr: string;
}

/**
 * Every query of Prometheus that a dashboard asks, annotations included; those of variables are
 * {@link variableQueries}.
 */
export const promqlQueries = (dashboard: DashboardJson): readonly PromqlQuery[] => [
  ...shownPanels(dashboard).flatMap(queriesOf),
  ...dashboard.annotations.list.flatMap(({ name, target }) =>
    target?.expr === undefined ? [] : [{ where: `annotation ${name}`, expr: target.expr }],
  ),
];

function queriesOf(panel: PanelJson): readonly PromqlQuery[] {
  const name = nameOf(panel);
  const asked = panel.targets
    .filter((target) => sourceOf(target, panel).type === "prometheus")
    .map(({ refId = "?", expr = "" }) => ({ panel, where: `query ${refId}`, expr }));
  // matchers are written as a selector
  const filter = panel.options.alertInstanceLabelFilter ?? "";
  const services = panel.targets.flatMap(({ serviceMapQuery = "" }) => serviceMapQuery);
  const selectors = [filter, ...services].filter((each) => each !== "");
  return [...asked, ...selectors.map((expr) => ({ panel, where: `filter of "${name}"`, expr }))];
}

/** The selector within the query of a variable, and its label; undefined when it asks for nothing of the kind. */
export function labelValues(query: unknown): { readonly selector: string; readonly label: string } | undefined {
  const text = typeof query === "object" && query !== null && "query" in query ? query.query : query;
  const { selector, label } =
    /^label_values\(\s*(?<selector>.+)\s*,\s*(?<label>\w+)\s*\)$/.exec(String(text))?.groups ?? {};
  return selector === undefined || label === undefined ? undefined : { selector, label };
}

/** A query that parses. */
export interface ParsedQuery extends PromqlQuery {
  readonly read: ReadPromql;
  readonly selectors: readonly SelectorText[];
}

/** The queries of panels and annotations that parse; another check tells of the others. */
export const parsedQueries = (dashboard: DashboardJson): readonly ParsedQuery[] =>
  promqlQueries(dashboard).flatMap((query) => {
    const read = readPromql(query.expr);
    return typeof read === "string" ? [] : [{ ...query, read, selectors: selectorsOf(read) }];
  });

/** A fault of a query. */
export const faultIn = ({ panel, where }: PromqlQuery, message: string): Fault => ({
  ...(panel !== undefined && { panel: nameOf(panel) }),
  message: `${where} ${message}`,
});
