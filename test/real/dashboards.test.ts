import { afterAll, beforeAll, expect, it } from "vitest";
import { packs } from "../../src/collectors/index.ts";
import { allDashboards } from "../../src/dashboards/all.ts";
import { SCRAPE_SECONDS, startDashboardsLab, type DashboardsLab } from "../helpers/dashboards-lab.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { askedDashboard, placeOf, type PanelSource } from "../helpers/panel-run.ts";
import { showDashboard, unexplained, type Shown } from "../helpers/shown-panels.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const dashboards = allDashboards(packs, { externalUrl: "https://watchkeeper.example.org" }).map(askedDashboard);

/** How long the slowest part of the emulated systems and the rules may take to show something. */
const PATIENCE_MS = 120_000;
/** Share of all panels. */
const MOST_EMPTY = 0.25;

describeReal("the panels of every dashboard, over the emulated systems", ["prometheus"], () => {
  let lab: DashboardsLab;
  const shown = new Map<string, Shown>();

  beforeAll(async () => {
    lab = await startDashboardsLab();
  });
  afterAll(() => lab.stop());

  const emptyPanels = (): ReadonlySet<string> =>
    new Set(
      [...shown.values()].flatMap(({ empty }) => empty.map(({ dashboard, panelId }) => `${dashboard}/${panelId}`)),
    );
  const source = (): PanelSource => {
    const end = Date.now() / 1_000;
    return { url: lab.url, start: end - 300, end, step: SCRAPE_SECONDS, scrape: SCRAPE_SECONDS };
  };

  it.each(dashboards.map((each) => [each.json.uid ?? "", each] as const))(
    "%s: no query is refused, and no panel is empty that does not say why",
    async (uid, dashboard) => {
      let found: Shown = { errors: [], empty: [], missing: [] };
      const isFull = async (): Promise<boolean> => {
        found = await showDashboard(dashboard, source());
        return unexplained([found]).length === 0;
      };
      // what is missing is told below, by its place
      await waitUntil(`${uid} is full`, isFull, { deadlineMs: PATIENCE_MS, everyMs: 2_000 }).catch(isFull);
      shown.set(uid, found);
      expect(found.errors).toEqual([]);
      expect(unexplained([found]).map(placeOf)).toEqual([]);
      expect(found.missing).toEqual([]);
    },
    PATIENCE_MS + 60_000,
  );

  it(
    "is not for show: most panels that may be empty are not",
    async () => {
      const panels = dashboards.reduce((sum, each) => sum + each.panels, 0);
      expect(shown.size).toBe(dashboards.length);
      expect(panels).toBeGreaterThan(300);
      // what was looked at first had no rates and no long windows yet
      await waitUntil(
        "most panels show something",
        async () => {
          for (const each of dashboards) shown.set(each.json.uid ?? "", await showDashboard(each, source()));
          return emptyPanels().size / panels < MOST_EMPTY;
        },
        { deadlineMs: PATIENCE_MS, everyMs: 2_000 },
      ).catch(() => undefined);
      expect(emptyPanels().size / panels).toBeLessThan(MOST_EMPTY);
    },
    PATIENCE_MS + 60_000,
  );

  it("finds what is refused, what is empty, and a link that leads nowhere", async () => {
    const [dashboard] = dashboards;
    const [query] = dashboard?.queries ?? [];
    if (dashboard === undefined || query === undefined) throw new Error("there are no dashboards");
    const { emptyWhen: _, ...plain } = query;
    const broken = {
      ...dashboard,
      queries: ["sum(", "vector(1) > 2", "vector(NaN)", "vector(1)"].map((expr, i) => ({
        ...plain,
        refId: String(i),
        expr,
        linkLabels: ["node"],
      })),
    };
    const found = await showDashboard(broken, source());
    expect(found.errors.join()).toContain(
      `${plain.dashboard}, panel "${plain.panel}", query 0: sum(\n  Error: answered 400`,
    );
    expect(unexplained([found]).map(({ refId }) => refId)).toEqual(["0", "1", "2"]);
    expect(found.missing.join()).toMatch(/query 3: .*\n.*no series has the label node/);
  });
});
