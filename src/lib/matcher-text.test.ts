import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { labelMatcher, printMatcher } from "../core/label-matcher.ts";
import { MatcherFault, parseLabels, parseMatchers } from "./matcher-text.ts";

const read = (text: string) => parseMatchers(text).map(({ label, operator, value }) => [label, operator, value]);

function faultOf(run: () => unknown): string {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof MatcherFault) return `${thrown.column}: ${thrown.message}`;
    throw thrown;
  }
  throw new Error("expected a MatcherFault");
}

/** Where a text is wrong; 0 when it is not. */
function columnOf(text: string): number {
  try {
    parseMatchers(text);
    return 0;
  } catch (thrown) {
    if (thrown instanceof MatcherFault) return thrown.column;
    throw thrown;
  }
}

describe("parseMatchers", () => {
  it.each<[string, string[][]]>([
    ['severity="critical"', [["severity", "=", "critical"]]],
    ['team=~"infra|db"', [["team", "=~", "infra|db"]]],
    ["team=~infra|db", [["team", "=~", "infra|db"]]],
    [
      "a!=b,c!~d,e=f",
      [
        ["a", "!=", "b"],
        ["c", "!~", "d"],
        ["e", "=", "f"],
      ],
    ],
    [' { a = "b" , } ', [["a", "=", "b"]]],
    ['a="b",', [["a", "=", "b"]]],
    ['"a label"="x"', [["a label", "=", "x"]]],
    ['empty=""', [["empty", "=", ""]]],
    ["größe=☃", [["größe", "=", "☃"]]],
    ["a.b:c/d=$[x](y)+", [["a.b:c/d", "=", "$[x](y)+"]]],
    [String.raw`a="\"\\\n\t\x41\101é\U0001f642\xc3\xa9"`, [["a", "=", '"\\\n\tAAé🙂é']]],
    ['a="{x=y, z}"', [["a", "=", "{x=y, z}"]]],
    ["", []],
    ["{}", []],
  ])("reads %s", (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each([
    ["severity", "9: one of =, !=, =~ and !~ is expected here"],
    ["a!b", "2: one of =, !=, =~ and !~ is expected here"],
    ["a~b", "2: this character may stand only between double quotes"],
    ["=b", "1: a label's name is expected here"],
    ['""=b', "1: a label's name is not empty"],
    ["a=", "3: a value, in quotes when it is empty or has special characters, is expected here"],
    ["a==b", "3: a value, in quotes when it is empty or has special characters, is expected here"],
    ["a='b'", "3: this character may stand only between double quotes"],
    ['🙂=" x', "3: the quotes that begin here do not end"],
    [String.raw`a="x\"`, "3: the quotes that begin here do not end"],
    [String.raw`🙂="🙂\q"`, "5: there is no such escape"],
    [String.raw`a="\ud800"`, "4: there is no such escape"],
    [String.raw`a="\400"`, "4: there is no such escape"],
    [String.raw`a="\xff"`, "3: the escapes between these quotes make no UTF-8 text"],
    ['a="x\ny"', String.raw`3: between quotes a line break is written \n`],
    ["a=b c=d", "5: a comma or the end is expected here"],
    ["a=b}", "4: a comma or the end is expected here"],
    ["{a=b", "5: a comma or } is expected here"],
    ["{a=b} ,", "7: nothing more is expected here"],
    ["a=b,,", "5: a label's name is expected here"],
    ['a=~"x("', "4: this is not a pattern of RE2: missing closing )"],
    [String.raw`a=~"(x)\\1"`, "4: this is not a pattern of RE2: invalid escape sequence"],
  ])("refuses %s", (text, message) => {
    expect(faultOf(() => parseMatchers(text))).toBe(message);
  });

  it("reads what is printed, whatever the label and the value are", () => {
    const point = fc.integer({ min: 0, max: 0x10_ff_ff }).filter((one) => one < 0xd8_00 || one > 0xdf_ff);
    const character = fc.oneof(
      point.map((one) => String.fromCodePoint(one)),
      fc.constantFrom(..."{}!=~,\\\"'` \n\t"),
    );
    const text = fc.string({ unit: character });
    fc.assert(
      fc.property(
        text.filter((label) => label !== ""),
        fc.constantFrom("=", "!=" as const),
        text,
        (label, operator, value) => {
          expect(read(printMatcher(labelMatcher(label, operator, value)))).toEqual([[label, operator, value]]);
        },
      ),
    );
  });

  it("reads any text or says where it is wrong", () => {
    const piece = fc.constantFrom("a", "=", "!", "~", '"', "\\", "{", "}", ",", " ", "(", "x41", "🙂", "'");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        const column = columnOf(text);
        expect(column).toBeGreaterThanOrEqual(0);
        expect(column).toBeLessThanOrEqual(Array.from(text).length + 1);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("parseLabels", () => {
  it("reads the labels of an alert", () => {
    expect(parseLabels('severity=critical, team="infra, db", "a b"=c')).toEqual({
      severity: "critical",
      team: "infra, db",
      "a b": "c",
    });
    expect(parseLabels("")).toEqual({});
  });

  it.each([
    ["severity!=critical", "9: an alert's label has one value: write label=value"],
    ["a=b,a=c", "5: this label stands a second time"],
    ["critical", "9: = is expected here"],
  ])("refuses %s", (text, message) => {
    expect(faultOf(() => parseLabels(text))).toBe(message);
  });
});
