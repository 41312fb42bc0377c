import { DATA_SOURCES } from "../resolved.ts";
import { COLUMNS } from "../layout.ts";
import type { Check, Fault } from "./fault.ts";
import { allPanels, nameOf, sourceOf, type DashboardJson, type PanelJson } from "./model.ts";

/** Each panel has a place within the grid, and none covers another; a closed row's are laid out by themselves. */
export const layout: Check = (dashboard) => [
  ...allPanels(dashboard).flatMap(placeFaults),
  ...[dashboard.panels, ...dashboard.panels.map(({ panels = [] }) => panels)].flatMap(overlaps),
];

function placeFaults(panel: PanelJson): readonly Fault[] {
  const at = panel.gridPos;
  if (at === undefined) return [{ panel: nameOf(panel), message: "has no place" }];
  const isWhole = [at.x, at.y, at.w, at.h].every((each) => Number.isInteger(each) && each >= 0) && at.w > 0 && at.h > 0;
  return [
    ...(isWhole ? [] : [{ panel: nameOf(panel), message: `has no place in the grid: ${JSON.stringify(at)}` }]),
    ...(at.x + at.w > COLUMNS
      ? [{ panel: nameOf(panel), message: `ends at column ${at.x + at.w}, and there are ${COLUMNS}` }]
      : []),
  ];
}

const overlaps = (panels: readonly PanelJson[]): readonly Fault[] =>
  panels.flatMap((one, i) =>
    panels
      .slice(i + 1)
      .filter((other) => isOver(one, other))
      .map((other) => ({ panel: nameOf(one), message: `lies over "${nameOf(other)}"` })),
  );

function isOver({ gridPos: a }: PanelJson, { gridPos: b }: PanelJson): boolean {
  if (a === undefined || b === undefined) return false;
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/** Each panel and row has a number of its own; Grafana loses those that have none. */
export const ids: Check = (dashboard) => {
  const panels = allPanels(dashboard);
  const taken = panels.map(({ id }) => id);
  return panels.flatMap((panel, i): readonly Fault[] => {
    const { id } = panel;
    if (id === undefined || !Number.isInteger(id) || id < 1)
      return [{ panel: nameOf(panel), message: `has no id of 1 or more, but ${id ?? "none"}` }];
    const first = panels[taken.indexOf(id)];
    return first === undefined || taken.indexOf(id) === i
      ? []
      : [{ panel: nameOf(panel), message: `has the id ${id}, which "${nameOf(first)}" has` }];
  });
};

/** What Grafana has by itself since version 11, without those of Angular. */
const TYPES: ReadonlySet<string> = new Set(
  "alertlist barchart bargauge gauge heatmap histogram logs nodeGraph piechart row stat state-timeline status-history table text timeseries traces".split(
    " ",
  ),
);
const OF_ANGULAR: Readonly<Record<string, string>> = { graph: "timeseries", singlestat: "stat", "table-old": "table" };

/** Grafana has each kind of panel by itself. */
export const panelTypes: Check = (dashboard) =>
  allPanels(dashboard)
    .filter(({ type }) => !TYPES.has(type))
    .map((panel) => {
      const instead = OF_ANGULAR[panel.type];
      const hint =
        instead === undefined ? "which Grafana does not have" : `which is gone with Angular; it is ${instead} now`;
      return { panel: nameOf(panel), message: `is of the type "${panel.type}", ${hint}` };
    });

const SOURCES: ReadonlySet<string> = new Set(Object.values(DATA_SOURCES).map(({ type }) => type));

/** Only data sources are asked that dashboards of ours may ask. */
export const dataSources: Check = (dashboard) =>
  allPanels(dashboard).flatMap((panel) =>
    panel.targets
      .map((target) => sourceOf(target, panel).type ?? "of Grafana's default")
      .filter((type) => !SOURCES.has(type))
      .map((type) => ({ panel: nameOf(panel), message: `asks a data source ${type}` })),
  );

const LONGEST_UID = 40;

/** It has a name that Grafana takes. */
export const identity: Check = ({ uid = "", title }: DashboardJson) => [
  ...(/^[\w-]+$/.test(uid) && uid.length <= LONGEST_UID
    ? []
    : [{ message: `has the uid "${uid}"; it is to be of 1 to ${LONGEST_UID} letters, digits, - and _` }]),
  ...(title.trim() === "" ? [{ message: "has no title" }] : []),
];
