import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, it } from "vitest";
import { packs } from "../../collectors/index.ts";
import { alert } from "../../core/alert.ts";
import { panel, type Dashboard } from "../../core/dashboard.ts";
import { minutes } from "../../core/duration.ts";
import { gauge } from "../../core/metric.ts";
import type { Pack } from "../../core/pack.ts";
import { countWhere, equal, max, select } from "../../core/promql.ts";
import { signal } from "../../core/signal.ts";
import { allDashboards } from "../all.ts";
import type { ResolvedDashboard, ResolvedSignals } from "../resolved.ts";

const OWN = ["overview", "service", "slos", "slo", "watchkeeper", "alerting"].map((id) => `watchkeeper-${id}`);
const externalUrl = "https://wk.example.org";
const resolved = allDashboards(packs, { externalUrl }).filter(({ uid }) => OWN.includes(uid));

const panelsOf = ({ rows }: ResolvedDashboard) => rows.flatMap(({ panels }) => panels);
const signalsOf = (dashboard: ResolvedDashboard): readonly ResolvedSignals[] =>
  panelsOf(dashboard).filter((each) => each.kind === "signals");

function isPromql(text: string): boolean {
  let isGood = true;
  parser
    .parse(text.replaceAll("$__rate_interval", "5m"))
    .cursor()
    .iterate(({ type }) => {
      if (type.isError) isGood = false;
    });
  return isGood;
}

describe("Watchkeeper's own dashboards", () => {
  it("are all there", () => {
    expect(resolved.map(({ uid }) => uid).toSorted()).toEqual(OWN.toSorted());
  });

  it("lead to no dashboard of a pack that is not there", () => {
    expect(
      allDashboards([], { externalUrl })
        .map(({ uid }) => uid)
        .toSorted(),
    ).toEqual(["watchkeeper-overview", "watchkeeper-service"]);
  });

  it.each(resolved.map((each) => [each.uid, each] as const))("%s asks PromQL", (_, dashboard) => {
    const queries = signalsOf(dashboard).flatMap((each) => each.queries.map(({ expr }) => expr));
    expect(queries.length).toBeGreaterThan(10);
    expect(queries.filter((expr) => !isPromql(expr))).toEqual([]);
  });

  it.each(resolved.map((each) => [each.uid, each] as const))("%s says of each panel what it is", (_, dashboard) => {
    const unexplained = panelsOf(dashboard).filter(({ title, help }) => title === "" || !/^[A-Z0-9].*\.$/.test(help));
    expect(unexplained.map(({ title }) => title)).toEqual([]);
  });
});

describe("one service", () => {
  const service = resolved.find(({ uid }) => uid === "watchkeeper-service");
  const queries = service === undefined ? [] : signalsOf(service).flatMap((each) => each.queries);

  it("asks everything of the service that was chosen, and of nothing else", () => {
    expect(queries.length).toBeGreaterThan(0);
    expect(queries.filter(({ expr }) => !/\b(service|client|server|slo_service)="\$service"/.test(expr))).toEqual([]);
  });

  it("finds its logs, traces and alerts by its name", () => {
    const others = service === undefined ? [] : panelsOf(service).filter(({ kind }) => kind !== "signals");
    expect(others.map(({ kind }) => kind)).toEqual(["alerts", "alerts", "logs", "traces", "traces", "service-map"]);
    for (const each of others) expect(JSON.stringify(each)).toContain("$service");
  });
});

describe("the overview", () => {
  const up = select(gauge("lab_up", { help: "x", labels: ["node"] }));
  const signals = {
    down: signal({ title: "Nodes down", help: "x.", unit: "none", expr: countWhere(up, (of) => equal(of, 0)) }),
    worst: signal({ title: "Worst", help: "x.", unit: "none", expr: max(up, { by: ["target"] }) }),
  };
  const dashboard: Dashboard = {
    id: "lab",
    title: "Lab",
    description: "x",
    variables: [{ name: "target", title: "Target", metric: gauge("lab_up", { help: "x" }) }],
    summary: [signals.down, signals.worst],
    rows: [{ title: "All", panels: [panel("stat", signals.worst, { emptyWhen: "there are no nodes" })] }],
  };
  const of = (dashboards: readonly Dashboard[]) => {
    const down = alert({
      name: "LabDown",
      severity: "critical",
      when: equal(up, 0),
      for: minutes(1),
      summary: () => "",
      description: () => "",
    });
    const pack: Pack = { id: "lab", title: "Lab", signals, alerts: [down], dashboards };
    const found = allDashboards([...packs, pack], { externalUrl }).find(({ uid }) => uid === "watchkeeper-overview");
    return found?.rows.find(({ title }) => title === "Lab")?.panels.filter((each) => each.kind === "signals");
  };

  it("has a row for a pack that sums itself up, each figure as bad as its alert says, and leading to the dashboard", () => {
    const [down, worst] = of([dashboard]) ?? [];
    expect(down).toMatchObject({
      view: "stat",
      title: "Nodes down",
      emptyWhen: "no such system is configured",
      levels: [
        { from: null, severity: "ok" },
        { from: 1, severity: "critical" },
      ],
    });
    expect(worst).toMatchObject({ title: "Worst", emptyWhen: "there are no nodes" });
    expect(down?.links[0]?.url).toMatch(/^\/d\/watchkeeper-lab\?/);
    expect(worst?.links[0]?.url).toMatch(/^\/d\/watchkeeper-lab\?var-target=/);
  });

  it("has no row for one that does not", () => {
    const { summary: _, ...rest } = dashboard;
    expect(of([rest])).toBeUndefined();
  });

  it("shows the most important figures of objectives and of delivery once, among the totals", () => {
    const overview = resolved.find(({ uid }) => uid === "watchkeeper-overview");
    const titles = overview === undefined ? [] : panelsOf(overview).map(({ title }) => title);
    for (const title of ["Budgets used up", "Oldest message that waits"])
      expect(titles.filter((each) => each === title)).toEqual([title]);
    expect(overview?.rows[0]?.panels.map(({ title }) => title)).toContain("Budgets used up");
  });
});
