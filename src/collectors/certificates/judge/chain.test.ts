import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Certificate } from "../certificate.ts";
import { broken, make, makeAuthority, NOW, DAY, reader, type Made } from "./__fixtures__/certificates.ts";
import { findChains, type Chain } from "./chain.ts";
import { Issuances } from "./issuance.ts";
import { TrustStore } from "./trust-store.ts";

const root = await makeAuthority({ name: "Root" });
const upper = await makeAuthority({ name: "Upper", issuer: root });
const lower = await makeAuthority({ name: "Lower", issuer: upper, pathLength: 0 });
const leaf = await make({ name: "leaf", issuer: lower, hosts: ["nas.lan"] });

function find(served: readonly Certificate[], trusted: readonly Made[]) {
  const [first] = served;
  if (first === undefined) throw new Error("nothing is served");
  const store = new TrustStore("test", trusted.map(certificateOf));
  return findChains(first, served, store, new Issuances());
}

class CountingIssuances extends Issuances {
  asked = 0;

  override between(issuer: Certificate, child: Certificate) {
    this.asked++;
    return super.between(issuer, child);
  }
}

const certificateOf = ({ certificate }: Made): Certificate => certificate;
const all = (...made: readonly Made[]): Certificate[] => made.map(certificateOf);
const fingerprints = (chains: readonly Chain[]) => chains.map((chain) => chain.map(({ fingerprint }) => fingerprint));

describe("the chains from a leaf to a trusted authority", () => {
  it("are found in the order of the wire, with the root from the store", () => {
    const { verified } = find(all(leaf, lower, upper), [root]);
    expect(verified).toStrictEqual([all(leaf, lower, upper, root)]);
  });

  it("end at the first trusted one, be it a root or not", () => {
    expect(find(all(leaf, lower), [upper]).verified).toStrictEqual([all(leaf, lower, upper)]);
    expect(find(all(leaf), [leaf]).verified).toStrictEqual([all(leaf)]);
  });

  it("are as many as there are cross-signed authorities", async () => {
    const otherRoot = await makeAuthority({ name: "Other Root" });
    const crossed = await makeAuthority({ name: "Upper", issuer: otherRoot, keys: upper.keys });
    const { verified } = find(all(leaf, lower, crossed, upper), [root, otherRoot]);
    expect(new Set(fingerprints(verified))).toStrictEqual(
      new Set(fingerprints([all(leaf, lower, upper, root), all(leaf, lower, crossed, otherRoot)])),
    );
  });

  it("are found whatever their dates", async () => {
    const old = await makeAuthority({ notBefore: NOW - 900 * DAY, notAfter: NOW - 800 * DAY });
    const child = await make({ issuer: old });
    expect(find(all(child), [old]).verified).toHaveLength(1);
  });

  it("are found without key identifiers, among many of the same name", async () => {
    const twins = await Promise.all(Array.from({ length: 20 }, () => makeAuthority({ name: "Twin", keyIds: false })));
    const [signer] = twins;
    const child = await make(signer === undefined ? {} : { issuer: signer, keyIds: false });
    expect(find(all(child), twins.toReversed()).verified).toHaveLength(1);
  });

  it("are found by key identifiers among hundreds of the same name without them", async () => {
    const { subjectKeyId: _, ...withoutId } = (await makeAuthority({ name: "Root" })).certificate;
    const twins = Array.from({ length: 300 }, (_, i) => ({ ...withoutId, fingerprint: String(i) }));
    const store = new TrustStore("test", [...twins, root.certificate]);
    const child = await make({ issuer: root });
    expect(findChains(child.certificate, all(child), store, new Issuances()).verified).toHaveLength(1);
  });

  it("that lead to no trusted one are told by the longest", async () => {
    const otherRoot = await makeAuthority();
    const crossed = await makeAuthority({ name: "Upper", issuer: otherRoot, keys: upper.keys });
    for (const served of [all(leaf, lower, upper, crossed, otherRoot), all(leaf, lower, crossed, otherRoot, upper)])
      expect(find(served, []).deadEnd).toStrictEqual(all(leaf, lower, crossed, otherRoot));
  });

  it("do not go through one that is no authority, may not sign certificates or is too far from the leaf", async () => {
    const noAuthority = await make({ issuer: root });
    const noSigner = await makeAuthority({ issuer: root, keyUsage: "digitalSignature" });
    const tooFar = await makeAuthority({ name: "Far", issuer: lower });
    for (const issuer of [noAuthority, noSigner]) {
      const found = find(all(await make({ issuer }), issuer), [root]);
      expect(found).toMatchObject({ verified: [], refusal: "not_an_authority" });
    }
    const found = find(all(await make({ issuer: tooFar }), tooFar, lower, upper), [root]);
    expect(found).toMatchObject({ verified: [], refusal: "not_an_authority" });
  });

  it("are none when the key identifiers differ, or only the name is the same", async () => {
    const remade = await makeAuthority({ name: "Root" });
    const child = await make({ issuer: root });
    expect(find(all(child), [remade])).toStrictEqual({ verified: [], deadEnd: all(child) });
    const withoutIds = await make({ issuer: root, keyIds: false });
    expect(find(all(withoutIds), [remade])).toStrictEqual({ verified: [], deadEnd: all(withoutIds) });
  });

  it("end quickly among authorities that signed one another in circles", async () => {
    const names = Array.from({ length: 8 }, (_, i) => `Circle ${i}`);
    const rootsOfCircle = await Promise.all(names.map((name) => makeAuthority({ name })));
    const circle = await Promise.all(
      rootsOfCircle.flatMap((signer) =>
        rootsOfCircle.map(({ keys }, i) => makeAuthority({ name: names[i] ?? "", keys, issuer: signer })),
      ),
    );
    const [first] = circle;
    const child = await make(first === undefined ? {} : { issuer: first });
    const issuances = new CountingIssuances();
    const store = new TrustStore("test", [root.certificate]);
    const found = findChains(child.certificate, all(child, ...circle), store, issuances);
    expect(found.verified).toStrictEqual([]);
    expect(issuances.asked).toBeLessThanOrEqual(200);
  });

  it("are found among a thousand certificates that belong to nothing", async () => {
    const noise = Array.from({ length: 1_000 }, (_, i) => ({
      ...root.certificate,
      fingerprint: String(i),
      subjectDer: String(i),
    }));
    expect(find([leaf.certificate, ...noise, upper.certificate, lower.certificate], [root]).verified).toHaveLength(1);
  });
});

const others = await Promise.all([makeAuthority({ name: "Upper" }), makeAuthority({ name: "Lower" }), makeAuthority()]);
const rest = fc.shuffledSubarray(all(upper, lower, root, ...others, upper), { minLength: 0 });

describe("any order of the served certificates", () => {
  it("leads to the root when both intermediates are among them", () => {
    fc.assert(
      fc.property(rest, (served) => {
        const isComplete = served.includes(upper.certificate) && served.includes(lower.certificate);
        const { verified } = find([leaf.certificate, ...served], [root]);
        expect(verified.length > 0).toBe(isComplete);
      }),
    );
  });

  it("never leads there when a signature was changed", () => {
    const change = fc.constantFrom(leaf, lower, upper);
    fc.assert(
      fc.property(rest, change, (served, { certificate }) => {
        const changed = broken(certificate);
        const chain = [leaf.certificate, lower.certificate, upper.certificate, ...served];
        const { verified } = find(
          chain.map((one) => (one === certificate ? changed : one)),
          [root],
        );
        expect(verified).toStrictEqual([]);
      }),
    );
  });

  it("never leads there when any bit was changed", () => {
    const place = fc.nat({ max: lower.certificate.der.length * 8 - 1 });
    fc.assert(
      fc.property(place, (bit) => {
        const der = lower.certificate.der.slice();
        der[bit >> 3] = (der[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const changed = readable(der);
        fc.pre(changed !== undefined);
        expect(find([leaf.certificate, changed ?? leaf.certificate, upper.certificate], [root]).verified).toStrictEqual(
          [],
        );
      }),
    );
  });
});

function readable(der: Uint8Array): Certificate | undefined {
  try {
    return reader.certificate(der);
  } catch {
    return undefined;
  }
}
