import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesPattern } from "../promql/matcher-text.ts";
import { textsMatching } from "./sample-text.ts";

describe("texts that a pattern matches", () => {
  it.each([
    ["5..|429", ["500", "429"]],
    ["(api|web)-[0-9]+", ["api-0", "web-0"]],
    ["1|1\\.0", ["1", "1.0"]],
    ["[^a-f]x{2,}", ["xxx"]],
    [".+", ["0"]],
    ["\\d{3}", ["000"]],
    ["^(?:GET|POST)$", ["GET", "POST"]],
    ["(?i:get)", ["get"]],
  ])("%s: %j", (pattern, texts) => {
    expect(textsMatching(pattern)).toEqual(texts);
  });

  it.each(["(", "a\\b(?!c)", "[z-a]"])("are none for %s, which is no pattern of Prometheus", (pattern) => {
    expect(textsMatching(pattern)).toEqual([]);
  });

  it("match, whatever the pattern", () => {
    const pattern = fc.string({
      unit: fc.constantFrom(...String.raw`ab01.*+?|()[]^$\d{2}-`),
      maxLength: 20,
    });
    fc.assert(
      fc.property(pattern, (of) => {
        for (const text of textsMatching(of)) expect(matchesPattern(of, text)).toBe(true);
      }),
    );
  });
});
