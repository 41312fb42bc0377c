import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAltNames } from "./client-certificate.ts";

/**
 * Prints a name as Node does: quoted, with commas and all that is not ASCII as escapes, when a character asks for it.
 */
function print(kind: string, value: string): string {
  if (/^[ -~]*$/.test(value) && !/["\\,']/.test(value)) return `${kind}:${value}`;
  const escaped = JSON.stringify(value).replaceAll(
    /[^ -~]|,/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `${kind}:${escaped}`;
}

describe("readAltNames", () => {
  it("reads what Node writes", () => {
    expect(readAltNames("IP Address:127.0.0.1, DNS:localhost, IP Address:0:0:0:0:0:0:0:1, email:a@b.c")).toEqual([
      "127.0.0.1",
      "localhost",
      "::1",
      "a@b.c",
    ]);
    expect(readAltNames(String.raw`URI:spiffe://a/b, DNS:"x\u002c DNS:admin", DNS:"q\"uo'te"`)).toEqual([
      "spiffe://a/b",
      "x, DNS:admin",
      `q"uo'te`,
    ]);
    expect(readAltNames("")).toEqual([]);
  });

  it("leaves out other kinds of names", () => {
    expect(readAltNames("othername:<unsupported>, Registered ID:1.2.3, DirName:CN = a, DNS:b")).toEqual(["b"]);
  });

  it("gives no name at all for a text of another form", () => {
    for (const text of [
      "DNS:a,DNS:b",
      'DNS:"a',
      'DNS:a"b',
      "DNS:a, b",
      String.raw`DNS:"\x"`,
      "localhost",
      "DNS:a, DNS",
    ])
      expect(readAltNames(text)).toEqual([]);
  });

  it("gives back every list of names that was written, and never another", () => {
    const name = fc.tuple(fc.constantFrom("DNS", "email", "URI"), fc.string({ unit: "binary-ascii" }));
    fc.assert(
      fc.property(fc.array(name), (names) => {
        const text = names.map(([kind, value]) => print(kind, value)).join(", ");
        const values = names.map(([, value]) => value);
        fc.pre(!values.some((value) => value.includes(":") && /^[0-9a-f:.]+$/i.test(value)));
        expect(readAltNames(text)).toEqual(values);
      }),
    );
  });
});
