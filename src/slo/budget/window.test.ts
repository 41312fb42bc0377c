import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { days } from "../../core/duration.ts";
import { DAY, HOUR } from "./__fixtures__/histories.ts";
import { boundsAt, lastBounds } from "./window.ts";

const at = (text: string): number => Date.parse(text) / 1_000;
const berlin = (unit: "week" | "month" | "quarter" | "year") =>
  ({ kind: "calendar", unit, timeZone: "Europe/Berlin" }) as const;

describe("bounds of a window", () => {
  it("that rolls end now", () => {
    const window = { kind: "rolling", length: days(30) } as const;
    const now = at("2026-11-20T10:05:00Z");
    expect(boundsAt(window, now)).toEqual({ from: now - 30 * DAY, to: now, end: now });
    expect(lastBounds(window, now)).toEqual(boundsAt(window, now));
  });

  it("of a month with a change of the clock begin and end at that zone's midnights", () => {
    const october = boundsAt(berlin("month"), at("2026-10-26T12:00:00Z"));
    expect(october.from).toBe(at("2026-10-01T00:00:00+02:00"));
    expect(october.end).toBe(at("2026-11-01T00:00:00+01:00"));
    expect(october.end - october.from).toBe(31 * DAY + HOUR);
    const march = lastBounds(berlin("month"), at("2026-04-03T12:00:00Z"));
    expect(march.to - march.from).toBe(31 * DAY - HOUR);
  });

  it("give midnight to the day before, whose last 5 minutes end with it", () => {
    const midnight = at("2026-11-01T00:00:00+01:00");
    expect(boundsAt(berlin("month"), midnight)).toMatchObject({ to: midnight, end: midnight });
    expect(boundsAt(berlin("month"), midnight + 300)).toMatchObject({ from: midnight, to: midnight + 300 });
  });

  it("know weeks, quarters and years", () => {
    const now = at("2026-11-18T12:00:00Z");
    expect(boundsAt(berlin("week"), now).from).toBe(at("2026-11-16T00:00:00+01:00"));
    expect(boundsAt(berlin("quarter"), now).from).toBe(at("2026-10-01T00:00:00+02:00"));
    expect(boundsAt(berlin("year"), now)).toMatchObject({
      from: at("2026-01-01T00:00:00+01:00"),
      end: at("2027-01-01T00:00:00+01:00"),
    });
  });

  it("of any zone and time hold that time, touch the next ones and lie on 5 minutes", () => {
    const zones = fc.constantFrom("Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "UTC");
    const units = fc.constantFrom("week", "month", "quarter", "year");
    fc.assert(
      fc.property(zones, units, fc.integer({ min: 5_000_000, max: 6_500_000 }), (timeZone, unit, slice) => {
        const now = slice * 300;
        const window = { kind: "calendar", unit, timeZone } as const;
        const { from, to, end } = boundsAt(window, now);
        expect(from).toBeLessThan(now);
        expect([to, from % 300, end % 300]).toEqual([now, 0, 0]);
        expect(end).toBeGreaterThanOrEqual(now);
        expect(boundsAt(window, end + 300).from).toBe(end);
        expect(lastBounds(window, now).to).toBe(from);
        expect(boundsAt(window, from)).toEqual(lastBounds(window, now));
      }),
    );
  });

  it("of an unknown zone are an error", () => {
    expect(() => boundsAt({ ...berlin("month"), timeZone: "Moon/Base" }, 0)).toThrow("unknown time zone Moon/Base");
  });
});
