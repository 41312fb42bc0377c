import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { shapeReader } from "./shape-reader.ts";

const schema = z.strictObject({
  name: z.string().min(1).describe("What people call it."),
  method: z.enum(["mean", "median"]),
  port: z.int().max(65_535).optional(),
  tags: z.array(z.string()).min(2).max(3).optional(),
  labels: z.record(z.string().regex(/^[a-z]+$/, "names have small letters"), z.string()).optional(),
  window: z.union([z.string(), z.strictObject({ calendar: z.string() })]).optional(),
  share: z.union([z.number(), z.string()], 'write a share such as "10%"').optional(),
  login: z
    .discriminatedUnion("type", [
      z.strictObject({ type: z.literal("bearer"), tokenFile: z.string() }),
      z.strictObject({ type: z.literal("basic"), username: z.string() }),
    ])
    .optional(),
});

const GOOD = { name: "a", method: "mean" };
const read = shapeReader(schema);

function faultsOf(value: unknown): readonly string[] {
  const found = read(value, ["slos", 0]);
  if ("data" in found) return [];
  return found.faults.map(
    ({ path, key, message }) => `${[...path, ...(key === undefined ? [] : [`(${key})`])].join(".")}: ${message}`,
  );
}

describe("what is wrong with a shape", () => {
  it("is nothing where it fits", () => {
    expect(read(GOOD)).toEqual({ data: GOOD });
  });

  it.each<[object, string]>([
    [{ name: 7 }, "name: must be a text, is a number: put it in quotes"],
    [{ name: ["a"] }, "name: must be a text, is a list"],
    [{ name: "" }, "name: must not be empty"],
    [{ name: null }, "name: is empty: give it a value, or take the key out"],
    [{ name: undefined }, "name: is missing: What people call it."],
    [{ method: undefined }, "method: is missing: must be one of mean, median"],
    [{ method: "Median" }, 'method: must be one of mean, median; did you mean "median"?'],
    [{ port: 1.5 }, "port: must be a whole number"],
    [{ port: 70_000 }, "port: must be at most 65535"],
    [{ tags: ["a"] }, "tags: must have at least 2 entries"],
    [{ tags: "a" }, "tags: must be a list, is a text"],
    [{ labels: { A: "a" } }, "labels.A: names have small letters"],
    [{ labels: { A: null } }, "labels.A: names have small letters"],
    [{ window: 5 }, "window: must be a text or a mapping of keys, is a number"],
    [{ window: {} }, "window.calendar: is missing"],
    [{ share: [] }, 'share: write a share such as "10%"'],
    [{ login: { type: "basik" } }, 'login.type: must be one of bearer, basic; did you mean "basic"?'],
    [{ login: {} }, "login.type: is missing: must be one of bearer, basic"],
    [
      { login: { type: "bearer", token_file: "a", tokenFile: "a" } },
      'login.(token_file): unknown key "token_file"; did you mean "tokenFile"?',
    ],
    [
      { login: { type: "basic", username: "a", tokenFile: "a" } },
      'login.(tokenFile): unknown key "tokenFile"; known are type, username',
    ],
    [{ Name: "a" }, '(Name): unknown key "Name"; did you mean "name"?'],
  ])("is said in plain words: %j", (change, message) => {
    expect(faultsOf({ ...GOOD, ...change })).toEqual([`slos.0.${message}`]);
  });

  it("is placed at the value as a whole where that is no mapping", () => {
    expect(faultsOf("a")).toEqual(["slos.0: must be a mapping of keys, is a text"]);
  });

  it.each(["hunter-2-Xx", "sJkQfRwTz", "correcthorsebatterystaplecorrecthorse", "A"])(
    "does not show an unknown key that may be a value: %s",
    (key) => {
      const found = read({ ...GOOD, [key]: 1 });
      expect("faults" in found && found.faults.map(({ message }) => message)).toEqual([
        "unknown key; known are name, method, port, tags, labels, window, share, login",
      ]);
    },
  );

  it("takes help and known keys from another tree when it is given one", () => {
    const tree = () => z.toJSONSchema(z.strictObject({ a: z.string().describe("From the tree.") }));
    const found = shapeReader(z.strictObject({ a: z.string() }), tree)({});
    expect(found).toEqual({ faults: [{ path: ["a"], message: "is missing: From the tree." }] });
  });

  it("never has a value in it, whatever the value", () => {
    const SECRET = "S3cr3t-0xBEEF";
    const leaf = fc.constantFrom<unknown>(SECRET, null, 1, true, Number.NaN);
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie("value")),
        fc.dictionary(fc.constantFrom(...KEYS), tie("value")),
      ),
    }));
    fc.assert(
      fc.property(value, (one) => {
        expect(JSON.stringify(read(one))).not.toMatch("faults" in read(one) ? SECRET : /^$/);
      }),
    );
  });
});

const KEYS = [...Object.keys(schema.shape), "type", "tokenFile", "calendar", "__proto__", "constructor", "other"];
