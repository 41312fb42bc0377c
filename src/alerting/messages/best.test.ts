import fc from "fast-check";
import { expect, it } from "vitest";
import { best } from "./best.ts";

it("gives the beginning of what sorting all of it gives, equal items in their order", () => {
  const items = fc.array(fc.record({ rank: fc.nat(5), id: fc.nat() }), { maxLength: 60 });
  fc.assert(
    fc.property(items, fc.nat(20), (all, most) => {
      const byRank = (a: { rank: number }, b: { rank: number }): number => a.rank - b.rank;
      expect(best(all, most, byRank)).toEqual(all.toSorted(byRank).slice(0, most));
    }),
  );
});
