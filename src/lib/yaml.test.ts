import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { YamlPath } from "./yaml-places.ts";
import { parseYaml, printYaml } from "./yaml.ts";

const TEXT = `# a comment
server:
  listen: ":80"
  empty:
targets:
  - name: a
    tags: [x, "y"]
  - &second
    name: b
  - *second
  -
`;

describe("parseYaml", () => {
  const source = parseYaml(TEXT, "a.yaml");

  it("gives the value", () => {
    expect(source.faults).toEqual([]);
    expect(source.value).toEqual({
      server: { listen: ":80", empty: null },
      targets: [{ name: "a", tags: ["x", "y"] }, { name: "b" }, { name: "b" }, null],
    });
  });

  it.each<[YamlPath, number, number]>([
    [[], 2, 1],
    [["server"], 3, 3],
    [["server", "listen"], 3, 11],
    [["server", "empty"], 4, 3],
    [["targets"], 6, 3],
    [["targets", 0], 6, 5],
    [["targets", 0, "tags"], 7, 11],
    [["targets", 0, "tags", 1], 7, 15],
    [["targets", 2], 10, 5],
    [["targets", 2, "name"], 9, 11],
    [["targets", 3], 11, 4],
  ])("locates the value at %j", (path, line, column) => {
    expect(source.locate(path)).toEqual({ line, column });
  });

  it("locates keys", () => {
    expect(source.locateKey(["server"], "listen")).toEqual({ line: 3, column: 3 });
    expect(source.locateKey(["targets", 2], "name")).toEqual({ line: 9, column: 5 });
  });

  it("has no place for what is not there", () => {
    expect(source.locate(["server", "port"])).toBeUndefined();
    expect(source.locate(["server", "listen", "x"])).toBeUndefined();
    expect(source.locate(["targets", 9])).toBeUndefined();
    expect(source.locateKey(["server"], "port")).toBeUndefined();
    expect(source.locateKey(["targets"], "name")).toBeUndefined();
  });

  it.each([
    ["", null],
    ["# only a comment\n", null],
    ["%YAML 1.1\n---\na: yes\n", { a: "yes" }],
    ["1: one", { "1": "one" }],
    ["<<: { a: 1 }", { "<<": { a: 1 } }],
    ["a: [\n  1,\n]\n", { a: [1] }],
  ])("reads %j", (text, value) => {
    expect(parseYaml(text, "a.yaml")).toMatchObject({ value, faults: [] });
  });

  it.each([
    ["a: 1\nb: [\n", 3, 'a "[" further up is not closed'],
    ["a: 1\n---\nb: 1\n", 2, "a second document begins here"],
    ["a:\n\tb: 1\n", 2, "tabs are not allowed"],
    ["a: 1\nb: 2\na: 3\n", 3, "a second time"],
    ["a: !secret b\n", 1, "tags (!name) are not supported"],
    ["a: !!binary aGk=\n", 1, "tags (!name) are not supported"],
    ["%FOO bar\n---\na: 1\n", 1, "directive"],
    ["a: &x 1\nb: *y\n", 2, "no anchor of this name"],
    ["a: *x\nb: &x 1\n", 1, "no anchor of this name"],
    ["a: &x\n  b: *x\n", 2, "stands inside of what it repeats"],
    ["? [a]\n: x\n", 1, "a key must be a text"],
    ["a: { b: ${X} }\n", 1, 'put "${NAME}" in quotes'],
  ])("refuses %j", (text, line, message) => {
    const { faults, value } = parseYaml(text, "a.yaml");
    expect(value).toBeUndefined();
    expect(faults[0]).toMatchObject({ file: "a.yaml", line, path: "", message: expect.stringContaining(message) });
  });

  it.each([
    ["keys", Array.from({ length: 60_000 }, (_, i) => `key_${i}: 1\n`).join(""), 0],
    ["broken lines", 'a: "x" y\n'.repeat(60_000), 60_000],
  ])(
    "stays quick with many %s",
    (_name, text, count) => {
      const { faults, locateKey } = parseYaml(text, "a.yaml");
      expect(faults).toHaveLength(count);
      for (let i = 0; i < 60_000; i++) locateKey([], `key_${i}`);
    },
    30_000,
  );

  it("says one thing about a line", () => {
    expect(parseYaml('a: "x" "y" "z"\n', "a.yaml").faults).toHaveLength(1);
  });
});

const json = fc.jsonValue({ stringUnit: "binary", maxDepth: 4 });

describe("properties", () => {
  it("reads back what it printed, and prints it the same again", () => {
    const multiline = fc.array(fc.string({ unit: "grapheme" })).map((lines) => lines.join("\n"));
    const value = fc.oneof(json, fc.dictionary(fc.string(), fc.oneof(multiline, fc.double(), fc.string())));
    fc.assert(
      fc.property(value, (original) => {
        const plain: unknown = JSON.parse(JSON.stringify(original));
        const text = printYaml(plain);
        const read = parseYaml(text, "a.yaml");
        expect(read.faults).toEqual([]);
        expect(read.value).toEqual(plain);
        expect(printYaml(read.value)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it("escapes in keys and texts what ends a line or is refused in YAML 1.1", () => {
    const odd = ["\u007f", "\u0080", "\u0085", "\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff"];
    for (const one of odd) {
      const value = { [`a${one}`]: `b${one}c`, lines: `x\ny${one}`, plain: "ü 🔥" };
      const text = printYaml(value);
      expect(text).not.toContain(one);
      expect(text).toContain("plain: ü 🔥\n");
      expect(parseYaml(text, "a.yaml").value).toEqual(value);
    }
  });

  it("locates every value where its text begins", () => {
    const numbered = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.array(fc.nat().map((n) => `value ${n}`)));
    fc.assert(
      fc.property(numbered, (value) => {
        const text = printYaml(value);
        const source = parseYaml(text, "a.yaml");
        for (const [key, list] of Object.entries(value)) {
          expect(textAt(text, source.locateKey([], key))).toMatch(new RegExp(`^"?${key}"?:`));
          for (const [i, item] of list.entries()) expect(textAt(text, source.locate([key, i]))).toBe(item);
        }
      }),
    );
  });

  it("never throws and never quotes the text", () => {
    const piece = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      "- ",
      "\n",
      "  ",
      "&a ",
      "*a",
      "!",
      "|",
      ">",
      '"',
      "'",
      "? ",
      "#",
      "%",
      "\\",
      "@",
      "\t",
      "S3cr3t",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join("");
        const { faults } = parseYaml(text, "a.yaml");
        for (const { message, line } of faults) {
          expect(message).not.toContain("S3cr3t");
          expect(line ?? 1).toBeLessThanOrEqual(text.split("\n").length);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe("printYaml", () => {
  it("keeps long lines, prints many lines as a block and quotes what YAML 1.1 reads otherwise", () => {
    const expr = `sum by (instance) (rate(x{a="b"}[5m])) > 5 and ${"y + ".repeat(60)}1`;
    expect(printYaml({ expr, block: "a\nb\n", yes: "yes", version: "012", one: "1", none: undefined, list: [] })).toBe(
      `expr: ${expr}\nblock: |\n  a\n  b\n"yes": "yes"\nversion: "012"\none: "1"\nlist: []\n`,
    );
  });

  it("writes a value that stands twice twice", () => {
    const shared = { a: 1 };
    expect(printYaml([shared, shared])).toBe("- a: 1\n- a: 1\n");
  });
});

function textAt(text: string, place: { line: number; column: number } | undefined): string | undefined {
  return place && text.split("\n")[place.line - 1]?.slice(place.column - 1);
}
