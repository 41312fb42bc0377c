import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprintOf, hasAllOf, messageOf, readMark } from "./content.ts";

const contents = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<Record<string, unknown>>;

/** Other order of keys, empty ones left out, and more than was written. */
function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewritten);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([, each]) => each !== null && !(Array.isArray(each) && each.length === 0));
  const all = kept.map(([key, each]): [string, unknown] => [key, rewritten(each)]).toReversed();
  return { "\u0000default": { of: ["Grafana"] }, ...Object.fromEntries(all) };
}

describe("what Grafana has of a content", () => {
  it("is all of it, whatever Grafana reorders, fills in and leaves out", () => {
    fc.assert(
      fc.property(contents, (content) => {
        expect(hasAllOf(rewritten(content) as object, content)).toBe(true);
      }),
    );
  });

  it("is not, when one value is another one", () => {
    fc.assert(
      fc.property(contents, fc.string(), fc.jsonValue(), (content, value, other) => {
        const here = { ...content, title: { list: [value, 1] } };
        expect(hasAllOf({ ...here, title: { list: [`${value}!`, 1] } }, here)).toBe(false);
        expect(hasAllOf({ ...here, title: { list: [value, 1, other] } }, here)).toBe(false);
        expect(hasAllOf({ ...here, title: { list: [value] } }, here)).toBe(false);
        expect(hasAllOf(content, here)).toBe(Object.hasOwn(content, "title") && content["title"] === here.title);
      }),
    );
  });

  it.each([
    [{ tags: ["a"] }, { tags: [] }],
    [{ on: false }, { on: true }],
    [{ on: 0 }, { on: null }],
    [{ x: [] }, { x: { a: 1 } }],
    [{ x: "1" }, { x: 1 }],
  ])("is not, when it is %j instead of %j", (theirs, ours) => {
    expect(hasAllOf(theirs, ours)).toBe(false);
  });

  it("does not go by what Grafana counts", () => {
    const theirs = { id: 17, uid: "a", version: 9, schemaVersion: 42, title: "A" };
    expect(hasAllOf(theirs, { id: null, uid: "b", version: 0, schemaVersion: 41, title: "A" })).toBe(true);
  });
});

describe("a save's mark", () => {
  it("is read from its message, and from no other", () => {
    const mark = { fingerprint: fingerprintOf({ title: "A" }), revision: 12 };
    expect(readMark(messageOf(mark))).toEqual(mark);
    for (const message of [undefined, "", "Restored from version 3", `${messageOf(mark)} and more`])
      expect(readMark(message)).toBeUndefined();
  });

  it("names a content by its values, not by the order of its keys", () => {
    fc.assert(
      fc.property(contents, (content) => {
        const turned = Object.fromEntries(Object.entries(content).toReversed());
        expect(fingerprintOf(turned)).toBe(fingerprintOf(content));
        expect(fingerprintOf({ ...content, title: { a: 1 } })).not.toBe(fingerprintOf({ ...content, title: { a: 2 } }));
      }),
    );
  });
});
