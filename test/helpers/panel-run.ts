import { inSeconds, parseDuration } from "../../src/core/duration.ts";
import { classicDashboard } from "../../src/dashboards/classic/dashboard.ts";
import {
  dashboardJson,
  shownPanels,
  sourceOf,
  type DashboardJson,
  type PanelJson,
} from "../../src/dashboards/checks/model.ts";
import { labelValues } from "../../src/dashboards/checks/queries.ts";
import { textsIn, variablesIn } from "../../src/dashboards/checks/variables-in-text.ts";
import type { ResolvedDashboard } from "../../src/dashboards/resolved.ts";
import { filled, type Choice } from "./grafana-choices.ts";
import { askAsPanel, labelValuesOf, type PanelAnswer, type PanelTime } from "./prometheus-panels.ts";

/** One query of a panel, and where it stands. */
export interface PanelQuery {
  readonly dashboard: string;
  readonly panel: string;
  readonly panelId: number;
  readonly refId: string;
  readonly expr: string;
  readonly isInstant: boolean;
  /** Seconds between its points at the least; 0 where nothing is said. */
  readonly leastStep: number;
  /** Whether it is asked for as the dashboard opens, and not only when somebody opens its row. */
  readonly isOpen: boolean;
  readonly emptyWhen?: string;
  /** Labels by which links on its series lead on; of the first query only. */
  readonly linkLabels: readonly string[];
}

/** A dashboard as Grafana has it, ready to be asked. */
export interface AskedDashboard {
  readonly json: DashboardJson;
  /** How many there are, of all kinds. */
  readonly panels: number;
  readonly queries: readonly PanelQuery[];
}

/** The queries of a dashboard's built JSON; why a panel may be empty is what it was declared with. */
export function askedDashboard(resolved: ResolvedDashboard): AskedDashboard {
  const json = dashboardJson.parse(classicDashboard(resolved));
  const declared = new Map(resolved.rows.flatMap(({ panels }) => panels.map((panel) => [panel.id, panel] as const)));
  const open = new Set(json.panels.map(({ id }) => id));
  const queries = shownPanels(json).flatMap((panel) => {
    const { title = "", id = 0 } = panel;
    const emptyWhen = declared.get(id)?.emptyWhen;
    return panel.targets
      .filter((target) => sourceOf(target, panel).type === "prometheus")
      .map(({ refId = "", expr = "", instant }, i): PanelQuery => ({
        dashboard: resolved.uid,
        panel: title,
        panelId: id,
        refId,
        expr,
        isInstant: instant === true,
        leastStep: intervalOf(panel),
        isOpen: open.has(id),
        linkLabels: i === 0 ? linkLabelsOf(panel) : [],
        ...(emptyWhen !== undefined && { emptyWhen }),
      }));
  });
  return { json, panels: shownPanels(json).length, queries };
}

function intervalOf({ interval = "0s" }: PanelJson): number {
  const duration = parseDuration(interval);
  if (duration === undefined) throw new Error(`${interval} is no interval`);
  return inSeconds(duration);
}

const linkLabelsOf = (panel: PanelJson): readonly string[] => {
  const uses = [...textsIn(panel)].flatMap(({ key, text }) => (key === "url" ? variablesIn(text) : []));
  const paths = uses.flatMap(({ name, path = "" }) => (name === "__field" || name === "__data" ? [path] : []));
  return [...new Set(paths.map((path) => path.replace(/^(?:labels|fields)\./, "")))];
};

/** What is chosen at the top of a dashboard. */
export type Choices = ReadonlyMap<string, Choice>;

/** A Prometheus, the time that is looked at, and how often it scrapes, in seconds. */
export interface PanelSource extends PanelTime {
  readonly url: string;
  readonly scrape: number;
}

/** Asks a query with something chosen. */
export function askQuery(query: PanelQuery, choices: Choices, source: PanelSource): Promise<PanelAnswer> {
  const { expr, isInstant, leastStep } = query;
  const of = { ...source, step: Math.max(source.step, leastStep) };
  return askAsPanel(of.url, fill(expr, choices, of), { ...of, isInstant });
}

const fill = (text: string, choices: Choices, { start, end, step, scrape }: PanelSource): string =>
  filled(text, choices, { range: end - start, step, scrape });

/** How many values of a variable that takes only one are tried. */
const MOST_TRIED = 40;

/** What may be chosen: everything, where a variable takes only one value each of its values; one value; and several. */
export async function possibleChoices(
  { json }: AskedDashboard,
  of: PanelSource,
): Promise<{
  readonly all: readonly Choices[];
  readonly some: readonly Choices[];
}> {
  let all: readonly Choices[] = [new Map()];
  let one: Choices = new Map();
  let two: Choices = new Map();
  for (const { name, type, query, multi = false } of json.templating.list) {
    if (type !== "query") continue;
    const asked = labelValues(query);
    if (asked === undefined) throw new Error(`${json.uid}: the variable ${name} asks for no values of a label`);
    const valuesWith = (choices: Choices): Promise<readonly string[]> =>
      labelValuesOf(of.url, fill(asked.selector, choices, of), asked.label, of);
    const values = await valuesWith(all[0] ?? new Map());
    if (values.length === 0) throw new Error(`${json.uid}: the variable ${name} has no values`);
    const tried = multi ? [undefined] : values.slice(0, MOST_TRIED).map((value) => [value]);
    all = all.flatMap((choices) =>
      tried.map((chosen) => new Map([...choices, [name, { multi, ...(chosen !== undefined && { values: chosen }) }]])),
    );
    one = new Map([...one, [name, { multi, values: (await valuesWith(one)).slice(0, 1) }]]);
    two = new Map([...two, [name, { multi, values: (await valuesWith(two)).slice(0, multi ? 2 : 1) }]]);
  }
  return { all, some: [one, two] };
}

/** How a query is called in a message. */
export const placeOf = ({ dashboard, panel, refId, expr }: PanelQuery): string =>
  `${dashboard}, panel "${panel}", query ${refId}: ${expr}`;
