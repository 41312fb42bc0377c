import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readNamingSchema } from "./naming-schema.ts";

const matches = (schema: string, name: string): boolean | undefined => readNamingSchema(schema)?.(name);

describe("naming schema", () => {
  it.each([
    ["auto-%Y-%m-%d_%H-%M", "auto-2026-11-26_10-00", true],
    ["auto-%Y-%m-%d_%H-%M", "manual-2026-11-26_10-00", false],
    ["auto-%Y-%m-%d_%H-%M", "auto-2026-11-26_10-00-2w", false],
    ["auto-%Y-%m-%d_%H-%M", "xauto-2026-11-26_10-00", false],
    ["auto-%Y%m%d.%H%M%S-2w", "auto-20261126.100000-2w", true],
    ["auto-%Y%m%d.%H%M%S-2w", "auto-20261126x100000-2w", false],
    ["daily %a %b %d %Y %H.%M %p", "daily Thu Nov 26 2026 10.00 AM", true],
    ["t-%Y-%m-%d_%H-%M%z", "t-2026-11-26_10-00:0100", true],
    ["epoch-%s", "epoch-1764151200", true],
    ["epoch-%s", "epoch-", false],
  ])("%s made %s: %s", (schema, name, expected) => expect(matches(schema, name)).toBe(expected));

  it.each(["", "auto", "auto-%Q", "%", "100%%-%Y"])("does not understand %j", (schema) =>
    expect(readNamingSchema(schema)).toBeUndefined(),
  );

  it("takes every text around a directive as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        fc.pre(!text.includes("%"));
        expect(matches(`${text}%Y`, `${text}2026`)).toBe(true);
        expect(matches(`${text}%Y`, `${text}x`)).toBe(false);
      }),
    );
  });
});
