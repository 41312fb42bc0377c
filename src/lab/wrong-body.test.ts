import fc from "fast-check";
import { expect, test } from "vitest";
import { withNulls, withWrongTypes } from "./wrong-body.ts";

const types = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(types);
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, types(child)]));
};
const swap: Record<string, string> = { number: "string", boolean: "string", string: "number", null: "number" };

test("wrong types keep the shape and change every type", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      const expected = JSON.stringify(types(value), (_, type: unknown) =>
        typeof type === "string" ? swap[type] : type,
      );
      expect(JSON.stringify(types(JSON.parse(withWrongTypes(text))))).toBe(expected);
    }),
  );
});

test("nulls keep the shape above their depth", () => {
  const text = '{"a":{"b":[1,{"c":"d"}]},"e":true}';
  expect(withNulls(text)).toBe('{"a":{"b":[null,{"c":null}]},"e":null}');
  expect(withNulls(text, 0)).toBe("null");
  expect(withNulls(text, 1)).toBe('{"a":null,"e":null}');
  expect(withNulls(text, 2)).toBe('{"a":{"b":null},"e":null}');
});

test("what is not JSON stays", () => {
  expect(withWrongTypes("# HELP a b\n")).toBe("# HELP a b\n");
  expect(withNulls("{")).toBe("{");
});
