import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CollectError } from "../../../core/errors.ts";
import { readSuggestion, retryAfter } from "./renewal-answer.ts";

const NOW = Date.UTC(2026, 0, 1) / 1000;

describe("an authority's suggestion", () => {
  it("is a window, whatever else it says", () => {
    const body = {
      suggestedWindow: { start: "2026-01-02T04:00:00Z", end: "2026-01-03T04:00:00.5+02:00" },
      explanationURL: "https://acme.example/docs/ari",
    };
    expect(readSuggestion(body, "GET x")).toEqual({
      start: Date.UTC(2026, 0, 2, 4) / 1000,
      end: Date.UTC(2026, 0, 3, 2) / 1000 + 0.5,
    });
  });

  it.each([
    null,
    {},
    { suggestedWindow: {} },
    { suggestedWindow: { start: "2026-01-02", end: "2026-01-03" } },
    { suggestedWindow: { start: "2026-13-02T04:00:00Z", end: "2026-13-03T04:00:00Z" } },
    { suggestedWindow: { start: 1, end: 2 } },
    { suggestedWindow: { start: "2026-01-03T04:00:00Z", end: "2026-01-03T04:00:00Z" } },
    { suggestedWindow: { start: "2026-01-03T04:00:00Z", end: "2026-01-02T04:00:00Z" } },
  ])("that is none is refused: %j", (body) => {
    expect(() => readSuggestion(body, "GET x")).toThrow(
      expect.objectContaining({ reason: "unexpected_shape", message: expect.stringMatching(/^GET x: /) }),
    );
  });

  it("of any form is read or refused in words", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.string(), (rest, start, end) => {
        for (const body of [rest, { suggestedWindow: rest }, { suggestedWindow: { start, end } }])
          try {
            const { start: from, end: to } = readSuggestion(body, "GET x");
            expect(from).toBeLessThan(to);
          } catch (thrown) {
            if (!(thrown instanceof CollectError)) throw thrown;
          }
      }),
    );
  });
});

describe("the wait until an authority is asked again", () => {
  it.each([
    ["21600", 21_600],
    [" 90 ", 90],
    ["0", 60],
    ["99999999", 86_400],
    [new Date((NOW + 7_200) * 1000).toUTCString(), 7_200],
    [new Date((NOW - 7_200) * 1000).toUTCString(), 60],
    [["120", "240"], 120],
    ["soon", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("for %j is %j", (header, wait) => {
    expect(retryAfter(header, NOW)).toBe(wait);
  });
});
