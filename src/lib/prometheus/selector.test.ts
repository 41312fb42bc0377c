import { parser } from "@prometheus-io/lezer-promql";
import fc from "fast-check";
import { expect, it } from "vitest";
import { allOf, oneOf, printSelector } from "./selector.ts";

it.each([
  ["up", [], "up"],
  ["inf", allOf({ job: "a" }), '{"inf",job="a"}'],
  ["on", allOf({ job: "a" }), '{"on",job="a"}'],
  ["Group_Left", [], '{"Group_Left"}'],
  ["by", allOf({ job: "a" }), 'by{job="a"}'],
  ["up", allOf({ job: "a" }), 'up{job="a"}'],
  [undefined, [oneOf("id", ["a.b", "c|d"])], String.raw`{id=~"a\\.b|c\\|d"}`],
  [
    "http.server.duration",
    allOf({ "service.name": 'a"b' }),
    String.raw`{"http.server.duration","service.name"="a\"b"}`,
  ],
] as const)("prints %s %j as %s", (metric, matchers, printed) => {
  expect(printSelector(metric, matchers)).toBe(printed);
});

const keywords = "on ignoring group_left group_right bool offset atan2 by without and or unless sum inf nan start end";
/** The parser's table of keywords is an object, which has some names by itself, such as `constructor`. */
const name = fc
  .oneof(fc.string({ minLength: 1 }), fc.constantFrom(...keywords.split(" ")))
  .filter((text) => !Object.hasOwn(Object.prototype, text));

it("prints what PromQL's grammar takes, whatever the names and values are", () => {
  const labels = fc.dictionary(name, fc.string(), { minKeys: 1, noNullPrototype: true });
  fc.assert(
    fc.property(name, labels, (metric, of) => {
      const text = printSelector(metric, allOf(of));
      let faults = 0;
      parser.parse(text).iterate({
        enter: (node) => {
          if (node.type.isError) faults += 1;
        },
      });
      expect({ text, faults }).toEqual({ text, faults: 0 });
    }),
  );
});
