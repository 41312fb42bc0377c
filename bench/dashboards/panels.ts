import { packs } from "../../src/collectors/index.ts";
import { allDashboards } from "../../src/dashboards/all.ts";
import { SCRAPE_SECONDS, startDashboardsLab } from "../../test/helpers/dashboards-lab.ts";
import { askedDashboard, type AskedDashboard, type PanelSource } from "../../test/helpers/panel-run.ts";
import { INSTALL_PROGRAMS, findProgram } from "../../test/helpers/programs.ts";
import { showDashboard, unexplained, type Shown } from "../../test/helpers/shown-panels.ts";
import { waitUntil } from "../../test/helpers/wait-until.ts";
import type { Report } from "../report.ts";
import { seriesOf } from "./history.ts";
import { measureSamples } from "./samples.ts";

/** Asks every panel in a real Prometheus over the emulated systems, then over 6 hours of 50 systems of each kind. */
export async function measurePanels(): Promise<Report> {
  const dashboards = allDashboards(packs, { externalUrl: "https://watchkeeper.example.org" }).map(askedDashboard);
  const panels = dashboards.reduce((sum, each) => sum + each.panels, 0);
  const missing = ["prometheus", "promtool"].filter((name) => findProgram(name) === undefined);
  if (missing.length > 0) {
    const why = `${missing.join(", ")} missing: ${INSTALL_PROGRAMS}`;
    const skipped = [`panels_empty_unexplained, samples_max: ${why}`];
    return { rows: [{ what: "panels", ours: String(panels), against: "" }], figures: { panels }, skipped };
  }
  const { shown, series } = await inLab(dashboards);
  const samples = await measureSamples(dashboards, series);
  const [empty, without] = [panelsOf(shown.flatMap((each) => each.empty)), panelsOf(unexplained(shown))];
  return {
    rows: [
      { what: "panels, all kinds", ours: String(panels), against: "" },
      { what: "  empty in the lab, and they say why", ours: String(empty - without), against: "" },
      { what: "  empty in the lab for no reason", ours: String(without), against: "aim 0" },
      ...samples.rows,
    ],
    figures: { panels, panels_empty_unexplained: without, ...samples.figures },
    skipped: [],
  };
}

/** Each panel once, of which any query is empty. */
const panelsOf = (queries: Shown["empty"]): number =>
  new Set(queries.map(({ dashboard, panelId }) => `${dashboard}/${panelId}`)).size;

/** Looks until no panel is empty that does not say why, or for two minutes. */
async function inLab(dashboards: readonly AskedDashboard[]) {
  const lab = await startDashboardsLab();
  let shown: readonly Shown[] = [];
  const look = async (): Promise<boolean> => {
    const end = Date.now() / 1_000;
    const source: PanelSource = { url: lab.url, start: end - 300, end, step: SCRAPE_SECONDS, scrape: SCRAPE_SECONDS };
    shown = await Promise.all(dashboards.map((each) => showDashboard(each, source)));
    return unexplained(shown).length === 0;
  };
  try {
    await waitUntil("all panels are full", look, { deadlineMs: 120_000, everyMs: 2_000 }).catch(look);
    return { shown, series: await seriesOf(lab.url) };
  } finally {
    await lab.stop();
  }
}
