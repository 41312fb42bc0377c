import { describe, expect, it } from "vitest";
import type { Certificate } from "../certificate.ts";
import type { Bundle } from "../inventory.ts";
import { DAY, make, makeAuthority, makeKeys, NOW, rsa, type Made } from "./__fixtures__/certificates.ts";
import { servedIsStored } from "./served-is-stored.ts";

const issuer = await makeAuthority();
const leafFrom = (notBefore: number, hosts = ["nas.lan", "10.0.0.5"], keys?: CryptoKeyPair) =>
  make({ issuer, hosts, notBefore, ...(keys && { keys }) });
const old = await leafFrom(NOW - 60 * DAY);
const renewed = await leafFrom(NOW - DAY, ["10.0.0.5", "NAS.lan"]);

const bundle = (certificates: readonly Made[], place: Partial<Bundle> = {}): Bundle => ({
  kind: "file",
  place: { filepath: "/nas.pem" },
  where: "/nas.pem",
  certificates: certificates.map(({ certificate }): Certificate => certificate),
  revocationLists: [],
  faults: [],
  ...place,
});

const secret = (certificates: readonly Made[]) =>
  bundle(certificates, { kind: "kube-secret", place: {}, where: "secret" });

function judged(served: Made, bundles: readonly Bundle[], endpoint: { storedFile?: string; serverName?: string } = {}) {
  const judgement = servedIsStored({ serverName: "nas.lan", ...endpoint }, served.certificate, bundles);
  return judgement && `${judgement.where}: ${judgement.result.ok ? "ok" : judgement.result.reason}`;
}

describe("a served leaf among the stored ones", () => {
  it("is the newest, or there is a newer one with the same names", () => {
    expect(judged(old, [bundle([old, issuer])])).toBe("/nas.pem: ok");
    expect(judged(old, [bundle([old]), secret([issuer, renewed])])).toBe("secret: stored_is_newer");
    expect(judged(renewed, [bundle([old]), secret([renewed])])).toBe("secret: ok");
  });

  it("is not judged when nothing is stored for it, or only older ones", () => {
    expect(judged(old, [])).toBeUndefined();
    expect(judged(renewed, [bundle([old])])).toBeUndefined();
    expect(judged(old, [bundle([renewed], { kind: "kube-configmap" })])).toBeUndefined();
  });

  it("is not outdated by a stored one that ends before it: another authority's for the same names, or one for a day", async () => {
    const ofDay = await make({
      issuer,
      hosts: ["nas.lan", "10.0.0.5"],
      notBefore: NOW - DAY / 2,
      notAfter: NOW + DAY / 2,
    });
    expect(judged(old, [bundle([ofDay])])).toBeUndefined();
    expect(judged(old, [bundle([ofDay]), secret([old])])).toBe("secret: ok");
    expect(judged(old, [bundle([ofDay]), secret([renewed])])).toBe("secret: stored_is_newer");
  });

  it("is outdated by one that was made anew with the same end, as authorities do for a new key", async () => {
    const again = await make({
      issuer,
      hosts: ["nas.lan", "10.0.0.5"],
      notBefore: NOW - DAY,
      notAfter: old.certificate.notAfter,
    });
    expect(judged(old, [bundle([again])])).toBe("/nas.pem: stored_is_newer");
  });

  it("is compared only with the same set of names, which hold the name that is asked for", async () => {
    const more = await leafFrom(NOW - DAY, ["nas.lan", "10.0.0.5", "other.lan"]);
    expect(judged(old, [bundle([more])])).toBeUndefined();
    expect(judged(old, [bundle([renewed])], { serverName: "other.lan" })).toBeUndefined();
    expect(judged(await make(), [bundle([await make({ notBefore: NOW })])])).toBeUndefined();
  });

  it("is compared with one of the same kind of key where there is any", async () => {
    const other = await leafFrom(NOW - 2 * DAY, undefined, await makeKeys(rsa(1024)));
    expect(judged(renewed, [bundle([renewed]), secret([other])])).toBe("/nas.pem: ok");
    expect(judged(other, [bundle([renewed]), secret([other])])).toBe("secret: ok");
    expect(judged(other, [bundle([renewed])])).toBe("/nas.pem: stored_is_newer");
  });

  it("is compared with the first leaf of the file that is named, and no other", () => {
    const storedFile = "/nas.pem";
    expect(judged(old, [secret([renewed]), bundle([issuer, old, renewed])], { storedFile })).toBe("/nas.pem: ok");
    expect(judged(renewed, [bundle([old])], { storedFile })).toBe("/nas.pem: stored_differs");
    expect(judged(renewed, [secret([renewed])], { storedFile })).toBeUndefined();
    expect(judged(renewed, [bundle([])], { storedFile })).toBeUndefined();
    expect(judged(issuer, [bundle([issuer])], { storedFile })).toBe("/nas.pem: ok");
  });
});
