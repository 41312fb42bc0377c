import { describe, expect, it } from "vitest";
import { createScrubber } from "../lib/scrub.ts";
import { remembering, scrubbed, scrubbedPath, scrubbedValue } from "./scrubbed.ts";

const scrub = createScrubber(["card_number=[0-9]+"]);

describe("scrubbed", () => {
  it.each([
    ["db.password", "correct-horse-9"],
    ["db.password", "correct horse 9"],
    ["http.request.header.x-api-key", "9f8a7b6c5d4e3f2a"],
    ["http.request.header.x-api-key", '["9f8a7b6c5d4e3f2a"]'],
    ["http.request.headers.x-api-key.keyword", "9f8a7b6c5d4e3f2a"],
    ["http.request.header.cookie", "sid=abc123def456"],
    ["http.request.header.authorization", "9f8a7b6c5d4e3f2a"],
    ["card_number", "4111111111111111"],
  ])("takes out the value of %s: %s", (key, value) => {
    expect(scrubbed({ spans: [{ attributes: { [key]: value } }] }, scrub)).toEqual({
      spans: [{ attributes: { [key]: "<redacted>" } }],
    });
    expect(scrubbed({ [key]: [value] }, scrub)).toEqual({ [key]: ["<redacted>"] });
  });

  it("leaves what is none, and of a longer text all but the secret", () => {
    const document = { message: "login failed", token: "expired", "http.route": "/cart", points: [[1, 2]], none: null };
    expect(scrubbed(document, scrub)).toEqual(document);
    expect(scrubbedValue("message", "login failed, password=hunter2x for bob", scrub)).toBe(
      "login failed, password=<redacted> for bob",
    );
  });
});

describe("scrubbedPath", () => {
  it("knows a secret in its escaped form, and leaves the rest as it was", () => {
    const path =
      "/api/v1/query_range?query=up%7Bcard_number%3D%22x%22%2Cdsn%3D%22amqp%3A%2F%2Fu%3Ahunter2x%40mq%22%7D&end=1.5&a+b=c";
    expect(scrubbedPath(path, scrub)).toBe(path.replace("hunter2x", encodeURIComponent("<redacted>")));
    expect(scrubbedPath("/logs-*/_search?q=card_number%3D4111", scrub)).toBe("/logs-*/_search?q=%3Credacted%3E");
    expect(scrubbedPath("/a?q=%zz&b", scrub)).toBe("/a?q=%zz&b");
  });
});

describe("remembering", () => {
  it("answers the same, and looks through a text once", () => {
    let looked = 0;
    const known = remembering((text) => {
      looked += 1;
      return scrub(text);
    });
    const text = "password=hunter2x";
    expect([known(text), known(text)]).toEqual([scrub(text), scrub(text)]);
    expect(looked).toBe(1);
  });

  it("does not hold more and more", () => {
    let looked = 0;
    const known = remembering((text) => {
      looked += 1;
      return text;
    });
    const long = "x".repeat(1024 * 1024);
    known("first");
    for (let i = 0; i < 10; i += 1) known(`${i}${long}`);
    known("first");
    expect(looked).toBe(12);
  });
});
