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
    await fc.assert(
      fc.asyncProperty(name, name, async (pattern, asked) => {
        // A server is never called by a wildcard: OpenSSL compares that as text.
        fc.pre(!asked.includes("*"));
        const { certificate } = await make({ hosts: [pattern], keys });
        const theirs = new X509Certificate(certificate.der).checkHost(asked, {
          subject: "never",
          partialWildcards: false,
        });
        expect(covers(certificate, asked)).toBe(theirs !== undefined);
      }),
      { numRuns: 300 },
    );
  });
});
