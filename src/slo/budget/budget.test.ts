import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { days, hours, minutes, seconds } from "../../core/duration.ts";
import type { Slo } from "../model.ts";
import { httpSlo, promql } from "../rules/__fixtures__/slos.ts";
import { DAY, history, HOUR, MIDNIGHT, within } from "./__fixtures__/histories.ts";
import { budgetAt, neededSpan } from "./budget.ts";
import { incidentsIn } from "./bad-time.ts";
import { excluding, historyOf, sumOf, type History, type Increment } from "./increments.ts";
import { joined } from "./spans.ts";

const AT = MIDNIGHT + 30 * DAY;
const MONTH = { from: MIDNIGHT, to: AT };

const budgetOf = (slo: Slo, history: History, at = AT) => budgetAt(slo, { group: {}, history }, at);

describe("a budget", () => {
  it("is sum over sum: a busy hour weighs more than a quiet night", () => {
    // nights have one request in 5 minutes, and one whole quiet hour fails; days have 1,000
    const uneven = history(MONTH, (at) => {
      const isNight = (at - 1) % DAY < 8 * HOUR;
      return isNight ? [1, within(at, MIDNIGHT + DAY, MIDNIGHT + DAY + HOUR) ? 1 : 0] : [1_000, 0];
    });
    const events = 30 * (96 + 192 * 1_000);
    const budget = budgetOf(httpSlo(), uneven);
    expect(budget.events).toBe(events);
    expect(budget.ratio).toBeCloseTo(12 / events, 15);
    expect(budget.left).toBeCloseTo(1 - 12 / events / 0.001, 12);
    expect(budget).toMatchObject({ coverage: 1, burn: 0, badTime: hours(1), exhaustedIn: undefined });
  });

  it("is whole when nothing happened, and not known when nothing was measured", () => {
    const idle = budgetOf(
      httpSlo(),
      history(MONTH, () => [0, 0]),
    );
    expect(idle).toMatchObject({ left: 1, ratio: undefined, burn: undefined, burns: [], coverage: 1 });
    const unmeasured = budgetOf(
      httpSlo(),
      history(MONTH, () => undefined),
    );
    expect(unmeasured).toMatchObject({ left: undefined, ratio: undefined, coverage: 0, exhaustedIn: undefined });
  });

  it("is not current when nothing was measured lately, but for maintenance and the nights of a ratio", () => {
    const ended = history(MONTH, (at) => (at > AT - 2 * HOUR ? undefined : [10, 0]));
    expect(budgetOf(httpSlo(), ended)).toMatchObject({ isCurrent: false, left: 1 });
    const idle = history(MONTH, () => [0, 0]);
    expect(budgetOf(httpSlo(), idle).isCurrent).toBe(true);
    expect(budgetOf(httpSlo(), excluding(ended, [{ from: AT - 3 * HOUR, to: AT }])).isCurrent).toBe(true);
    const ratio = httpSlo({ sli: { kind: "ratio", errorRatio: promql("bad") } });
    expect(budgetOf(ratio, ended).isCurrent).toBe(true);
  });

  it("tells how much of its window was measured, whether the gap is in the middle or before the beginning", () => {
    const gap = history(MONTH, (at) => (within(at, MIDNIGHT + DAY, MIDNIGHT + 16 * DAY) ? undefined : [10, 0]));
    expect(budgetOf(httpSlo(), gap)).toMatchObject({ coverage: 0.5, left: 1 });
    const young = history({ from: AT - 3 * DAY, to: AT }, () => [10, 0]);
    expect(budgetOf(httpSlo(), young).coverage).toBeCloseTo(0.1, 12);
  });

  it("tells the burn of every window of its table, and when nothing will be left", () => {
    const burning = history(MONTH, (at) => (at > AT - HOUR ? [100, 2] : [100, 0]));
    const { burns, burn, left, exhaustedIn } = budgetOf(httpSlo(), burning);
    expect(burns.map(({ window }) => window)).toEqual(
      [minutes(5), minutes(30), hours(1), hours(2), hours(6), days(1), days(3)].map(Number),
    );
    expect(burns.map((one) => Number(one.burn.toPrecision(6)))).toEqual([20, 20, 20, 10, 3.33333, 0.833333, 0.277778]);
    expect(burn).toBeCloseTo(20, 10);
    expect(exhaustedIn).toBe(seconds(Math.round(((left ?? 0) * 30 * DAY) / 20)));
  });

  it("that is overspent is below nothing, and gone at once", () => {
    const budget = budgetOf(
      httpSlo(),
      history(MONTH, () => [100, 1]),
    );
    expect(budget.left).toBeCloseTo(-9, 10);
    expect(budget.exhaustedIn).toBe(0);
  });

  it("of time in a month is the whole month's from its first day; one of events grows with them", () => {
    const month = { kind: "calendar", unit: "month", timeZone: "UTC" } as const;
    const firstDay = { from: MIDNIGHT, to: MIDNIGHT + DAY };
    // one hour of a day is bad; a tenth of the month may be
    const hourBad = history(firstDay, (at) => [1, at <= MIDNIGHT + HOUR ? 1 : 0]);
    const slices: Partial<Slo> = { objective: 0.9, window: month };
    const ofTime = httpSlo({ ...slices, timeslices: { length: minutes(5), objective: 0.99 } });
    expect(budgetOf(ofTime, hourBad, firstDay.to).left).toBeCloseTo(1 - 1 / (0.1 * 30 * 24), 12);
    expect(budgetOf(httpSlo(slices), hourBad, firstDay.to).left).toBeCloseTo(1 - 1 / (0.1 * 24), 12);
    // what was not measured is no good time: 23 hours less are left to fail in
    const rest = history(firstDay, (at) => (at <= MIDNIGHT + HOUR ? [1, 1] : undefined));
    expect(budgetOf(ofTime, rest, firstDay.to).left).toBeCloseTo(1 - 1 / (0.1 * (29 * 24 + 1)), 12);
  });

  it("of a calendar's events is gone only if it burns faster than they bring it", () => {
    const slo = httpSlo({ objective: 0.9, window: { kind: "calendar", unit: "month", timeZone: "UTC" } });
    const day = { from: MIDNIGHT, to: MIDNIGHT + DAY };
    const burning = (errors: number) =>
      budgetOf(
        slo,
        history(day, (at) => (at > day.to - HOUR ? [100, errors] : [100, 0])),
        day.to,
      );
    expect(burning(10).exhaustedIn).toBeUndefined();
    const { left = 0, exhaustedIn } = burning(90);
    expect(exhaustedIn).toBe(seconds(Math.round((left * DAY) / 8)));
    expect(
      budgetOf(
        { ...slo, sli: { kind: "ratio", errorRatio: promql("x") } },
        history(day, () => [1, 0.02]),
        day.to,
      ).exhaustedIn,
    ).toBeUndefined();
  });

  it("asks for as much past as its window and its longest tier", () => {
    expect(neededSpan(httpSlo(), AT + 17)).toEqual({ from: AT - 30 * DAY, to: AT });
    const calendar = httpSlo({ window: { kind: "calendar", unit: "month", timeZone: "UTC" } });
    expect(neededSpan(calendar, MIDNIGHT + HOUR)).toEqual({ from: MIDNIGHT + HOUR - 3 * DAY, to: MIDNIGHT + HOUR });
  });
});

describe("incidents", () => {
  it("are bad slices near to each other, with what they took", () => {
    const of = history({ from: MIDNIGHT, to: MIDNIGHT + DAY }, (at) => {
      const minute = (at - MIDNIGHT) / 60;
      return [60, 65, 95, 200].includes(minute) ? [100, 50] : [100, 0];
    });
    const found = incidentsIn(of, { from: MIDNIGHT, to: MIDNIGHT + DAY }, 0.001);
    expect(
      found.map(({ from, to, badTime, errors }) => [(from - MIDNIGHT) / 60, (to - MIDNIGHT) / 60, badTime, errors]),
    ).toEqual([
      [55, 95, minutes(15), 150],
      [195, 200, minutes(5), 50],
    ]);
  });
});

/** Half a day of anything: gaps, idle slices, odd numbers. */
const odd = fc.oneof(
  fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY, -1),
  fc.double({ min: 0, max: 1e9, noNaN: true }),
);
const SPAN = { from: MIDNIGHT, to: MIDNIGHT + DAY / 2 };
const anyHistory = fc
  .array(fc.tuple(fc.integer({ min: -3, max: 150 }), odd, fc.double({ min: 0, max: 1, noNaN: true })), {
    maxLength: 200,
  })
  .map((slices) =>
    historyOf(
      slices.map(([i, total, share]): Increment => [MIDNIGHT + i * 300, total, total * share]),
      SPAN,
    ),
  );
const anySpans = fc
  .array(fc.tuple(fc.integer({ min: -9_000, max: 50_000 }), fc.integer({ min: 0, max: 20_000 })), { maxLength: 5 })
  .map((spans) => joined(spans.map(([from, length]) => ({ from: MIDNIGHT + from, to: MIDNIGHT + from + length }))));

describe("for any history", () => {
  const slo = httpSlo({ objective: 0.99, window: { kind: "rolling", length: hours(12) } });

  it("windows that are split add up", () => {
    fc.assert(
      fc.property(anyHistory, anySpans, fc.integer({ min: 0, max: 144 }), (of, spans, cut) => {
        const middle = SPAN.from + cut * 300;
        const known = excluding(of, spans);
        const [whole, first, second] = [SPAN, { ...SPAN, to: middle }, { ...SPAN, from: middle }].map((span) =>
          sumOf(known, span),
        );
        for (const key of ["total", "errors", "measured", "slices"] as const)
          expect(whole?.[key]).toBeCloseTo((first?.[key] ?? 0) + (second?.[key] ?? 0), 0);
      }),
    );
  });

  it("nothing is ever NaN or infinite, and coverage is a share", () => {
    fc.assert(
      fc.property(anyHistory, anySpans, (of, spans) => {
        const { window: _, group: __, burns, ...numbers } = budgetOf(slo, excluding(of, spans), SPAN.to);
        const values = [...Object.values(numbers), ...burns.flatMap(({ ratio, burn }) => [ratio, burn])];
        const odd = values.filter((value) => typeof value === "number" && !Number.isFinite(value));
        expect(odd).toEqual([]);
        expect(numbers.coverage).toBeGreaterThanOrEqual(0);
        expect(numbers.coverage).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("taking time out never lowers coverage below the share of all time that is still measured", () => {
    fc.assert(
      fc.property(anyHistory, anySpans, (of, spans) => {
        const all = sumOf(of, SPAN);
        const rest = sumOf(excluding(of, spans), SPAN);
        const { coverage } = budgetOf(slo, excluding(of, spans), SPAN.to);
        expect(coverage).toBeGreaterThanOrEqual(rest.measured / all.slices);
        expect(coverage).toBe(all.measured === all.slices && rest.slices > 0 ? 1 : coverage);
      }),
    );
  });

  it("taking out only slices that failed too often never makes a budget smaller", () => {
    fc.assert(
      fc.property(anyHistory, (of) => {
        const slices = Array.from({ length: 144 }, (_, i) => ({
          from: SPAN.from + i * 300,
          to: SPAN.from + i * 300 + 300,
        }));
        const bad = slices.filter((slice) => incidentsIn(of, slice, 0.01).length > 0);
        const before = budgetOf(slo, of, SPAN.to).left ?? 1;
        expect(budgetOf(slo, excluding(of, joined(bad)), SPAN.to).left ?? 1).toBeGreaterThanOrEqual(before - 1e-9);
      }),
    );
  });
});
