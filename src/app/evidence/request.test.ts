import { describe, expect, it } from "vitest";
import { readRequest } from "./request.ts";

const NOW = Date.parse("2026-11-27T03:20:00Z");

describe("readRequest", () => {
  it("reads an alert by its fingerprint in any case", () => {
    expect(readRequest({ alert: " A1B2 ", labels: {} }, NOW)).toEqual({ about: "alert", fingerprint: "a1b2" });
  });

  it("reads labels with a time, which is the last half hour unless given", () => {
    expect(readRequest({ labels: { service: "shop" } }, NOW)).toEqual({
      about: "labels",
      labels: { service: "shop" },
      window: { from: NOW - 30 * 60_000, to: NOW },
    });
  });

  it.each([
    [{ labels: {} }, /name one thing/],
    [{ alert: "a1", labels: { service: "shop" } }, /name one thing/],
    [{ alert: "a1", from: "1h", labels: {} }, /has its own time/],
    [{ from: "soon", labels: { service: "shop" } }, /from=soon is no time/],
    [{ from: "1h", to: "soon", labels: { service: "shop" } }, /to=soon is no time/],
    [{ from: "10m", to: "30m", labels: { service: "shop" } }, /before/],
    [{ from: "2d", labels: { service: "shop" } }, /longer than a day/],
    [{ to: "2026-11-28T00:00:00Z", labels: { service: "shop" } }, /in the future/],
  ])("refuses %j", (texts, fault) => {
    expect(readRequest(texts, NOW)).toEqual({ fault: expect.stringMatching(fault) as string });
  });
});
