import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Secret } from "../../core/secret.ts";
import { describeRequest, printable, redact } from "./request-text.ts";

describe("describeRequest", () => {
  it("leaves out user info, query and fragment", () => {
    const url = new URL("https://user:pass@vault.example:8200/v1/sys/health?token=x#y");
    expect(describeRequest("GET", url)).toBe("GET https://vault.example:8200/v1/sys/health");
    expect(describeRequest("POST", url, true)).toBe("POST https://vault.example:8200/<redacted>");
  });
});

describe("printable", () => {
  it("is one line of at most 200 characters without control characters, for any text", () => {
    const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 40 }), fc.integer({ min: 1, max: 20 }), (text, times) => {
        const line = printable(text.repeat(times));
        expect([...line].length).toBeLessThanOrEqual(201);
        expect(/\p{C}|[^\S ]/u.test(line)).toBe(false);
      }),
    );
  });
});

describe("redact", () => {
  const url = new URL("http://a/?list=true");

  it("leaves no secret in any text around it, plain or encoded", () => {
    const secret = fc.string({ unit: "grapheme", minLength: 8 }).filter((text) => !"<redacted>".includes(text));
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (text, before, after) => {
        const encoded = encodeURIComponent(text);
        const rest = redact(`${before}${text}${encoded}${after}`, [new Secret(text)], url);
        expect(rest.replaceAll("<redacted>", "")).not.toContain(text);
        expect(rest.length).toBeGreaterThanOrEqual("<redacted>".length);
      }),
    );
  });

  it("knows the token inside a header's value, and the query", () => {
    const header = new Secret("PVEAPIToken=watch@pve!metrics=aaaa-bbbb-cccc");
    const asked = new URL("http://a/?token=s%2Fecret1&list=true");
    const text = "no token aaaa-bbbb-cccc, s/ecret1, s%2Fecret1 in [/?token=s%2Fecret1&list=true]";
    expect(redact(text, [header], asked)).toBe("no token <redacted>, <redacted>, <redacted> in [/<redacted>]");
  });

  it("knows what a server reads in a Basic login", () => {
    const header = new Secret(`Basic ${Buffer.from("watcher:s:ecret<1").toString("base64")}`);
    const text = "watcher:s:ecret<1 is wrong, s:ecret<1 too, and s%3Aecret%3C1 of watcher";
    expect(redact(text, [header], url)).toBe("<redacted> is wrong, <redacted> too, and <redacted> of watcher");
  });

  it("keeps ordinary words", () => {
    expect(redact("list is true", [new Secret("Basic dXNlcjpwYXNz")], url)).toBe("list is true");
  });
});
