import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countVotes } from "./votes.ts";

const ones = (count: number): number[] => Array.from({ length: count }, () => 1);
const device = (algorithm: string, isConnected = true) => ({ algorithm, isConnected });
const tolerance = (online: number, all: number, outside?: ReturnType<typeof device>) =>
  countVotes({ online: ones(online), all: ones(all), device: outside }).tolerance;

describe("countVotes", () => {
  it.each([
    [3, 3, 1],
    [2, 3, 0],
    [4, 4, 1],
    [5, 5, 2],
    [2, 2, 0],
    [1, 1, 0],
    [1, 3, undefined],
  ])("lets %i nodes of %i lose %s more", (online, all, expected) => {
    expect(tolerance(online, all)).toBe(expected);
  });

  it("counts a vote of the device for a half, and those of the last man standing", () => {
    expect(tolerance(2, 2, device("Fifty-Fifty split"))).toBe(1);
    expect(tolerance(2, 2, device("Fifty-Fifty split", false))).toBe(0);
    expect(tolerance(5, 5, device("LMS"))).toBe(4);
    expect(countVotes({ online: ones(2), all: ones(2), device: device("Astrology") })).toEqual({});
  });

  it("loses the nodes with most votes first", () => {
    expect(countVotes({ online: [3, 1, 1], all: [3, 1, 1], device: undefined }).tolerance).toBe(0);
  });

  it("never loses more than a majority bears, whichever nodes go", () => {
    const votes = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(votes, (all) => {
        const { tolerance: found = -1, expected = 0 } = countVotes({ online: all, all, device: undefined });
        const isEnough = (lost: number): boolean => {
          const rest = all.toSorted((a, b) => b - a).slice(lost);
          return rest.reduce((sum, each) => sum + each, 0) * 2 > expected;
        };
        expect(found === -1 || isEnough(found)).toBe(true);
        expect(found === all.length || !isEnough(found + 1)).toBe(true);
      }),
    );
  });
});
