import {
  askQuery,
  possibleChoices,
  type AskedDashboard,
  type PanelQuery,
  type PanelSource,
} from "../../test/helpers/panel-run.ts";
import { selectorsOf, readPromql } from "../../src/dashboards/checks/promql-text.ts";
import { labelValues } from "../../src/dashboards/checks/queries.ts";
import { report, round, type Report } from "../report.ts";
import { startWithHistory, type seriesOf } from "./history.ts";

const TARGETS = 50;
const HOURS = 6;
/** Seconds between samples, and between the points of a panel. */
const STEP = 60;
const END = Date.UTC(2026, 0, 31, 6) / 1_000;

/** Samples that one query of a dashboard touches in 6 hours. */
interface Cost {
  readonly query: PanelQuery;
  readonly samples: number;
}

/**
 * What each dashboard costs with everything chosen. A query touches some samples for each target and some for all together, so
 * that two measurements, with one and with two systems of each kind, tell what it touches with 50.
 */
export async function measureSamples(
  dashboards: readonly AskedDashboard[],
  series: Awaited<ReturnType<typeof seriesOf>>,
): Promise<Report> {
  const asked = new Set(dashboards.flatMap(metricsOf));
  const wanted = series.filter(({ metric }) => asked.has(metric["__name__"] ?? ""));
  const [one, two] = [await costs(dashboards, wanted, 1), await costs(dashboards, wanted, 2)];
  const atAll = one.map(({ query, samples }, i): Cost => {
    const more = (two[i]?.samples ?? samples) - samples;
    return { query, samples: samples + (TARGETS - 1) * more };
  });
  const byDashboard = [...Map.groupBy(atAll, ({ query }) => query.dashboard)]
    .map(([uid, of]) => ({ uid, all: sum(of), open: sum(of.filter(({ query }) => query.isOpen)) }))
    .toSorted((a, b) => b.all - a.all);
  const dearest = atAll.toSorted((a, b) => b.samples - a.samples).slice(0, DEAREST);
  return report([
    {
      what: `samples of the dearest dashboard, ${TARGETS} targets of each kind, ${HOURS} h`,
      unit: "",
      ours: round(byDashboard[0]?.all ?? Number.NaN),
      figure: "samples_max",
    },
    ...byDashboard.map(({ uid, all, open }) => ({
      what: `  of ${uid}`,
      unit: "million",
      ours: all / 1e6,
      note: `${round(open / 1e6)} million as it opens`,
    })),
    ...dearest.map(({ query: { dashboard, panel }, samples }) => ({
      what: `  a dear query: ${dashboard}, ${panel}`,
      unit: "million",
      ours: samples / 1e6,
    })),
  ]);
}

const DEAREST = 3;
const sum = (of: readonly Cost[]): number => of.reduce((all, { samples }) => all + samples, 0);

function metricsOf({ json, queries }: AskedDashboard): readonly string[] {
  const variables = json.templating.list.flatMap(({ query }) => labelValues(query)?.selector ?? []);
  return [...variables, ...queries.map(({ expr }) => expr)].flatMap((promql) => {
    const read = readPromql(promql);
    return typeof read === "string" ? [] : selectorsOf(read).map(({ metric }) => metric);
  });
}

async function costs(
  dashboards: readonly AskedDashboard[],
  series: Awaited<ReturnType<typeof seriesOf>>,
  targets: number,
): Promise<readonly Cost[]> {
  const start = END - HOURS * 3_600;
  const prometheus = await startWithHistory(series, targets, { start, end: END, every: STEP });
  const source: PanelSource = { url: prometheus.url, start, end: END, step: STEP, scrape: STEP };
  try {
    const found: Cost[] = [];
    for (const dashboard of dashboards) found.push(...(await costsOf(dashboard, source)));
    return found;
  } finally {
    await prometheus.stop();
  }
}

async function costsOf(dashboard: AskedDashboard, source: PanelSource): Promise<readonly Cost[]> {
  const { all: choices } = await possibleChoices(dashboard, source);
  const [first] = choices;
  if (first === undefined) return [];
  const found: Cost[] = [];
  for (const query of dashboard.queries) {
    const { samples } = await askQuery(query, first, source);
    found.push({ query, samples });
  }
  return found;
}
