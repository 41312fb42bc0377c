import { globSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { parseYaml } from "../../lib/yaml.ts";
import { readPlainYaml } from "./plain-yaml.ts";

/** What may stand after a key or a dash. */
const VALUES = [
  "",
  "",
  "",
  "1",
  "text",
  "|",
  "|-",
  "[a, b]",
  "{ a: b, c: 1 }",
  "'it''s'",
  '"x # y" # z',
  "x #y",
  "x # y",
  "~",
  ".5",
  'sum(rate(x{a="b"}[5m]))',
  "-1",
  "1e3",
  "{}",
  "[]",
  "99.9%",
  "true",
  "yes",
  "a,b",
  "# only this",
  "1.",
  "+7",
  "  x  ",
];
const TROUBLE = [
  "0x1f",
  "&x y",
  "*x",
  "x: y",
  "x:",
  "- 1",
  "[a, [b]]",
  "{a: b, a: c}",
  "'open",
  '"a\\n"',
  "@x",
  ">",
  "-0",
  ".inf",
  "| x",
  "[a,b]",
  "{a: }",
  "{a}",
  "0o7",
  "[a: b]",
  "- x",
  "%",
  "1_000",
  "12345678901234567",
  "<<",
  "|2",
];
const KEYS = ["a", "b", "c", "d-e", "f.g/h", "i", "j", "k", "l", "m", "n", "null", "true"];
const key = fc.constantFrom(...KEYS);
const value = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...VALUES) },
  { weight: 1, arbitrary: fc.constantFrom(...TROUBLE) },
);
const item = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(key, value).map(([name, text]) => `${name}: ${text}`) },
  { weight: 2, arbitrary: value.map((text) => `- ${text}`) },
  { weight: 2, arbitrary: fc.tuple(key, value).map(([name, text]) => `- ${name}: ${text}`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("", "  ", "# comment", "text", "a : b", "? a", "-", "'a': b", "<<: {}", "---x"),
  },
);
const line = fc.tuple(fc.constantFrom(0, 0, 2, 2, 4, 4, 6, 1), item).map(([indent, text]) => " ".repeat(indent) + text);
const document = fc.array(line, { maxLength: 8 }).map((lines) => ["top:", ...lines].join("\n"));

/** Whatever it reads the full parser reads, too, with the same values at the same places. */
function expectSame(text: string): void {
  const plain = readPlainYaml(text);
  if (plain === undefined) return;
  const full = parseYaml(text, "spec.yaml");
  expect(full.faults).toEqual([]);
  expect(full.value).toEqual(plain.value);
  for (const { path, value } of objectsIn(plain.value, []))
    expect(plain.place(value), `${path.join(".")} of\n${text}`).toEqual(full.locate(path));
}

function objectsIn(value: unknown, path: (string | number)[]): { path: (string | number)[]; value: object }[] {
  if (typeof value !== "object" || value === null) return [];
  const isList = Array.isArray(value);
  const below = Object.entries(value).flatMap(([key, one]) => objectsIn(one, [...path, isList ? Number(key) : key]));
  return [{ path, value }, ...below];
}

describe("plain YAML", () => {
  it("is read as the full parser reads it, or left to that", () => {
    fc.assert(fc.property(document, expectSame), { numRuns: 3_000 });
  });

  it("is read as it was printed, or left to the full parser", () => {
    const value = fc.dictionary(fc.stringMatching(/^[a-z_]{1,5}$/), fc.jsonValue({ maxDepth: 3 }), { minKeys: 1 });
    let read = 0;
    fc.assert(
      fc.property(value, (one) => {
        const text = stringify(one, { lineWidth: 0 });
        expectSame(text);
        if (readPlainYaml(text) !== undefined) read++;
      }),
    );
    expect(read).toBeGreaterThan(0);
  });

  it("is what specifications are written in", () => {
    const texts = globSync("examples/slo/*.yaml").map((file) => readFileSync(file, "utf8"));
    texts.forEach(expectSame);
    expect(texts.filter((text) => readPlainYaml(text) !== undefined).length).toBeGreaterThan(0);
  });

  it("reads literal blocks, quotes, comments and flat collections", () => {
    const text = `# head
service: "my # shop" # not the text
slos:
- name: a
  sli: # below
    total: |
      sum(
        rate(x[5m]) # in it

      )

    errors: |-
      x
  labels: { a: b, c: "d e" }
- [1, two, 'three']
objective: 99.9
`;
    expect(readPlainYaml(text)?.value).toEqual({
      service: "my # shop",
      slos: [
        {
          name: "a",
          sli: { total: "sum(\n  rate(x[5m]) # in it\n\n)\n", errors: "x" },
          labels: { a: "b", c: "d e" },
        },
        [1, "two", "three"],
      ],
      objective: 99.9,
    });
    expectSame(text);
  });
});
