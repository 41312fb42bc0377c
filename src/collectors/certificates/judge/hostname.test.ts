import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Certificate } from "../certificate.ts";
import { make } from "./__fixtures__/certificates.ts";
import { covers, hostnameCheck } from "./hostname.ts";

const { certificate: plain, keys } = await make();
const named = (dnsNames: readonly string[], ipAddresses: readonly string[] = []): Certificate => ({
  ...plain,
  dnsNames,
  ipAddresses,
});

describe("the check of the host name", () => {
  it.each([
    ["nas.lan", "nas.lan"],
    ["NAS.lan", "nas.LAN"],
    ["nas.lan", "nas.lan."],
    ["nas.lan.", "nas.lan"],
    ["localhost", "localhost"],
    ["_srv.nas.lan", "_srv.nas.lan"],
    ["*.home.lan", "nas.home.lan"],
    ["*.home.lan", "xn--bcher-kva.home.lan"],
    ["xn--bcher-kva.lan", "bücher.lan"],
    ["xn--bcher-kva.lan", "BÜCHER.lan"],
  ])("%s holds %s", (pattern, name) => {
    expect(hostnameCheck(named([pattern]), name)).toMatchObject({ ok: true });
  });

  it.each([
    ["nas.lan", "other.lan"],
    ["nas.lan", "a.nas.lan"],
    ["nas.lan", ""],
    ["*.home.lan", "home.lan"],
    ["*.home.lan", ".home.lan"],
    ["*.home.lan", "a.b.home.lan"],
    ["*.lan", "nas.lan"],
    ["*", "nas"],
    ["*.", "nas."],
    ["n*.home.lan", "nas.home.lan"],
    ["nas.*.lan", "nas.home.lan"],
    ["*.*.lan", "nas.home.lan"],
    ["*.home.lan", "*.home.lan"],
    ["", ""],
    ["192.168.0.1", "192.168.0.1"],
    ["*.168.0.1", "192.168.0.1"],
  ])("%s does not hold %s", (pattern, name) => {
    expect(hostnameCheck(named([pattern]), name)).toMatchObject({ ok: false, reason: "wrong_name" });
  });

  it("compares IP addresses however they are written", () => {
    const leaf = named([], ["192.168.0.1", "2001:db8::1"]);
    expect(covers(leaf, "192.168.0.1")).toBe(true);
    expect(covers(leaf, "2001:0DB8:0:0:0:0:0:1")).toBe(true);
    expect(covers(leaf, "2001:db8::1%eth0")).toBe(true);
    expect(covers(leaf, "2001:db8::2")).toBe(false);
  });

  it("tells a certificate without names from one with others, and never takes the common name", async () => {
    expect(hostnameCheck((await make({ name: "nas.lan" })).certificate, "nas.lan")).toMatchObject({
      ok: false,
      reason: "no_names",
    });
  });

  it("agrees with OpenSSL's about any names", async () => {
    const label = fc.constantFrom("a", "b", "*", "xn--a", "a*", "B", "lan", "home");
    const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
    const patterns = ["*.*.lan", "a.*.lan", "a*.b.lan", "*.xn--a.lan", ...fc.sample(name, 40)];
    const made = await Promise.all(patterns.map((pattern) => make({ hosts: [pattern], keys })));
    const parsed = made.map(({ certificate }) => ({ certificate, theirs: new X509Certificate(certificate.der) }));
    // A server is never called by a wildcard, which OpenSSL compares as text.
    const asked = name.filter((text) => !text.includes("*"));
    fc.assert(
      fc.property(fc.constantFrom(...parsed), asked, ({ certificate, theirs }, text) => {
        const match = theirs.checkHost(text, { subject: "never", partialWildcards: false });
        expect(covers(certificate, text)).toBe(match !== undefined);
      }),
      { numRuns: 1_000 },
    );
  });
});
