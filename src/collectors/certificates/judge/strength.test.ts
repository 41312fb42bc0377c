import { describe, expect, it } from "vitest";
import type { Certificate } from "../certificate.ts";
import { make, makeAuthority, makeKeys, rsa } from "./__fixtures__/certificates.ts";
import { strengthChecks } from "./strength.ts";

const plain = (await make()).certificate;
const faults = (...certificates: Certificate[]) =>
  strengthChecks(certificates)
    .filter(({ ok }) => !ok)
    .map(({ check, reason }) => `${check}: ${reason}`);

const withKey = (algorithm: string, bits?: number): Certificate => ({
  ...plain,
  key: bits === undefined ? { algorithm } : { algorithm, bits },
});

describe("the strength of keys and signatures", () => {
  it("is enough for what is made today", () => {
    expect(faults(plain)).toStrictEqual([]);
    expect(strengthChecks([plain]).map(({ check }) => check)).toStrictEqual(["key", "signature"]);
  });

  it("is too little for a short RSA key and for SHA-1", async () => {
    const { certificate } = await make({ keys: await makeKeys(rsa(1024, "SHA-1")) });
    expect(faults(plain, certificate)).toStrictEqual(["key: weak_rsa", "signature: weak_sha1"]);
  });

  it.each([
    ["rsa-pss", 1024, "weak_rsa"],
    ["EC", 192, "weak_ec"],
    ["dsa", 2048, "weak_algorithm"],
    ["dsa", undefined, "weak_algorithm"],
  ])("is too little for %s of %s bits", (algorithm, bits, reason) => {
    expect(faults(withKey(algorithm, bits))).toStrictEqual([`key: ${reason}`]);
  });

  it.each([
    ["RSA", 2048],
    ["EC", 224],
    ["Ed25519", 253],
    ["ml-dsa-65", undefined],
    ["1.2.3.4", undefined],
  ])("is enough for %s of %s bits", (algorithm, bits) => {
    expect(strengthChecks([withKey(algorithm, bits)])).toContainEqual({ check: "key", ok: true, reason: "" });
  });

  it("is not judged for a key of unknown length", () => {
    expect(strengthChecks([withKey("EC")]).map(({ check }) => check)).toStrictEqual(["signature"]);
  });

  it.each([
    ["md2WithRSAEncryption", "weak_md5"],
    ["md5WithRSAEncryption", "weak_md5"],
    ["rsassaPss-with-MD5", "weak_md5"],
    ["sha1WithRSAEncryption", "weak_sha1"],
    ["ecdsa-with-SHA1", "weak_sha1"],
    ["dsaWithSHA1-old", "weak_sha1"],
    ["shaWithRSAEncryption", "weak_sha1"],
  ])("is too little for %s", (signatureAlgorithm, reason) => {
    expect(faults({ ...plain, signatureAlgorithm })).toStrictEqual([`signature: ${reason}`]);
  });

  it.each(["sha512-224WithRSAEncryption", "ecdsa_with_SHA3-256", "ED25519", "ML-DSA-65", "SM2-with-SM3"])(
    "is enough for %s",
    (signatureAlgorithm) => {
      expect(faults({ ...plain, signatureAlgorithm })).toStrictEqual([]);
    },
  );

  it("does not count for the signature of a root", async () => {
    const root = await makeAuthority({ keys: await makeKeys(rsa(1024, "SHA-1")) });
    expect(faults(plain, root.certificate)).toStrictEqual(["key: weak_rsa"]);
    const below = await makeAuthority({ issuer: root });
    expect(faults(plain, below.certificate)).toStrictEqual(["signature: weak_sha1"]);
  });

  it("is not judged of nothing", () => {
    expect(strengthChecks([])).toStrictEqual([]);
  });
});
