import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ownerOf } from "./rendezvous.ts";

const members = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 });
const keys = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 50 });

describe("whose a key is", () => {
  it("is nobody's without members, and does not depend on their order", () => {
    expect(ownerOf("vault/a", [])).toBeUndefined();
    const shuffled = members.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    const check = fc.property(shuffled, fc.string(), ([all, other], key) => {
      expect(ownerOf(key, all)).toBe(ownerOf(key, other));
    });
    fc.assert(check);
  });

  it("stays as it is for all who stay when a member goes or comes", () => {
    const check = fc.property(members, keys, (all, names) => {
      const [gone, ...rest] = all;
      const kept = names.filter((key) => ownerOf(key, all) !== gone);
      expect(kept.map((key) => ownerOf(key, rest))).toEqual(kept.map((key) => ownerOf(key, all)));
    });
    fc.assert(check);
    expect(ownerOf("vault/a", ["one"])).toBe("one");
  });

  it("is divided evenly", () => {
    const all = ["one", "two", "three", "four"];
    const owners = Array.from({ length: 4_000 }, (_, i) => ownerOf(`proxmox/cluster-${i}`, all));
    for (const member of all) {
      const share = owners.filter((owner) => owner === member).length;
      expect(share).toBeGreaterThan(850);
      expect(share).toBeLessThan(1_150);
    }
  });
});
