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
    [{ labels: { service: " \u0000" } }, /^service is empty/],
    [{ alert: "a1", labels: { service: "shop" } }, /name one thing/],
    [{ alert: "a1", from: "1h", labels: {} }, /has its own time/],
    [{ from: "soon", labels: { service: "shop" } }, /from=soon is no time/],
    [{ from: "1h", to: "soon", labels: { service: "shop" } }, /to=soon is no time/],
    [
      { from: "10m", to: "30m", labels: { service: "shop" } },
      /^from must be before to: from is 2026-11-27 03:10:00 UTC, to 2026-11-27 02:50:00 UTC/,
    ],
    [{ from: "now", labels: { service: "shop" } }, /^from must be before to/],
    [
      { from: "2027-01-01T00:00:00Z", labels: { service: "shop" } },
      /^from lies in the future .2027-01-01 00:00 UTC; it is 2026-11-27 03:20 UTC here/,
    ],
    [{ from: "2d", labels: { service: "shop" } }, /^from and to are 48 h apart: at most 24 h are looked at/],
    [{ from: "1441m", labels: { service: "shop" } }, /^from and to are 24\.1 h apart: at most 24 h/],
    [{ to: "2026-11-28T00:00:00Z", labels: { service: "shop" } }, /^to lies in the future/],
  ])("refuses %j", (texts, fault) => {
    expect(readRequest(texts, NOW)).toEqual({ fault: expect.stringMatching(fault) as string });
  });
});
