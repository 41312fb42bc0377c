import { parser } from "@prometheus-io/lezer-promql";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { fill, rateInterval } from "./fill.ts";

const variable = (name: string, multiple: boolean) => ({ name, title: name, query: "", multiple });
const variables = [variable("target", true), variable("name", false)];
const filled = (expr: string, chosen: Record<string, readonly string[]>): string =>
  fill(expr, { variables, chosen, rateInterval: 60 });

/**
 * The value of the one matcher of an expression, as Prometheus reads it; fails when it is not one expression any more.
 */
function matcherOf(promql: string): string {
  const strings: string[] = [];
  parser.parse(promql).iterate({
    enter: ({ name, from, to }) => {
      expect([promql, name]).not.toEqual([promql, "⚠"]);
      if (name === "StringLiteral") strings.push(promql.slice(from + 1, to - 1));
    },
  });
  expect(strings).toHaveLength(1);
  return (strings[0] ?? "").replaceAll(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex: string | undefined, char: string) =>
    hex === undefined ? char : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

const NASTY = ['"', "\\", "$target", "${name}", ".*", "a|b", "(", "[[x]]", "}", "\n", '"} or vector(1) #', "ä", "$1"];
const text = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.constantFrom(...NASTY),
  fc.array(fc.constantFrom(...NASTY), { minLength: 1 }).map((parts) => parts.join("")),
);

describe("fill", () => {
  it("matches exactly the values that were chosen, whatever is in them", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), text, (values, other) => {
        const pattern = RE2JS.compile(matcherOf(filled('up{target=~"$target"}', { target: values })), RE2JS.DOTALL);
        for (const value of values) expect(pattern.matches(value)).toBe(true);
        expect(pattern.matches(other)).toBe(values.includes(other));
      }),
    );
  });

  it("compares a variable of one value as it is", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(matcherOf(filled('up{name="$name"}', { name: [value] }))).toBe(value);
      }),
    );
  });

  it("takes no value for all of them, and leaves what is no variable", () => {
    expect(filled('a{target=~"$target",b=~"x$"} + label_replace(c, "d", "$1", "e", "(.*)")', {})).toBe(
      'a{target=~".+",b=~"x$"} + label_replace(c, "d", "$1", "e", "(.*)")',
    );
  });

  it("keeps several values together inside of a longer expression", () => {
    expect(filled('a{id=~"node/$target"}', { target: ["x", "y.z"] })).toBe(String.raw`a{id=~"node/(x|y\\.z)"}`);
  });

  it("takes a rate over the window of Grafana: a step and a scrape, four scrapes at the least", () => {
    expect(filled("rate(a_total[$__rate_interval])", {})).toBe("rate(a_total[1m])");
    expect(rateInterval(15, 15)).toBe(60);
    expect(rateInterval(2_520, 15)).toBe(2_535);
    expect(rateInterval(60, 60)).toBe(240);
  });
});
