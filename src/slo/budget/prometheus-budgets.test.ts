import { afterEach, describe, expect, it } from "vitest";
import { days, minutes } from "../../core/duration.ts";
import type { Slo } from "../model.ts";
import { httpSlo } from "../rules/__fixtures__/slos.ts";
import { DAY, HOUR, MIDNIGHT } from "./__fixtures__/histories.ts";
import { closePrometheus, pair, prometheusOf } from "./__fixtures__/prometheus.ts";
import { budgetAt, neededSpan } from "./budget.ts";
import { exclusionsSchema } from "./exclusions.ts";
import { readAllBudgets, readBudgets, readHistories } from "./read.ts";

afterEach(closePrometheus);

/** A budget of five days, of which one day may fail. */
const fiveDays: Partial<Slo> = { objective: 0.8, window: { kind: "rolling", length: days(5) } };
const BEGIN = MIDNIGHT - 5 * DAY;

describe("budgets of a Prometheus", () => {
  it("are the same from sums of days as from histories, whatever is excluded and wherever windows begin", async () => {
    const traffic = pair(
      {},
      (at) => (Math.floor(at / 300) % 11 === 0 ? undefined : 64 + (Math.floor(at / 300) % 64)),
      (at) => (Math.floor(at / 7_200) % 5 === 0 ? 32 : 0),
    );
    const exclusions = exclusionsSchema.parse([
      { cron: "0 22 * * *", length: "4h", reason: "updates" },
      { from: "2026-10-29T00:00:00Z", to: "2026-10-30T00:00:00Z", reason: "moving" },
    ]);
    const { source, clock } = await prometheusOf(traffic);
    const slo = httpSlo(fiveDays);
    for (const hours of [0, 0.1, 2.5, 23, 25, 48, 49]) {
      clock.now = MIDNIGHT + hours * HOUR;
      const [known] = (await readBudgets([slo], { source, at: clock.now, exclusions })).get(slo.id) ?? [];
      const span = neededSpan(slo, clock.now);
      const [of] = (await readHistories([slo], span, { source, exclusions })).get(slo.id) ?? [];
      expect({ ...known, since: 0 }).toEqual({ ...(of && budgetAt(slo, of, clock.now)), since: 0 });
    }
  });

  it("are asked for by days, later only what is new and what a window begins to cut", async () => {
    const { source, asked, clock } = await prometheusOf(
      pair(
        {},
        () => 10,
        () => 1,
      ),
    );
    const slo = httpSlo(fiveDays);
    const read = async () => {
      const [budget] = (await readBudgets([slo], { source, at: clock.now })).get(slo.id) ?? [];
      expect(budget).toMatchObject({ events: 5 * 2_880, errors: 5 * 288, coverage: 1 });
      const spans = asked.splice(0).map(({ from, to }) => [from, to] as const);
      return spans.toSorted(([a], [b]) => a - b);
    };
    clock.now = MIDNIGHT + HOUR;
    expect(await read()).toEqual([
      [-120, -96],
      [-96, -72],
      [-72, -48],
      [-48, -24],
      [-24, 0],
      [0, 1],
    ]);
    // what is younger than 10 minutes is asked for again
    clock.now += HOUR;
    expect(await read()).toEqual([[1 - 2 / 12, 2]]);
    expect(await read()).toEqual([[2 - 2 / 12, 2]]);
    // the past may have been filled in
    clock.now += 7 * HOUR;
    expect(await read()).toHaveLength(6);
    clock.now = MIDNIGHT + 23.9 * HOUR;
    await read();
    // the fourth day before is no longer whole
    clock.now += 0.5 * HOUR;
    expect(await read()).toEqual([
      [-96, -72],
      [24 - 4 / 12, 24],
      [24, 24 + 4 / 12],
    ]);
    expect(await read()).toEqual([[24 + 2 / 12, 24 + 4 / 12]]);
  });

  it("are whole though another reading forgets days meanwhile", async () => {
    const { source, clock } = await prometheusOf(
      pair(
        {},
        () => 10,
        () => 1,
      ),
    );
    const slo = httpSlo(fiveDays);
    clock.now = MIDNIGHT + 23.9 * HOUR;
    await readBudgets([slo], { source, at: clock.now });
    const first = readBudgets([slo], { source, at: clock.now + 0.05 * HOUR });
    clock.now += 7 * HOUR;
    const second = readBudgets([slo], { source, at: clock.now });
    for (const reading of await Promise.all([first, second]))
      expect(reading.get(slo.id)).toMatchObject([{ events: 5 * 2_880, coverage: 1 }]);
  });

  it("are asked for again when an answer was known to be incomplete", async () => {
    const { source, asked, clock } = await prometheusOf(
      pair(
        {},
        () => 10,
        () => 1,
      ),
      { warnings: ["store is down"] },
    );
    await readBudgets([httpSlo(fiveDays)], { source, at: clock.now });
    const before = asked.length;
    await readBudgets([httpSlo(fiveDays)], { source, at: clock.now });
    expect(asked).toHaveLength(2 * before);
  });

  it("tell since when a group is measured", async () => {
    const { source, clock } = await prometheusOf([
      ...pair(
        { region: "old" },
        () => 10,
        () => 1,
      ),
      ...pair(
        { region: "new" },
        (at) => (at > MIDNIGHT - 30 * HOUR ? 10 : undefined),
        () => 1,
      ),
    ]);
    clock.now = MIDNIGHT + HOUR;
    const slo = httpSlo({ ...fiveDays, groupBy: ["region"] });
    for (let i = 0; i < 2; i++) {
      const found = (await readBudgets([slo], { source, at: clock.now })).get(slo.id);
      expect(found?.map(({ group, since }) => [group["region"], since])).toEqual([
        ["new", MIDNIGHT - 30 * HOUR + 300],
        ["old", BEGIN + 300],
      ]);
    }
  });

  it("of all others are known when one is too much, which is asked for alone and not at once again", async () => {
    const { source, asked, clock, refuse } = await prometheusOf(
      Array.from({ length: 30 }, (_, i) =>
        pair(
          { slo_id: `slo-${i}` },
          () => 10,
          () => 1,
        ),
      ).flat(),
    );
    const slos = Array.from({ length: 30 }, (_, i) => httpSlo({ ...fiveDays, id: `slo-${i}` }));
    refuse((query) => (/\bslo-7\b/.test(query) ? 422 : undefined));
    const read = async () => {
      const { budgets, troubles } = await readAllBudgets(slos, { source, at: clock.now });
      expect([...troubles.keys()].length + budgets.size).toBe(30);
      return [...troubles].map(([id, { message }]) => [id, message]);
    };
    const trouble = ["slo-7", expect.stringContaining("status 422: query processing would load too many samples")];
    expect(await read()).toEqual([trouble]);
    asked.length = 0;
    expect(await read()).toEqual([trouble]);
    expect(asked.filter(({ query }) => /\bslo-7\b/.test(query))).toEqual([]);
    await expect(readBudgets(slos, { source, at: clock.now })).rejects.toThrow("422");
    clock.now += 11 * 60;
    asked.length = 0;
    await read();
    const again = asked.filter(({ query }) => /\bslo-7\b/.test(query));
    expect(again.every(({ query }) => query.endsWith(`=~"slo-7"}`))).toBe(true);
    expect(again.length).toBeGreaterThan(0);
    refuse(() => undefined);
    clock.now += 11 * 60;
    expect(await read()).toEqual([]);
  });

  it("of an SLO whose answer is too large are unknown, also when it is the only one", async () => {
    const { source, clock, refuse } = await prometheusOf([]);
    refuse(() => "large");
    const { budgets, troubles } = await readAllBudgets([httpSlo(fiveDays)], { source, at: clock.now });
    expect(budgets.size).toBe(0);
    expect(troubles.get("shop-requests")?.message).toContain("larger than");
  });

  it("are none when Prometheus refuses everything or is away, after few questions", async () => {
    const { source, asked, clock, refuse } = await prometheusOf([]);
    const slos = Array.from({ length: 150 }, (_, i) => httpSlo({ ...fiveDays, id: `slo-${i}` }));
    refuse(() => 422);
    await expect(readAllBudgets(slos, { source, at: clock.now })).rejects.toThrow("422");
    expect(asked.length).toBeLessThan(100);
    refuse(() => 503);
    asked.length = 0;
    await expect(readAllBudgets(slos, { source, at: clock.now })).rejects.toThrow("503");
    expect(asked.length).toBeLessThan(10);
  });

  it("of many SLOs are asked for together, and one that is not measured has an unknown budget", async () => {
    const { source, asked, clock } = await prometheusOf(
      pair(
        {},
        () => 10,
        () => 0,
      ),
    );
    const slos = [httpSlo(), ...Array.from({ length: 24 }, (_, i) => httpSlo({ id: `other-${i}` }))];
    const budgets = await readBudgets(slos, { source, at: clock.now });
    expect(asked.filter(({ to }) => to === 48)).toHaveLength(2);
    expect(budgets.get("shop-requests")).toMatchObject([{ left: 1, group: {} }]);
    expect(budgets.get("other-3")).toMatchObject([{ left: undefined, coverage: 0, group: {} }]);
  });

  it("know the maintenance that is still to come, whatever windows begin at the same time", async () => {
    const { source, clock } = await prometheusOf(
      pair(
        {},
        () => 1,
        () => 0.1,
      ),
    );
    const calendar = httpSlo({
      objective: 0.9,
      window: { kind: "calendar", unit: "month", timeZone: "UTC" },
      timeslices: { length: minutes(5), objective: 0.9 },
    });
    const exclusions = exclusionsSchema.parse([
      { from: "2026-11-10T00:00:00Z", to: "2026-11-30T00:00:00Z", reason: "moving" },
    ]);
    // both need the three days of the slowest tier
    clock.now = MIDNIGHT + DAY;
    const leftOf = async (...slos: readonly Slo[]) =>
      (await readBudgets(slos, { source, at: clock.now, exclusions })).get(calendar.id)?.[0]?.left;
    const rolling = httpSlo({ id: "other", window: { kind: "rolling", length: days(3) } });
    expect(await leftOf(rolling, calendar)).toBe(await leftOf(calendar));
  });
});
