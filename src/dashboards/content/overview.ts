import { panel, type Dashboard, type PanelRow, type SignalPanel } from "../../core/dashboard.ts";
import type { Signal } from "../../core/signal.ts";
import { seriesLabels } from "../series-labels.ts";
import { overviewSignals as signals } from "./overview-signals.ts";

/** Dashboards about all systems: the most important figure of each is among the totals. */
const ABOUT_ALL: ReadonlySet<string> = new Set(["slos", "alerting"]);

/** Is the platform well? The totals, then a row for each dashboard that sums up its systems. */
export function overviewDashboard(dashboards: readonly Dashboard[]): Dashboard {
  const isAboutAll = ({ id }: Dashboard): boolean => ABOUT_ALL.has(id);
  const [general, special] = [dashboards.filter(isAboutAll), dashboards.filter((each) => !isAboutAll(each))];
  const firsts = general.flatMap((each) => summaryOf(each).slice(0, 1));
  return {
    id: "overview",
    title: "Overview",
    description: "Is the platform well, and if not, where? A click on a figure of a system leads to its dashboard.",
    variables: [],
    rows: [
      totals(firsts),
      ...general.map((each) => rowOf(each, summaryOf(each).slice(1))),
      ...special.map((each) => rowOf(each, summaryOf(each))),
      whatFires,
    ].filter(({ panels }) => panels.length > 0),
  };
}

const totals = (firsts: readonly SignalPanel[]): PanelRow => ({
  title: "Is the platform well?",
  panels: [
    panel("stat", signals.critical),
    panel("stat", signals.warning),
    panel("stat", signals.info),
    panel("stat", signals.targetsDown),
    ...firsts,
  ],
});

const whatFires: PanelRow = {
  title: "What fires",
  panels: [
    {
      kind: "alerts",
      title: "Alerts that fire",
      help: "Alerts of the rules that Grafana knows: those that fire, then those that soon may.",
      matchers: [],
      emptyWhen: "no alert fires",
    },
    panel("table", signals.down, { width: 12, emptyWhen: "every target is up" }),
  ],
};

const rowOf = ({ title }: Dashboard, panels: readonly SignalPanel[]): PanelRow => ({ title, panels });

const summaryOf = (dashboard: Dashboard): readonly SignalPanel[] =>
  (dashboard.summary ?? []).map((signal) =>
    panel("stat", signal, {
      drillDown: { dashboard: dashboard.id, variables: chosenBy(signal, dashboard) },
      emptyWhen: whyEmpty(signal, dashboard),
    }),
  );

/** What a series says of itself and the dashboard asks for, such as its target. */
const chosenBy = ({ expr }: Signal<string>, { variables }: Dashboard): Readonly<Record<string, string>> => {
  const labels = seriesLabels(expr.node);
  return Object.fromEntries(variables.filter(({ name }) => labels.includes(name)).map(({ name }) => [name, name]));
};

/** As the dashboard itself says of this figure. */
function whyEmpty(signal: Signal<string>, { rows }: Dashboard): string {
  const panels = rows.flatMap((row) => row.panels);
  const own = panels.find((each) => each.kind === "signals" && each.signals[0] === signal);
  return own?.emptyWhen ?? "no such system is configured";
}
