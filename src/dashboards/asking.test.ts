import { expect, test } from "vitest";
import { panel, type Dashboard, type PanelView } from "../core/dashboard.ts";
import { days, hours, minutes } from "../core/duration.ts";
import { counter } from "../core/metric.ts";
import { divide, increase, rate, select, sum, type Vector } from "../core/promql.ts";
import { signal } from "../core/signal.ts";
import { labContext } from "./__fixtures__/lab.ts";
import { classicDashboard } from "./classic/dashboard.ts";
import { resolve } from "./resolve.ts";

const reads = select(counter("lab_reads_total", { help: "x", unit: "none", labels: ["node"] }));
const grown = (window: Parameters<typeof reads.over>[0]) => increase(reads.over(window));
const perSecond = rate(reads.over(minutes(5)));

/** How the panel asks in Grafana. */
function asked(view: PanelView, ...exprs: readonly [Vector<string>, ...Vector<string>[]]) {
  const [first, ...and] = exprs.map((expr, i) => signal({ title: `Reads ${i}`, help: "x", unit: "none", expr }));
  if (first === undefined) throw new Error("nothing to ask");
  const rows = [{ title: "Row", panels: [panel(view, first, { and })] }];
  const dashboard: Dashboard = { id: "costs", title: "Costs", description: "x", variables: [], rows };
  const { panels } = classicDashboard(resolve(dashboard, labContext)) as {
    panels: readonly {
      interval?: string;
      options: { graphMode?: string };
      targets?: readonly { instant: boolean; range: boolean }[];
    }[];
  };
  const [, drawn] = panels;
  const [target] = drawn?.targets ?? [];
  return { instant: target?.instant, range: target?.range, interval: drawn?.interval, curve: drawn?.options.graphMode };
}

test.each(["stat", "bargauge", "table"] as const)("a %s asks of now, however long its window is", (view) => {
  expect(asked(view, grown(hours(6)))).toMatchObject({ instant: true, range: false, interval: undefined });
  expect(asked(view, reads)).toMatchObject({ instant: true, range: false, interval: undefined });
});

test("a stat has a curve where it is the rate over Grafana's window, and none else", () => {
  expect(asked("stat", divide(sum(perSecond), sum(perSecond)))).toMatchObject({ range: true, curve: "area" });
  expect(asked("stat", grown(minutes(5)))).toMatchObject({ range: false, curve: "none" });
});

test.each(["timeseries", "state-timeline"] as const)("a %s with a long window has a point every 5 minutes", (view) => {
  for (const window of [hours(1), hours(6), days(7)])
    expect(asked(view, sum(grown(window)))).toMatchObject({ range: true, instant: false, interval: "5m" });
  expect(asked(view, reads, grown(days(7))).interval).toBe("5m");
  for (const short of [reads, grown(minutes(5)), rate(reads.over(days(1)))])
    expect(asked(view, short)).toMatchObject({ range: true, interval: undefined });
});
