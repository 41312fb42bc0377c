import { describe, expect, it } from "vitest";
import { alert, alertText, printThreshold, withOverride, type Threshold } from "./alert.ts";
import { days, hours, inSeconds, minutes, seconds } from "./duration.ts";
import { gauge } from "./metric.ts";
import { printPromql } from "./promql-print.ts";
import { equal, greater, selectUntargeted } from "./promql.ts";

const shelf = selectUntargeted(gauge("shelf", { help: "The shelf.", labels: ["room"] }));
const threshold = { value: 0.8, unit: "ratio", help: "share that is used" } as const;
const texts = {
  severity: "warning",
  for: minutes(5),
  keepFiringFor: minutes(10),
  summary: () => "",
  description: () => "",
} as const;
const filling = alert({ ...texts, name: "ShelfFilling", when: (most) => greater(shelf, most), threshold });
const gone = alert({ ...texts, name: "ShelfGone", when: equal(shelf, 0) });

describe("an override", () => {
  it("changes what it names", () => {
    const changed = withOverride(filling, {
      severity: "critical",
      threshold: 0.9,
      for: hours(1),
      keepFiringFor: seconds(0),
    });
    expect(changed).toMatchObject({
      name: "ShelfFilling",
      severity: "critical",
      for: 3_600_000,
      keepFiringFor: 0,
      threshold: { ...threshold, value: 0.9 },
    });
    expect(printPromql(changed.when.node)).toBe("shelf > 0.9");
  });

  it("of 0 is one", () => {
    const { when, for: lasting } = withOverride(filling, { threshold: 0, for: seconds(0) });
    expect([printPromql(when.node), lasting]).toEqual(["shelf > 0", 0]);
  });

  it("leaves the rest, and the alert itself, as they were", () => {
    expect(withOverride(filling)).toEqual(filling);
    expect(withOverride(filling, { threshold: 0.9 })).toMatchObject({ severity: "warning", for: 300_000 });
    expect(printPromql(filling.when.node)).toBe("shelf > 0.8");
    expect(withOverride(gone, { threshold: 7 })).toEqual(gone);
  });
});

describe("a threshold", () => {
  it.each<[Threshold["unit"], number, string, string]>([
    ["ratio", 0.85, "0.85", "85%"],
    ["ratio", 1 / 3, "0.3333", "33.33%"],
    ["seconds", inSeconds(days(7)), "7d", "7d"],
    ["seconds", 0.5, "500ms", "500ms"],
    ["seconds", 0.000_1, "0.0001", "0.0001"],
    ["none", 500, "500", "500"],
    ["none", 12_345, "12345", "12345"],
    ["ratio", 0.07, "0.07", "7%"],
    ["celsius", -20, "-20", "-20"],
  ])("in %s of %d is written %s, and read %s", (unit, value, written, read) => {
    expect(printThreshold({ unit, value, help: "" })).toBe(written);
    expect(alertText({ unit, value, help: "" }).threshold).toBe(read);
  });

  it("is nothing in the texts of an alert that has none", () => {
    expect(alertText().threshold).toBe("");
  });
});
