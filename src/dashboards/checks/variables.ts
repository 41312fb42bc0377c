import type { Check, Fault } from "./fault.ts";
import { variableNames } from "./context.ts";
import { nameOf, shownPanels, sourceOf, type DashboardJson } from "./model.ts";
import { labelValues, parsedQueries, faultIn } from "./queries.ts";
import { GLOBAL_VARIABLES, LINK_VARIABLES, textsIn, variablesIn } from "./variables-in-text.ts";

/** Every variable that is asked for is there; those of links on values are in links only. */
export const knownVariables: Check = (dashboard) => {
  const own = new Set([...variableNames(dashboard), ...GLOBAL_VARIABLES]);
  const { panels: _, ...rest } = dashboard;
  return [
    ...unknownIn(rest, own).map((message) => ({ message })),
    ...shownPanels(dashboard).flatMap((panel): readonly Fault[] =>
      unknownIn(panel, own).map((message) => ({ panel: nameOf(panel), message })),
    ),
    ...dashboard.panels
      .filter(({ type }) => type === "row")
      .flatMap(({ title = "" }) => unknownIn({ title }, own).map((message) => ({ panel: title, message }))),
  ];
};

function unknownIn(value: unknown, own: ReadonlySet<string>): readonly string[] {
  const faults = [...textsIn(value)].flatMap(({ key, text }) =>
    variablesIn(text)
      .filter(({ name }) => !own.has(name) && !(key === "url" && LINK_VARIABLES.has(name)))
      .map(({ name }) => `asks for the variable ${name} in its ${key}, which there is not`),
  );
  return [...new Set(faults)];
}

const several = ({ templating }: DashboardJson): ReadonlySet<string> =>
  new Set(templating.list.filter(({ multi }) => multi === true).map(({ name }) => name));

/** Where several values may be chosen, the query takes several. */
export const fittingVariables: Check = (dashboard) => {
  const multi = several(dashboard);
  const isMulti = (text: string): boolean => variablesIn(text).some(({ name }) => multi.has(name));
  return [
    ...parsedQueries(dashboard).flatMap((query) =>
      query.selectors
        .flatMap(({ matchers }) => matchers)
        .filter(({ operator, value }) => (operator === "=" || operator === "!=") && isMulti(value))
        .map(({ label, operator, value }) =>
          faultIn(query, `compares ${label} by ${operator} with ${value}, which may be several`),
        ),
    ),
    ...shownPanels(dashboard).flatMap((panel) =>
      panel.targets.flatMap((target): readonly Fault[] => {
        const { type } = sourceOf(target, panel);
        const quoted = type === "prometheus" ? [] : Array.from((target.query ?? "").matchAll(QUOTED), ([text]) => text);
        return quoted.filter(isMulti).map((text) => ({
          panel: nameOf(panel),
          message: `asks for ${text}, which may be several, and is one within quotes`,
        }));
      }),
    ),
  ];
};

/** A phrase of Lucene, or a text of TraceQL that is compared as a whole. */
const QUOTED = /(?<!=~\s*)"(?:[^"\\]|\\.)*"/g;

/** Each query of a metric that carries the label of a variable is narrowed by that variable. */
export const narrowed: Check = (dashboard, { metrics }) => {
  const labels = dashboard.templating.list.flatMap(({ query }) => labelValues(query)?.label ?? []);
  return parsedQueries(dashboard).flatMap((query) => {
    // an annotation tells also of what no variable chooses
    if (query.panel === undefined) return [];
    return query.selectors.flatMap(({ metric, matchers }) =>
      labels
        .filter((label) => metrics.get(metric)?.includes(label) === true)
        .filter((label) => !matchers.some((matcher) => matcher.label === label))
        .map((label) => faultIn(query, `asks for ${metric}, whatever ${label} is chosen`)),
    );
  });
};

/** Every metric that is asked for is one that somebody declares. */
export const declaredMetrics: Check = (dashboard, { metrics }) => {
  const variables = dashboard.templating.list.flatMap(({ name, query }) => {
    const metric = /^\w[\w:]*/.exec(labelValues(query)?.selector ?? "")?.[0];
    return metric === undefined || metrics.has(metric)
      ? []
      : [{ message: `the variable ${name} asks for the metric ${metric}, which nobody declares` }];
  });
  const queries = parsedQueries(dashboard).flatMap((query) =>
    query.selectors
      .filter(({ metric }) => metric !== "" && !metrics.has(metric))
      .map(({ metric }) => faultIn(query, `asks for the metric ${metric}, which nobody declares`)),
  );
  return [...variables, ...queries];
};
