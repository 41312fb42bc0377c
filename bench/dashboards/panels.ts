import { packs } from "../../src/collectors/index.ts";
import { allDashboards } from "../../src/dashboards/all.ts";
import { SCRAPE_SECONDS, startDashboardsLab } from "../../test/helpers/dashboards-lab.ts";
import { askedDashboard, type AskedDashboard, type PanelSource } from "../../test/helpers/panel-run.ts";
import { showDashboard, unexplained, type Shown } from "../../test/helpers/shown-panels.ts";
import { waitUntil } from "../../test/helpers/wait-until.ts";
import { findPeers } from "../peers.ts";
import { joinReports, nothing, report, type Report } from "../report.ts";
import { seriesOf } from "./history.ts";
import { measureSamples } from "./samples.ts";

/** Asks every panel in a real Prometheus over the emulated systems, then over 6 hours of 50 systems of each kind. */
export async function measurePanels(): Promise<Report> {
  const dashboards = allDashboards(packs, { externalUrl: "https://watchkeeper.example.org" }).map(askedDashboard);
  const panels = dashboards.reduce((sum, each) => sum + each.panels, 0);
  const all = report([{ what: "panels, all kinds", unit: "", ours: panels, figure: "panels" }]);
  const peers = await findPeers("prometheus", "promtool");
  if ("problem" in peers) return joinReports([all, nothing("panels_empty_unexplained, samples_max", peers.problem)]);
  const { shown, series } = await inLab(dashboards);
  const [empty, without] = [panelsOf(shown.flatMap((each) => each.empty)), panelsOf(unexplained(shown))];
  const inTheLab = report(
    [
      { what: "  empty in the lab, and they say why", unit: "", ours: empty - without },
      {
        what: "  empty in the lab for no reason",
        unit: "",
        ours: without,
        figure: "panels_empty_unexplained",
        aim: { is: "<=", value: 0 },
      },
    ],
    { peers: peers.titles },
  );
  return joinReports([all, inTheLab, await measureSamples(dashboards, series)]);
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
