import { describe, expect, it } from "vitest";
import { hours, minutes } from "../../core/duration.ts";
import { asBegun, windowsFor, windowsOf } from "./question.ts";

const SETTINGS = { before: minutes(10), after: minutes(5), baseline: hours(1) };
const BEGAN = Date.parse("2026-11-27T03:00:00.700Z");

describe("the window of an alert", () => {
  it("begins before it and ends after it, with the hour before as baseline", () => {
    const { window, baseline } = windowsOf({ startsAt: BEGAN }, SETTINGS, BEGAN + hours(5));
    expect(window).toEqual({ from: BEGAN - 700 - minutes(10), to: BEGAN - 700 + minutes(5) });
    expect(baseline).toEqual({ from: window.from - hours(1), to: window.from });
  });

  it("ends now while the alert is new", () => {
    const now = BEGAN + 40_000;
    expect(windowsOf({ startsAt: BEGAN }, SETTINGS, now).window.to).toBe(Math.floor(now / 1_000) * 1_000);
  });

  it("ends with the alert that was soon over, but leaves time to see it", () => {
    const to = (endsAfter: number): number =>
      windowsOf({ startsAt: BEGAN, endsAt: BEGAN + endsAfter }, SETTINGS, BEGAN + hours(5)).window.to - (BEGAN - 700);
    expect(to(minutes(4))).toBe(minutes(4));
    expect(to(1_000)).toBe(minutes(2.5));
    expect(to(hours(2))).toBe(minutes(5));
  });

  it("is not in the future when its sender's clock is ahead, and the same an hour later", () => {
    const alert = { startsAt: BEGAN + minutes(15) };
    const windowAt = (now: number) => windowsOf(asBegun({ updatedAt: BEGAN }, alert, now), SETTINGS, now).window;
    expect(windowAt(BEGAN)).toEqual({ from: BEGAN - 700 - minutes(10), to: BEGAN - 700 });
    expect(windowAt(BEGAN + hours(1))).toEqual({ from: BEGAN - 700 - minutes(10), to: BEGAN - 700 + minutes(5) });
    expect(asBegun({ updatedAt: BEGAN + minutes(20) }, alert, BEGAN).startsAt).toBe(BEGAN);
    expect(asBegun({ updatedAt: BEGAN }, { startsAt: BEGAN - hours(1) }, BEGAN).startsAt).toBe(BEGAN - hours(1));
  });

  it("is at least a minute long when it is named", () => {
    expect(windowsFor({ from: BEGAN, to: BEGAN + 10 }, hours(1)).window).toEqual({
      from: BEGAN - 700,
      to: BEGAN - 700 + 60_000,
    });
  });
});
