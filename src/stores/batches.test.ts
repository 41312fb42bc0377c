import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batches } from "./batches.ts";

describe("batches", () => {
  it("hold all rows in their order, in few lengths", () => {
    fc.assert(
      fc.property(fc.nat(2_000), (count) => {
        const rows = Array.from({ length: count }, (_, i) => i);
        const all = [...batches(rows)];
        expect(all.flat()).toEqual(rows);
        for (const { length } of all) expect([1, 2, 4, 8, 16, 32, 64, 128, 256]).toContain(length);
        expect(all.length).toBeLessThanOrEqual(count / 256 + 8);
      }),
    );
  });
});
