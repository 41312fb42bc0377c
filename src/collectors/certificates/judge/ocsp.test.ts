import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY, HOUR, make, makeAuthority, makeStaple, NOW, reader, type Made } from "./__fixtures__/certificates.ts";
import { Issuances } from "./issuance.ts";
import { OcspStaples } from "./ocsp.ts";

const OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";

const issuer = await makeAuthority();
const { certificate: leaf } = await make({ issuer });
const delegate = await make({ issuer, extendedKeyUsage: OCSP_SIGNING });

const staples = new OcspStaples(reader, new Issuances());

async function judged(staple: Uint8Array, now = NOW) {
  const { check, ok, reason } = await staples.check(staple, { leaf, issuer: issuer.certificate }, now);
  expect(check).toBe("revocation_ocsp");
  return ok ? "ok" : reason;
}

const by = (signer: Made) => judged(makeStaple(leaf, issuer, { delegate: signer }));

describe("a stapled OCSP answer", () => {
  it.each([
    ["good", "ok"],
    ["revoked", "revoked"],
    ["unknown", "unknown"],
  ] as const)("that says %s gives %s", async (status, result) => {
    expect(await judged(makeStaple(leaf, issuer, { status }))).toBe(result);
  });

  it("is too old some minutes after its end, each time it is looked at", async () => {
    const staple = makeStaple(leaf, issuer, { nextUpdate: NOW + HOUR });
    expect(await judged(staple)).toBe("ok");
    expect(await judged(staple, NOW + HOUR + 299)).toBe("ok");
    expect(await judged(staple, NOW + HOUR + 301)).toBe("stale");
    expect(await judged(staple)).toBe("ok");
  });

  it("is too old after ten days when it does not say when the next one comes", async () => {
    const staple = makeStaple(leaf, issuer, { nextUpdate: null });
    expect(await judged(staple, NOW + 9 * DAY)).toBe("ok");
    expect(await judged(staple, NOW + 11 * DAY)).toBe("stale");
  });

  it("that is too old still says revoked, and one of the future says nothing", async () => {
    const old = { thisUpdate: NOW - 9 * DAY, nextUpdate: NOW - 8 * DAY };
    expect(await judged(makeStaple(leaf, issuer, { status: "revoked", ...old }))).toBe("revoked");
    expect(await judged(makeStaple(leaf, issuer, { status: "unknown", ...old }))).toBe("stale");
    expect(await judged(makeStaple(leaf, issuer, { thisUpdate: NOW + HOUR }))).toBe("invalid");
  });

  it("may be signed by one whom the authority allows it, while that one is valid", async () => {
    expect(await by(delegate)).toBe("ok");
    const over = await make({ issuer, extendedKeyUsage: OCSP_SIGNING, notAfter: NOW - DAY });
    expect(await by(over)).toBe("stale");
    const early = await make({ issuer, extendedKeyUsage: OCSP_SIGNING, notBefore: NOW + DAY });
    expect(await by(early)).toBe("invalid");
  });

  it("may be signed by no other", async () => {
    expect(await by(await make({ issuer }))).toBe("invalid");
    expect(await by(await makeAuthority())).toBe("invalid");
    expect(await by(await make({ extendedKeyUsage: OCSP_SIGNING }))).toBe("invalid");
    const stranger = await makeAuthority({ name: "Stranger" });
    const pretender = { issuer: stranger, issuerName: issuer.certificate.subject.CN ?? "", keyIds: false };
    expect(await by(await make({ extendedKeyUsage: OCSP_SIGNING, ...pretender }))).toBe("invalid");
  });

  it("about another certificate, or of another authority with the same name, is none", async () => {
    expect(await judged(makeStaple(leaf, issuer, { serialNumber: "0102" }))).toBe("invalid");
    const renamed = { ...leaf, issuerDer: delegate.certificate.subjectDer };
    expect(await judged(makeStaple(renamed, issuer))).toBe("invalid");
    const twin = await makeAuthority({ name: issuer.certificate.subject.CN ?? "" });
    expect(await judged(makeStaple(leaf, twin, { delegate }))).toBe("invalid");
  });

  it("that only says that there is none is none", async () => {
    expect(await judged(Buffer.from("30030a0103", "hex"))).toBe("invalid");
  });

  it("is never good when any bit of what is signed was changed, nor when it is cut off", async () => {
    const staple = makeStaple(leaf, issuer);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: staple.length * 8 - 1 }), async (bit) => {
        const changed = Buffer.from(staple);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(await judged(changed)).not.toBe("ok");
        expect(await judged(staple.subarray(0, bit >> 3))).toBe("invalid");
      }),
    );
  });

  it("of any bytes is none", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        expect(await judged(bytes)).toBe("invalid");
      }),
    );
  });
});
