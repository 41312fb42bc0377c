import { describe, expect, it } from "vitest";
import { days, minutes } from "../../core/duration.ts";
import { DAY, HOUR, history, MIDNIGHT, within } from "../budget/__fixtures__/histories.ts";
import { exclusionsSchema } from "../budget/exclusions.ts";
import type { History } from "../budget/increments.ts";
import type { HistorySource } from "../budget/source.ts";
import type { Slo } from "../model.ts";
import { httpSlo } from "../rules/__fixtures__/slos.ts";
import { reportHtml } from "./html.ts";
import { reportJson } from "./json.ts";
import { reportMarkdown } from "./markdown.ts";
import { reportPeriod } from "./period.ts";
import { reportOn } from "./report.ts";

const AT = Date.UTC(2026, 11, 3, 9) / 1_000;
const month = { kind: "calendar", unit: "month", timeZone: "Europe/Berlin" } as const;
const period = reportPeriod(month, AT);

const sourceOf = (histories: Readonly<Record<string, History>>): HistorySource => ({
  read: async (slos) =>
    new Map(slos.map(({ id }) => [id, id in histories ? [{ group: {}, history: histories[id] as History }] : []])),
});

const OUTAGE = MIDNIGHT + 10 * DAY + 9 * HOUR;
const slos: readonly Slo[] = [
  httpSlo({ id: "fine" }),
  httpSlo({ id: "spent", description: "Pages | of <b>the shop</b>" }),
  httpSlo({ id: "gone" }),
  httpSlo({ id: "half" }),
];
const source = sourceOf({
  fine: history(period.bounds, () => [100, 0]),
  spent: history(period.bounds, (at) => {
    if (within(at, OUTAGE, OUTAGE + 2 * HOUR)) return [100, 50];
    return [100, within(at, MIDNIGHT + 3 * DAY, MIDNIGHT + 3 * DAY + 600) ? 100 : 0];
  }),
  half: history(period.bounds, (at) => (at > period.bounds.from + 10 * DAY ? undefined : [100, 0])),
});
const report = await reportOn(slos, { source, period, at: AT });

describe("a period", () => {
  it("is the last whole month, this one so far, or a length of time", () => {
    expect(period).toMatchObject({ title: "November 2026", timeZone: "Europe/Berlin" });
    expect(period.bounds.to - period.bounds.from).toBe(30 * DAY);
    expect(reportPeriod(month, AT, "current").title).toBe("December 2026, until 2026-12-03 10:00");
    expect(reportPeriod({ kind: "rolling", length: days(28) }, AT).title).toBe("28d until 2026-12-03 09:00 UTC");
    expect(reportPeriod({ ...month, unit: "quarter" }, AT).title).toBe("Quarter 3, 2026");
    expect(reportPeriod({ ...month, unit: "week" }, AT).title).toBe("Week 48, 2026");
  });
});

describe("a report", () => {
  it("puts trouble first, and never calls good what was not measured", () => {
    expect(report.rows.map(({ slo, status }) => [slo.id, status])).toEqual([
      ["spent", "missed"],
      ["gone", "unknown"],
      ["half", "unknown"],
      ["fine", "met"],
    ]);
    expect(report.counts).toEqual({ missed: 1, at_risk: 0, unknown: 2, met: 1 });
  });

  it("names what consumed most of the budget, most first", () => {
    const [spent] = report.rows;
    const allowed = 0.001 * 30 * 288 * 100;
    expect(spent?.incidents.map(({ consumed }) => Number(consumed.toFixed(6)))).toEqual(
      [1_200 / allowed, 200 / allowed].map((share) => Number(share.toFixed(6))),
    );
    expect(spent?.incidents[0]).toMatchObject({ from: OUTAGE, to: OUTAGE + 2 * HOUR });
  });

  it("follows the budget to where it ends", () => {
    const [spent] = report.rows;
    const lefts = spent?.course.map(({ left }) => left ?? Number.NaN) ?? [];
    expect(lefts.length).toBeLessThanOrEqual(180);
    expect(lefts.at(-1)).toBeCloseTo(spent?.budget.left ?? Number.NaN, 9);
    expect(lefts).toEqual(lefts.toSorted((a, b) => b - a));
  });

  it("says what was taken out", async () => {
    const exclusions = exclusionsSchema.parse([
      { from: "2026-11-11T09:00:00Z", to: "2026-11-11T11:00:00Z", reason: "database moved", slos: ["spent"] },
    ]);
    const { rows } = await reportOn(slos, { source, period, at: AT, exclusions });
    const spent = rows.find(({ slo }) => slo.id === "spent");
    expect(spent).toMatchObject({ status: "met", excluded: [{ reason: "database moved" }] });
    expect(spent?.budget.coverage).toBe(1);
    expect(reportMarkdown({ ...report, rows })).toContain("2026-11-11 10:00 to 2026-11-11 12:00: database moved");
  });

  it("says each time that was taken out once, and of which objectives unless of all", async () => {
    const exclusions = exclusionsSchema.parse([
      { cron: "0 2 * * sun", length: "2h", reason: "updates" },
      { from: "2026-11-11T09:00:00Z", to: "2026-11-11T11:00:00Z", reason: "moved", slos: ["spent"] },
    ]);
    const text = reportMarkdown(await reportOn(slos, { source, period, at: AT, exclusions }));
    expect(text.match(/updates/g)).toHaveLength(5);
    expect(text).toMatch(/## Not counted\n\n- 2026-11-01 03:00 to 2026-11-01 05:00: updates\n/);
    expect(text).toContain("- 2026-11-11 10:00 to 2026-11-11 12:00: moved (spent)\n");
  });

  it("tells what is left of a rolling budget as pages do, and of what a budget of time is a share", async () => {
    const time = (id: string, window: Slo["window"]) =>
      httpSlo({ id, window, timeslices: { length: minutes(5), objective: 0.9 } });
    const rolling = { kind: "rolling", length: days(30) } as const;
    const both = [httpSlo({ id: "events", window: rolling }), time("slices", rolling), time("month", month)];
    const current = reportPeriod(month, AT, "current");
    // one slice of a hundred is bad
    const same = history(current.bounds, (at) => [1, (at / 300) % 100 === 0 ? 1 : 0]);
    const made = await reportOn(both, {
      source: sourceOf({ events: same, slices: same, month: same }),
      period: current,
      at: AT,
    });
    const leftOf = (id: string) => made.rows.find(({ slo }) => slo.id === id)?.budget.left ?? Number.NaN;
    expect(leftOf("slices")).toBeCloseTo(leftOf("events"), 9);
    expect(leftOf("month")).toBeGreaterThan(leftOf("slices"));
    expect(reportMarkdown(made)).toContain(
      "Budgets of time are of the whole period, also of what is still to come of it: month.",
    );
  });

  it("does not know what is left of what was hardly measured", async () => {
    const few = history(period.bounds, (at) => (at > period.bounds.from + DAY ? undefined : [100, 9]));
    const { rows } = await reportOn([httpSlo({ id: "new" })], { source: sourceOf({ new: few }), period, at: AT });
    expect(rows).toMatchObject([{ status: "unknown", budget: { left: undefined } }]);
  });

  it("is Markdown for people", () => {
    expect(reportMarkdown(report)).toBe(`# Service levels: November 2026

2026-11-01 00:00 to 2026-12-01 00:00 (Europe/Berlin). 1 missed, 2 not known, 1 met.

| Objective | | Target | Good | Budget left | Bad time | Measured |
|-|-|-|-|-|-|-|
| spent | **missed** | 99.9 % | 99.84 % | -62 % | 2.2 h | 100 % |
| gone | **not known** | 99.9 % | not measured | not known | not known | 0 % |
| half | **not known** | 99.9 % | 100 % | 100 % | none | 33 % |
| fine | met | 99.9 % | 100 % | 100 % | none | 100 % |

## spent

Pages \\| of \\<b\\>the shop\\</b\\>

What consumed most of it:

- 2026-11-11 10:00 to 2026-11-11 12:00: 139 % of the budget, 50 % failed, 2 h bad
- 2026-11-04 01:00 to 2026-11-04 01:10: 23 % of the budget, 100 % failed, 10 min bad

## gone

Requests to the shop are answered

Nothing was measured: nothing is known.

## half

Requests to the shop are answered

Measured for 33 % of the time: what happened in the other 20 d is not known. Nobody can say that it was met of less than 50 %.
`);
  });

  it("is an HTML page of its own: nothing is loaded, foreign text stays text, charts are in it", () => {
    const page = reportHtml(report);
    expect(page).toContain("&lt;b>the shop&lt;/b>");
    expect(page).not.toMatch(/<script|<link|src=|https?:/);
    // no chart of what was not measured
    expect(page.match(/<svg [^>]*role="img"/g)).toHaveLength(6);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
    expect(page).toContain("not measured: 2026-11-11 00:00 to 2026-12-01 00:00");
  });

  it("is JSON in which nothing unknown is a number", () => {
    const { objectives, counts } = JSON.parse(reportJson(report)) as {
      objectives: Record<string, unknown>[];
      counts: unknown;
    };
    expect(counts).toEqual(report.counts);
    expect(objectives.find(({ slo }) => slo === "gone")).toMatchObject({
      good: null,
      budgetRemaining: null,
      coverage: 0,
      status: "unknown",
    });
    expect(objectives.find(({ slo }) => slo === "spent")).toMatchObject({ badSeconds: 7_800 });
  });

  it("of nothing is said to be of nothing", () => {
    expect(reportMarkdown({ ...report, rows: [], counts: { missed: 0, at_risk: 0, met: 0, unknown: 0 } })).toContain(
      "No objectives.",
    );
  });
});
