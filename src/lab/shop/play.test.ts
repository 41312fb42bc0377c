import { describe, expect, it } from "vitest";
import type { ShopTelemetry } from "./contract.ts";
import { playShop } from "./play.ts";
import { Simulation } from "./simulation.ts";

const BEGINNING = Date.UTC(2026, 9, 7, 13, 20);
const OPTIONS = { seed: 9, from: BEGINNING, middle: BEGINNING, rate: 2, traced: 0.5 };

describe("a played shop", () => {
  it("sends its past to all, tells who did not take it, and ends with the signal", async () => {
    const ends = new AbortController();
    const taken: ShopTelemetry[] = [];
    const failures: unknown[] = [];
    const begun = Date.now();
    const shop = await playShop({
      seed: 9,
      backlogMs: 120_000,
      sinks: [async (telemetry) => void taken.push(telemetry), () => Promise.reject(new Error("away"))],
      failed: (error) => failures.push(error),
      signal: ends.signal,
    });
    const [past] = taken;
    expect(past?.lines.length).toBeGreaterThan(100);
    expect(past?.lines[0]?.at).toBeGreaterThanOrEqual(begun - 135_000);
    expect(failures).toEqual([new Error("away")]);
    const { alert, causes } = shop.begin("disk_full");
    expect(alert.startsAt).toBeGreaterThan(begun + 180_000);
    expect(
      causes({ title: "", detail: { kind: "field_value", field: "a", value: "ENOSPC", comparison: "failed" } }),
    ).toBe(true);
    shop.end();
    ends.abort();
    await shop.done;
  });

  it("can have a fault in its past", async () => {
    const ends = new AbortController();
    const taken: ShopTelemetry[] = [];
    const begun = Date.now();
    const { done } = await playShop({
      seed: 9,
      backlogMs: 300_000,
      begins: { fault: "bad_version", agoMs: 120_000 },
      sinks: [async (telemetry) => void taken.push(telemetry)],
      signal: ends.signal,
    });
    const deploy = taken.flatMap(({ changes }) => changes).find(({ kind }) => kind === "deploy");
    expect(deploy?.at).toBeGreaterThanOrEqual(begun - 120_000);
    const { version } = deploy?.labels ?? {};
    const lines = taken.flatMap((each) => each.lines);
    expect(lines.some((line) => line.version === version)).toBe(true);
    ends.abort();
    await done;
  });

  it("goes on where it was, as if it had run at once", () => {
    const [once, often] = [new Simulation(OPTIONS), new Simulation(OPTIONS)];
    const whole = once.advance(BEGINNING + 300_000);
    const pieces = [1, 2, 3, 4, 5].map((minute) => often.advance(BEGINNING + minute * 60_000));
    const ids = (lines: ShopTelemetry["lines"]): readonly string[] =>
      lines.map(({ at, message }) => `${at} ${message}`).toSorted();
    expect(ids(pieces.flatMap(({ lines }) => lines))).toEqual(ids(whole.lines));
    const points = (of: readonly ShopTelemetry[]): number =>
      of
        .flatMap(({ families }) => families.flatMap(({ series }) => series))
        .reduce((sum, each) => sum + each.points.length, 0);
    expect(points(pieces)).toBe(points([whole]));
  });

  it("has a fault only between its beginning and its end", () => {
    const shop = new Simulation(OPTIONS);
    const refusals = (to: number): number =>
      shop.advance(to).lines.filter(({ errorType, peer }) => errorType === "ECONNREFUSED" && peer !== undefined).length;
    const before = refusals(BEGINNING + 120_000);
    shop.begin("error_burst", BEGINNING + 120_000, 60_000);
    const during = refusals(BEGINNING + 600_000);
    shop.end();
    expect([before, refusals(BEGINNING + 900_000)].every((count) => count < 3)).toBe(true);
    expect(during).toBeGreaterThan(3);
  });
});
