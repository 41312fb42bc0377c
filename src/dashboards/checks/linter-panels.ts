import type { Check, Fault } from "./fault.ts";
import { nameOf, shownPanels, sourceOf, type PanelJson } from "./model.ts";
import { valueColumns } from "./columns.ts";

const eachPanel =
  (faultsOf: (panel: PanelJson, variables: ReadonlySet<string>) => readonly string[]): Check =>
  (dashboard) => {
    const variables = new Set(
      dashboard.templating.list.filter(({ type }) => type === "datasource").map(({ name }) => name),
    );
    return shownPanels(dashboard).flatMap((panel): readonly Fault[] =>
      faultsOf(panel, variables).map((message) => ({ panel: nameOf(panel), message })),
    );
  };

/** Panels that ask Grafana itself. */
const WITHOUT_QUERIES: ReadonlySet<string> = new Set(["alertlist", "text"]);

/** `panel-datasource-rule`. */
export const panelDatasource = eachPanel((panel, variables) => {
  if (WITHOUT_QUERIES.has(panel.type)) return [];
  const uids = [panel.datasource?.uid, ...panel.targets.map((target) => sourceOf(target, panel).uid)];
  const isVariable = (uid = ""): boolean => variables.has(/^\$\{?(\w+)\}?$/.exec(uid)?.[1] ?? "");
  return [...new Set(uids)]
    .filter((uid) => !isVariable(uid))
    .map((uid) => `asks the data source ${uid ?? "that is Grafana's default"}, not that of a variable`);
});

/** `panel-title-description-rule`. */
export const panelTexts = eachPanel(({ title = "", description = "" }) => [
  ...(title.trim() === "" ? ["has no title"] : []),
  ...(description.trim() === "" ? ["has no description"] : []),
]);

/** `panel-no-targets-rule`. */
export const panelTargets = eachPanel(({ type, targets }) =>
  targets.length > 0 || WITHOUT_QUERIES.has(type) ? [] : ["asks for nothing"],
);

/**
 * Those that the engine writes; Grafana takes an unknown one for a text to put after the number.
 * Source: https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts
 */
const UNITS: ReadonlySet<string> = new Set(
  "none string short percent percentunit bytes decbytes bits Bps binBps pps s ms dtdurations celsius hertz watt volt iops ops reqps rps cps bool bool_yes_no bool_on_off dateTimeAsIso dateTimeFromNow dateTimeAsSystem".split(
    " ",
  ),
);

const OF_VALUES: ReadonlySet<string> = new Set(["stat", "timeseries", "table", "gauge", "bargauge", "state-timeline"]);

/** `panel-units-rule`; a list that a data source makes by itself, such as that of traces, has units of its own. */
export const panelUnits = eachPanel((panel) => {
  if (!OF_VALUES.has(panel.type) || panel.targets.every((target) => sourceOf(target, panel).type !== "prometheus"))
    return [];
  return valueColumns(panel).flatMap(({ unit, title }) =>
    unit !== undefined && UNITS.has(unit)
      ? []
      : [`has ${unit === undefined ? "no unit" : `the unknown unit ${unit}`} for ${title}`],
  );
});
