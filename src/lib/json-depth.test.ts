import fc from "fast-check";
import { expect, test } from "vitest";
import { isNestedTooDeep, MOST_LEVELS } from "./json-depth.ts";

const lists = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;

test("takes as many levels as are allowed, of lists and of objects, and no more", () => {
  expect(isNestedTooDeep(lists(MOST_LEVELS))).toBe(false);
  expect(isNestedTooDeep(lists(MOST_LEVELS + 1))).toBe(true);
  expect(isNestedTooDeep('{"a":['.repeat(MOST_LEVELS / 2 + 1))).toBe(true);
});

test("counts levels and not brackets", () => {
  expect(isNestedTooDeep(`[${"[],{}".repeat(MOST_LEVELS)}]`)).toBe(false);
});

test("what stands in a string is no level, whatever it is", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("[", "{", '"', "\\", "a", "\u2028")), (parts) => {
      const text = `${parts.join("")}${"[".repeat(MOST_LEVELS + 1)}\\"`;
      expect(isNestedTooDeep(JSON.stringify([text, text]))).toBe(false);
      expect(isNestedTooDeep(`[${JSON.stringify(text)},${lists(MOST_LEVELS + 1)}]`)).toBe(true);
    }),
  );
});

test("a string without an end is the end", () => {
  expect(isNestedTooDeep(`"${"[".repeat(MOST_LEVELS + 1)}`)).toBe(false);
  expect(isNestedTooDeep(`"\\"${"[".repeat(MOST_LEVELS + 1)}`)).toBe(false);
});
