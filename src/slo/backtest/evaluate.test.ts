import { describe, expect, it } from "vitest";
import { hours, minutes } from "../../core/duration.ts";
import { DAY, history, HOUR, MIDNIGHT, within } from "../budget/__fixtures__/histories.ts";
import type { History } from "../budget/increments.ts";
import type { Slo } from "../model.ts";
import { httpSlo } from "../rules/__fixtures__/slos.ts";
import { firingsOf } from "./evaluate.ts";

const SPAN = { from: MIDNIGHT, to: MIDNIGHT + DAY };
const NOON = MIDNIGHT + 12 * HOUR;

/** Each minute the increase of the last 5, when `rate` events come and fail in a minute. */
const minutely = (rate: (at: number) => readonly [total: number, errors: number] | undefined): History =>
  history(
    SPAN,
    (at) => {
      const last = Array.from({ length: 5 }, (_, i) => rate(at - i * 60));
      if (last.at(0) === undefined) return undefined;
      return [0, 1].map((i) => last.reduce((sum, slice) => sum + (slice?.[i] ?? 0), 0)) as [number, number];
    },
    60,
  );

const pages = (slo: Slo, counted: History) => firingsOf(slo, { counted, events: counted }, "page", SPAN);

describe("an alert of the past", () => {
  it("fires as soon as its rules would: a total outage is told in the minute in which it burns too fast", () => {
    // with its second minute 3.3 % of the hour failed
    const outage = minutely((at) => [100, within(at, NOON, NOON + 10 * 60) ? 100 : 0]);
    const [page, ...others] = pages(httpSlo(), outage);
    expect(others).toEqual([]);
    expect(page).toMatchObject({ pendingSince: NOON + 60, from: NOON + 60, long: hours(1), short: minutes(5) });
    // 30 minutes by the slower row, and half an hour longer by keep_firing_for
    expect(((page?.to ?? 0) - NOON) / 60).toBeGreaterThanOrEqual(10 + 30 + 30);
    expect(page?.peakBurn).toBeCloseTo(1_000 / 6, 0);
  });

  it("stays quiet at what the objective allows, when nothing happens and when nothing is known", () => {
    expect(
      pages(
        httpSlo(),
        minutely(() => [1_000, 1]),
      ),
    ).toEqual([]);
    expect(
      pages(
        httpSlo(),
        minutely(() => [0, 0]),
      ),
    ).toEqual([]);
    expect(
      pages(
        httpSlo(),
        minutely(() => undefined),
      ),
    ).toEqual([]);
  });

  it("needs its minimum of failures and of events", () => {
    const one = minutely((at) => [at % HOUR === 0 ? 1 : 0, at === NOON ? 1 : 0]);
    expect(pages(httpSlo(), one)).toEqual([]);
    expect(pages(httpSlo({ minimum: { events: 0, failures: 0 } }), one)).toHaveLength(1);
    const few = minutely((at) => [within(at, NOON, NOON + 600) ? 1 : 0, within(at, NOON, NOON + 600) ? 1 : 0]);
    expect(pages(httpSlo(), few)).toHaveLength(1);
    expect(pages(httpSlo({ minimum: { events: 20, failures: 2 } }), few)).toEqual([]);
  });

  it("waits for its `for`: what is over before is not told", () => {
    const blip = minutely((at) => [100, at === NOON ? 100 : 0]);
    const slow: Slo["alerting"]["tiers"] = [
      { alert: "page", long: hours(1), short: minutes(5), factor: 14.4, for: minutes(10), keepFiringFor: minutes(0) },
    ];
    const of = (tiers: Slo["alerting"]["tiers"]) => httpSlo({ alerting: { ...httpSlo().alerting, tiers } });
    expect(pages(of(slow), blip)).toEqual([]);
    const quick = slow.map((tier) => ({ ...tier, for: minutes(0) }));
    expect(pages(of(quick), blip)).toMatchObject([{ from: NOON, to: NOON + 300 }]);
  });

  it("that fires at the end has no end", () => {
    expect(
      pages(
        httpSlo(),
        minutely((at) => [100, at > NOON ? 100 : 0]),
      ),
    ).toMatchObject([{ to: undefined }]);
  });

  it("that is switched off never fires", () => {
    const { alerting } = httpSlo();
    const slo = httpSlo({ alerting: { ...alerting, page: { ...alerting.page, enabled: false } } });
    expect(
      pages(
        slo,
        minutely(() => [100, 100]),
      ),
    ).toEqual([]);
  });

  it("can be told from 5 minute values too, if coarser", () => {
    const coarse = history(SPAN, (at) => [500, within(at, NOON, NOON + 600) ? 500 : 0]);
    expect(pages(httpSlo(), coarse)).toMatchObject([{ pendingSince: NOON + 300, from: NOON + 300 }]);
  });
});
