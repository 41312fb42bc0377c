import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseQuery } from "./parse.ts";

describe("parseQuery", () => {
  test.each([
    "{}",
    '{ resource.service.name = "a b" && (span:duration > 1.5s || status = error) }',
    '{ span."strange name" != nil } | select(name, resource.k8s.pod.name)',
    "{ .http.status_code >= 500 } !>> { kind = client }",
    "{ } | by(resource.service.name) | count() > 2",
    "({ status = error } | rate()) / ({ } | rate())",
    "{ } | quantile_over_time(duration, .5, .95) by (name) | topk(3) with (exemplars=false)",
    "{ kind = server } | compare({ status = error }, 10, 1000, 2000)",
    "{ event.exception.type =~ `.*Timeout` } with (most_recent=true)",
    "{ -span.count < 3 && !span.flag = true }",
  ])("reads %s", (query) => {
    expect(() => parseQuery(query)).not.toThrow();
  });

  // Texts of a real Tempo 3.1 where test/contract/tempo-fixtures.test.ts has them; the rest by the same grammar.
  test.each([
    ["", "parse error : syntax error: unexpected $end"],
    ["payments", "parse error at line 1, col 1: syntax error: unexpected IDENTIFIER"],
    ["{ status = error", "parse error at line 1, col 17: syntax error: unexpected $end"],
    ["{ foo = 1 }", "parse error at line 1, col 3: unknown identifier: foo"],
    ["{ } | select(*)", "parse error at line 1, col 14: syntax error: unexpected *"],
    ["{ }\n| foo()", "parse error at line 2, col 3: syntax error: unexpected IDENTIFIER"],
    ["{ } | rate() | rate2()", "parse error at line 1, col 16: syntax error: unexpected IDENTIFIER"],
    ["{ parent.a = 1 }", "parse error at line 1, col 3: syntax error: unexpected IDENTIFIER"],
    ["{ constructor = 1 }", "parse error at line 1, col 3: unknown identifier: constructor"],
    ['{ name =~ "(" }', "invalid regex: `(`"],
    ['{ status = "error" }', "binary operations must operate on the same type: status = `error`"],
    ["{ duration > true }", "binary operations must operate on the same type: duration > true"],
  ])("refuses %j", (query, text) => {
    expect(() => parseQuery(query)).toThrow(text);
  });

  test("reads any text that is quoted", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const { root } = parseQuery(`{ name = ${JSON.stringify(text)} }`);
        expect(root).toMatchObject({
          pipeline: { spans: { condition: { right: { value: { type: "string", value: text } } } } },
        });
      }),
    );
  });

  test("reads or refuses whatever is written, and tells where", () => {
    const words = '{ } ( ) | && || = != > >> < ~ , rate() by count() duration status error name .a span.b "x" 1 2s nil';
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words.split(" ")), { maxLength: 12 }), (chosen) => {
        const read = (): unknown => parseQuery(chosen.join(" "));
        let said = "";
        try {
          read();
        } catch (error) {
          said = error instanceof Error ? error.message : "nothing";
        }
        expect(said).toMatch(/^(?:$|parse error (?:at line 1, col \d+)?: |binary operations must)/v);
      }),
    );
  });
});
