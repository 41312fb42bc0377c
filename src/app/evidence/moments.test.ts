import { describe, expect, it } from "vitest";
import { readMoment } from "./moments.ts";

const NOW = Date.parse("2026-11-27T03:20:00Z");

describe("readMoment", () => {
  it.each([
    ["now", NOW],
    ["30m", NOW - 30 * 60_000],
    ["-1h30m", NOW - 90 * 60_000],
    ["now-30m", NOW - 30 * 60_000],
    ["2026-11-27T03:00:00Z", Date.parse("2026-11-27T03:00:00Z")],
    ["2026-11-27T03:00:00+02:00", Date.parse("2026-11-27T01:00:00Z")],
    ["2026-11-27T03:00", Date.parse("2026-11-27T03:00:00Z")],
    [String(NOW / 1_000), NOW],
    [String(NOW), NOW],
  ])("reads %s", (text, moment) => {
    expect(readMoment(text, NOW)).toBe(moment);
  });

  it.each([
    "99999999y",
    "-99999999999999999999y",
    `${"9".repeat(400)}y`,
    "+012345-01-01T00:00:00Z",
    "-000001-01-01T00:00Z",
  ])("does not read %j, which is no moment that anybody could mean", (text) => {
    expect(readMoment(text, NOW)).toBeUndefined();
  });

  it.each(["", "yesterday", "30", "2026-13-01", "-", "now+5m"])("does not read %j", (text) => {
    expect(readMoment(text, NOW)).toBeUndefined();
  });
});
