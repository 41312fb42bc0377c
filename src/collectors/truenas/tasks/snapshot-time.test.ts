import { describe, expect, it } from "vitest";
import { snapshotTime } from "./snapshot-time.ts";

const at = (iso: string): number => Date.parse(iso) / 1000;

describe("the time in a snapshot's name", () => {
  it.each([
    ["auto-2026-07-01_09-00", "auto-%Y-%m-%d_%H-%M", "2026-07-01T07:00:00Z"],
    ["auto-2026-01-01_09-00", "auto-%Y-%m-%d_%H-%M", "2026-01-01T08:00:00Z"],
    ["20260701.090005", "%Y%m%d.%H%M%S", "2026-07-01T07:00:05Z"],
    ["a-2026-07-01_09-00-0500", "a-%Y-%m-%d_%H-%M%z", "2026-07-01T14:00:00Z"],
    ["a-2026-07-01_09-00:0530", "a-%Y-%m-%d_%H-%M%z", "2026-07-01T03:30:00Z"],
    ["t1782896400", "t%s", "2026-07-01T09:00:00Z"],
  ])("of %s by %s is %s", (name, schema, expected) => {
    expect(snapshotTime(name, ["other-%Y%m%d%H%M", schema], "Europe/Berlin")).toBe(at(expected));
  });

  it.each([
    ["by-hand", "auto-%Y-%m-%d_%H-%M"],
    ["auto-2026-07-01_09-00x", "auto-%Y-%m-%d_%H-%M"],
    ["auto-2026-07-01_09-00-Wed", "auto-%Y-%m-%d_%H-%M-%a"],
    // shown twice, and never
    ["auto-2026-10-25_02-30", "auto-%Y-%m-%d_%H-%M"],
    ["auto-2026-03-29_02-30", "auto-%Y-%m-%d_%H-%M"],
  ])("of %s by %s is not known", (name, schema) => {
    expect(snapshotTime(name, [schema], "Europe/Berlin")).toBeUndefined();
  });

  it("is not known in a time zone that is none", () => {
    expect(snapshotTime("auto-2026-07-01_09-00", ["auto-%Y-%m-%d_%H-%M"], "Mars/Olympus")).toBeUndefined();
  });
});
