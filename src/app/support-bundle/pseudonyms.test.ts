import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPseudonyms } from "./pseudonyms.ts";

const words = new Set(["alerting", "sources", "vault"]);

describe("pseudonyms", () => {
  it("are the same for the same, and others for others of the kind", () => {
    const names = createPseudonyms(words);
    expect([names.of("target", "attic"), names.of("target", "cellar"), names.of("target", "attic")]).toEqual([
      "target-1",
      "target-2",
      "target-1",
    ]);
    expect(names.of("destination", "attic")).toBe("destination-1");
  });

  it.each([
    ["https://vault.attic.example.org:8200", "https://host-1:8200"],
    ["https://alice:sesame@attic:8200/alice/v1?key=sesame#alice", "https://host-1:8200/path-1"],
    ["http://127.0.0.1:9797", "http://127.0.0.1:9797"],
    ["http://10.0.0.7", "http://192.0.2.1"],
    ["https://[fd00::7]:8006/", "https://[2001:db8::1]:8006"],
    ["attic://", "url-1"],
    ["htps://%zz.attic/", "htps://host-1"],
  ])("of the URL %s keep what is nobody's", (url, expected) => {
    expect(createPseudonyms(words).url(url)).toBe(expected);
  });

  it("take addresses that are for documentation, as long as there are some", () => {
    const names = createPseudonyms(words);
    const given = Array.from({ length: 800 }, (_, i) => names.host(`10.0.${i >> 8}.${i & 255}`));
    expect([given[0], given[253], given[254], given[761], given[762]]).toEqual([
      "192.0.2.1",
      "192.0.2.254",
      "198.51.100.1",
      "203.0.113.254",
      "address-763",
    ]);
    expect(new Set(given).size).toBe(800);
  });

  it("of mail addresses and files keep the domain together and what a file is", () => {
    const names = createPseudonyms(words);
    expect(names.of("mail", "Alerts <alice@attic.example.org>")).toBe("user-1@host-1");
    expect(names.of("mail", "bob@attic.example.org")).toBe("user-2@host-1");
    expect(names.of("file", "/home/alice/attic.pem")).toBe("file-1.pem");
    expect(names.of("file", "/home/alice/attic.secret")).toBe("file-2");
  });

  it("stand in sentences for what was named before, whatever its case, and for what looks like a name", () => {
    const names = createPseudonyms(words);
    names.of("destination", "attic chat");
    names.host("attic.example.org");
    names.of("target", "vault");
    expect(
      names.inText(
        'alerting.sources: "Attic Chat" at ATTIC.example.org:443, atticus, bob@cellar, vault, /home/bob, fd00::1',
      ),
    ).toBe('alerting.sources: "destination-1" at host-1:443, atticus, user-1@host-2, vault, file-1, 2001:db8::1');
    expect(names.inText("GET https://loft.example.org/shelf: 10.1.2.3 refused, version 1.2.3")).toBe(
      "GET https://host-3/path-1: 192.0.2.1 refused, version 1.2.3",
    );
  });

  it("leave nothing of a name in a sentence", () => {
    const name = fc.stringMatching(/^[A-Za-z][\w. -]{2,20}\w$/);
    fc.assert(
      fc.property(name, name, (one, other) => {
        const names = createPseudonyms(words);
        names.of("target", one);
        names.host(other);
        const told = names.inText(`poll of "${one}" by ${other}: refused`).replaceAll(/(?:target|host)-\d+/g, "");
        expect(told.replace("poll of", "").replace("by", "").replace("refused", "")).not.toContain(one);
      }),
    );
  });
});
