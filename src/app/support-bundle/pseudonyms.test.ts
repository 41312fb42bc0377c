import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kinds } from "../../cli/kinds.ts";
import { settingsTree } from "../../config/settings-tree.ts";
import { partMetrics } from "../../core/self-metrics.ts";
import { productWords } from "./product-words.ts";
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

  it.each([
    ["pve.secret-corp.example:8006 refused", "host-1:8006 refused"],
    ["ROOT@PVE.secret-corp.example, root@pve.secret-corp.example.", "user-1@host-1, user-1@host-1."],
    ["GET https://secret-corp.example/secret-corp?for=secret-corp: 500", "GET https://host-1/path-1: 500"],
    ["s3://secret-corp/x, (postgres://pve:y@secret-corp/db)", "s3://host-1/path-1, (postgres://host-1/path-2)"],
    ["read /home/secret-corp/pve.pem, ~secret-corp/.netrc and ./secret-corp/x", "read file-1.pem, file-2 and file-3"],
    ["::ffff:10.1.2.3, fe80::1%secret-corp, 10.1.2.3, 10:30:15", "2001:db8::1, 2001:db8::2, 192.0.2.1, 10:30:15"],
    ["to=a@b.example&cc=secret-corp@b.example, f@g.example|h@i.example. !@!", "mail-1, mail-2. user-1@host-1"],
    [
      "bob@[10.0.0.7], 'bob@b.example' and \"O'Neill\"@b.example",
      "user-1@192.0.2.1, 'user-1@host-1' and user-2@host-1",
    ],
    [
      "'https://a.example/?x='secret'?y=secret', v1.2.3 after 1.5h of fd00::/8",
      "'https://host-1', v1.2.3 after 1.5h of 2001:db8::1/8",
    ],
    ["*.secret-corp.example, Bücher.secret-corp.example", "*.host-1, host-2"],
    [
      "secret-corp-2 at secret_corp, SECRET-CORP's secret-corporate",
      "target-1-2 at secret_corp, target-1's secret-corporate",
    ],
  ])("stand for a host, an address, a mail address, a URL and a path as a whole: %s", (text, expected) => {
    const names = createPseudonyms(words);
    names.of("target", "secret-corp");
    expect(names.inText(text)).toBe(expected);
  });

  it("leave the product's own words alone, though a target has one for its name", () => {
    const root = settingsTree(kinds);
    const own = productWords(kinds, root);
    const names = createPseudonyms(own);
    for (const name of ["Node", "status", "default", "proxmox", "success", "part_success", "poll of"])
      names.of("target", name);
    const metric = partMetrics.success.name;
    const text = `the default of the status of a node of proxmox: ${metric}{part="nodes"} at targets.proxmox.0.name`;
    expect(names.inText(text)).toBe(text);
    expect(names.inText("poll of nodes: success")).toBe("target-7 nodes: target-5");
    const identifiers = [...own].filter((word) => /^[a-z][a-z0-9_]*$/.test(word));
    expect(identifiers.length).toBeGreaterThan(500);
    for (const word of identifiers) names.of("target", word);
    expect(names.inText(identifiers.join(" "))).toBe(identifiers.join(" "));
  });

  it("leave nothing of a name, a host, a mail address, a URL or a path in a sentence", () => {
    const label = fc.stringMatching(/^zq[a-z0-9]{2,8}$/);
    const dotted = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join("."));
    const known = fc
      .array(label, { minLength: 1, maxLength: 3 })
      .chain((all) => fc.constantFrom(...[" ", "-", "_", "."].map((by) => all.join(by))));
    const planted = fc.oneof(
      dotted,
      fc.tuple(label, dotted).map(([user, host]) => `${user}@${host}`),
      fc
        .tuple(fc.constantFrom("https", "s3", "svn+ssh"), dotted, label)
        .map(([scheme, host, path]) => `${scheme}://${host}:8006/${path}?${path}=${path},${path}#${path}`),
      fc.tuple(label, label).map((parts) => `/home/${parts.join("/")}`),
    );
    const sentence = fc.constantFrom<(of: string) => string>(
      (of) => of,
      (of) => `poll of "${of}" failed.`,
      (of) => `GET ${of}: refused; '${of}' (${of}), [${of}] <${of}>`,
      (of) => `${of}, ${of}: ${of}.`,
      (of) => `node=${of} \`${of}\`\n${of}!`,
    );
    const isUpper = fc.boolean();
    fc.assert(
      fc.property(fc.array(known), fc.array(fc.tuple(planted, sentence, isUpper), { minLength: 1 }), (named, told) => {
        const names = createPseudonyms(words);
        for (const name of named) names.of("target", name);
        const all = [...told, ...named.map((name, i) => [name, told[0]?.[1] ?? String, i % 2 === 1] as const)];
        const text = all.map(([of, say, isLoud]) => say(isLoud ? of.toUpperCase() : of)).join(" ");
        const once = names.inText(text);
        expect(once).not.toMatch(/zq/i);
        expect(names.inText(text)).toBe(once);
      }),
    );
  });

  it("cost as much as there is to read, and not more with each name", () => {
    const costOf = (count: number): number => {
      const names = createPseudonyms(words);
      const all = Array.from({ length: count }, (_, i) => `attic ${i}`);
      for (const name of all) names.of("target", name);
      const text = all.map((name, i) => `${name} at ${i}.attic.example.org, `).join("");
      const before = process.threadCpuUsage();
      names.inText(text);
      const { user, system } = process.threadCpuUsage(before);
      return user + system;
    };
    /** The system counts in steps. */
    const FLOOR_US = 5_000;
    costOf(500);
    // what grows with the square grows 256 times
    const growths = Array.from({ length: 3 }, () => costOf(16_000) / Math.max(FLOOR_US, costOf(1_000)));
    expect(Math.min(...growths)).toBeLessThan(80);
  });
});
