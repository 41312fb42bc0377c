import { describe, expect, it } from "vitest";
import { zoneOf } from "./node-zone.ts";

const SUMMER = Date.UTC(2024, 6, 14) / 1000;
const WINTER = Date.UTC(2024, 11, 8) / 1000;
const offsetIn = (zone: ReturnType<typeof zoneOf>, seconds: number) => zone?.offset(seconds * 1000);

describe("zoneOf", () => {
  it("takes the named zone, which knows of summer time", () => {
    const zone = zoneOf({ timezone: "Europe/Vienna", time: WINTER, localtime: WINTER + 3600 });
    expect([offsetIn(zone, WINTER), offsetIn(zone, SUMMER)]).toEqual([60, 120]);
  });

  it("believes the clock where the name is stale", () => {
    const zone = zoneOf({ timezone: "Europe/Vienna", time: WINTER, localtime: WINTER - 5 * 3600 });
    expect(offsetIn(zone, WINTER)).toBe(-300);
  });

  it("does with the clock where the name is missing or unknown", () => {
    for (const timezone of [undefined, "", "Mars/Olympus"])
      expect(offsetIn(zoneOf({ timezone, time: WINTER, localtime: WINTER + 20_700 }), WINTER)).toBe(345);
  });

  it("does with the name where the clock is missing", () => {
    const zone = zoneOf({ timezone: "Asia/Kathmandu", time: undefined, localtime: undefined });
    expect(offsetIn(zone, WINTER)).toBe(345);
  });

  it("says nothing where both are missing", () => {
    expect(zoneOf({ timezone: undefined, time: WINTER, localtime: undefined })).toBeUndefined();
  });
});
