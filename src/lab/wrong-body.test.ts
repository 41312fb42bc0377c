import fc from "fast-check";
import { expect, test } from "vitest";
import {
  memberOf,
  withDeepNesting,
  withDoubledRows,
  withDuplicateKeys,
  withEmptyLists,
  withinMember,
  withNulls,
  withNumbers,
  withPrefix,
  withWrongTypes,
} from "./wrong-body.ts";

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

test.each([
  ["empty lists", withEmptyLists, '{"a":[],"b":{"c":[]}}'],
  ["rows twice", withDoubledRows, '{"a":[1,1,"x","x"],"b":{"c":[null,null]}}'],
  ["keys twice", withDuplicateKeys, '{"a":null,"a":[1,"x"],"b":null,"b":{"c":null,"c":[null]}}'],
  ["other numbers", (text: string) => withNumbers(text, "NaN"), '{"a":[NaN,"x"],"b":{"c":[null]}}'],
  ["longer texts", (text: string) => withPrefix(text, "<\n"), '{"a":[1,"<\\nx"],"b":{"c":[null]}}'],
  ["lists in lists", (text: string) => withDeepNesting(text, 3), '{"b":{"c":[null]},"a":[[[]]]}'],
])("a text has %s", (_, change, expected) => {
  expect(change('{"a":[1,"x"],"b":{"c":[null]}}')).toBe(expected);
});

test("one member is changed, and what is around it stays", () => {
  const text = '{"jsonrpc":"2.0","result":[1],"id":7}';
  expect(withinMember(text, "result", () => "NaN")).toBe('{"jsonrpc":"2.0","id":7,"result":NaN}');
  expect(withinMember(text, "error", () => "NaN")).toBe(text);
  expect([memberOf(text, "result"), memberOf(text, "error"), memberOf("[1]", "0")]).toEqual([
    "[1]",
    undefined,
    undefined,
  ]);
});

test("what is not JSON stays", () => {
  expect(withWrongTypes("# HELP a b\n")).toBe("# HELP a b\n");
  expect(withNulls("{")).toBe("{");
});
