import fc from "fast-check";
import { expect, test } from "vitest";
import { COLUMNS, layOut, type Place } from "./layout.ts";

const overlap = (a: Place, b: Place): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

test("panels never overlap, never leave the grid, and begin where they should", () => {
  const size = fc.record({ width: fc.integer({ min: 1, max: 30 }), height: fc.integer({ min: 1, max: 12 }) });
  fc.assert(
    fc.property(fc.array(size, { maxLength: 30 }), fc.integer({ min: 0, max: 50 }), (sizes, top) => {
      const { places, bottom } = layOut(sizes, top);
      expect(places).toHaveLength(sizes.length);
      places.forEach((place, i) => {
        expect(place.x + place.w).toBeLessThanOrEqual(COLUMNS);
        expect(place.y).toBeGreaterThanOrEqual(top);
        expect(place.y + place.h).toBeLessThanOrEqual(bottom);
        expect(place.h).toBe(sizes[i]?.height);
        expect(places.slice(0, i).some((other) => overlap(other, place))).toBe(false);
      });
    }),
  );
});

test("a line is stretched to the whole width when it is at least half full", () => {
  const stats = (count: number) =>
    layOut(
      Array.from({ length: count }, () => ({ width: 4, height: 4 })),
      0,
    );
  expect(stats(5).places.map(({ x, w }) => [x, w])).toEqual([
    [0, 5],
    [5, 5],
    [10, 5],
    [15, 5],
    [20, 4],
  ]);
  expect(stats(2).places.map(({ x, w }) => [x, w])).toEqual([
    [0, 4],
    [4, 4],
  ]);
});

test("a panel of another height begins a line", () => {
  const { places, bottom } = layOut(
    [
      { width: 4, height: 4 },
      { width: 12, height: 8 },
      { width: 12, height: 8 },
    ],
    1,
  );
  expect(places).toEqual([
    { x: 0, y: 1, w: 4, h: 4 },
    { x: 0, y: 5, w: 12, h: 8 },
    { x: 12, y: 5, w: 12, h: 8 },
  ]);
  expect(bottom).toBe(13);
});
