import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDrain } from "./drain.ts";
import { maskLine } from "./mask.ts";

describe("maskLine", () => {
  it.each([
    ["took 12.5ms for 1,234 items", "took <*> for <*> items"],
    ["2026-01-02T03:04:05.123Z started", "<*> started"],
    ["from 10.2.3.4:8080 to [2001:db8::1]:443", "from <*> to [<*>]:<*>"],
    ["request 4f3a2b1c-abcd-dead-9999-0123456789ab done", "request <*> done"],
    ["GET /orders/123/items?page=4", "GET /orders/<*>/items?page=<*>"],
    ["user=alice id=42,", "user=alice id=<*>,"],
    ["mail to <alice@shop.example>: sent", "mail to <<*>>: sent"],
    ["x509: certificate, utf8, sha256", "x509: certificate, utf8, sha256"],
    ["status=503 after 503 tries", "status=503 after <*> tries"],
    ['"GET / HTTP/1.1" 502 17', '"GET / HTTP/<*>" 502 <*>'],
    ["\u001B[31mERROR\u001B[0m no 7", "ERROR no <*>"],
    ["Größe 12 überschritten", "Größe <*> überschritten"],
  ])("masks %j", (line, expected) => {
    expect(maskLine(line)).toBe(expected);
  });

  it("takes of a stack trace the first line and what was thrown", () => {
    const java = "order 12 failed\njava.io.IOException: No space left\n\tat shop.Cart.put(Cart.java:33)\n";
    expect(maskLine(java)).toBe("order <*> failed java.io.IOException: No space left");
    const python = 'Traceback (most recent call last):\n  File "a.py", line 3\n    f()\nValueError: no price';
    expect(maskLine(python)).toBe("Traceback (most recent call last): ValueError: no price");
  });

  it("looks only at the beginning of a line, whatever stands in it", () => {
    expect(maskLine(`${"a".repeat(1_000_000)}1`)).toBe("<*>");
    expect(maskLine("word ".repeat(200_000)).length).toBeLessThan(700);
    expect(maskLine("")).toBe("");
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 700 }), (line) => {
        const masked = maskLine(line);
        expect(masked.length).toBeLessThanOrEqual(4 * 600);
        expect(maskLine(line)).toBe(masked);
      }),
    );
  });
});

/** Texts of the patterns after the lines were added. */
function mined(lines: readonly string[]): string[] {
  const drain = createDrain();
  for (const line of lines) drain.add(line, "");
  return Array.from({ length: drain.size }, (_, pattern) => drain.template(pattern));
}

describe("createDrain", () => {
  it("puts lines together that differ in their parameters", () => {
    const lines = ["anna", "bert", "cleo"].flatMap((who, at) => [
      `login of ${who} came from 10.0.0.${at}`,
      `payment of order ${at} refused`,
    ]);
    expect(mined(lines)).toEqual(["login of <*> came from <*>", "payment of order <*> refused"]);
  });

  it("keeps apart what only begins alike", () => {
    expect(mined(["order 1 was placed by customer", "order 1 could not reach bank"])).toHaveLength(2);
  });

  it("never puts lines of two kinds together", () => {
    const drain = createDrain();
    expect(drain.add("order 1 done", "info")).not.toBe(drain.add("order 2 done", "error"));
    expect(drain.add("order 3 done", "info")).toBe(drain.add("order 4 done", "info"));
  });

  it("stays small, whatever is added", () => {
    const drain = createDrain();
    const letters = (seed: number): string =>
      Array.from({ length: 6 }, (_, at) => String.fromCodePoint(97 + ((seed * 31 ** at) % 26))).join("");
    for (let at = 0; at < 30_000; at += 1)
      drain.add(`${letters(at)} ${letters(at * 7)} ${letters(at * 13)} ${letters(at * 3)}`, String(at % 3_000));
    expect(drain.size).toBeLessThanOrEqual(5_000 + 3_000);
  });

  it("gives a line the same pattern again, and each pattern a text that its lines fit", () => {
    const word = fc.constantFrom("order", "failed", "ok", "cart", "bank", "42", "7f3a", "refused");
    const line = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(" "));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 60 }), (lines) => {
        const drain = createDrain();
        const patterns = lines.map((one) => drain.add(one, ""));
        expect(lines.map((one) => drain.add(one, ""))).toEqual(patterns);
        for (const [at, one] of lines.entries()) {
          const words = maskLine(one).split(" ");
          const template = drain.template(patterns[at] ?? -1).split(" ");
          expect(template).toHaveLength(words.length);
          expect(template.every((part, index) => part === "<*>" || part === words[index])).toBe(true);
        }
      }),
    );
  });
});
