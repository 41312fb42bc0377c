import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Certificate } from "../certificate.ts";
import {
  certificate,
  type CertificateParts,
  commonName,
  element,
  extension,
  integer,
  key,
  oid,
  rdn,
  sequence,
  string,
  time,
} from "./__fixtures__/der-builder.ts";
import { CertificateReader } from "./certificate-reader.ts";

const parsed = (parts: CertificateParts): Certificate => new CertificateReader().certificate(certificate(parts));
const fixture = (name: string): Buffer => readFileSync(new URL(`__fixtures__/${name}`, import.meta.url));
const AUTHORITY = extension("2.5.29.19", sequence(element(0x01, Buffer.of(0xff))));
const subjectKeyId = (hex: string): Buffer => extension("2.5.29.14", element(0x04, Buffer.from(hex, "hex")));
const authorityKeyId = (hex: string): Buffer =>
  extension("2.5.29.35", sequence(element(0x80, Buffer.from(hex, "hex"))));
const alternativeNames = (...names: readonly Uint8Array[]): Buffer => extension("2.5.29.17", sequence(...names));

describe("the facts of a certificate", () => {
  test("are what OpenSSL says of the same one", async () => {
    const { certificates } = await new CertificateReader().read(fixture("leaf.pem"));
    expect(certificates).toMatchObject([
      {
        fingerprint: "017cd69a2e9a1bdf1102d4b1c1dd6f1103961dcb1a08acb70854c2655321d415",
        subject: { O: "Watchkeeper Fixtures", CN: "store.lan" },
        issuer: { O: "Watchkeeper Fixtures", CN: "Fixture CA" },
        serialNumber: "359539677333956131895280169082175162707850952586",
        role: "leaf",
        dnsNames: ["store.lan"],
        ipAddresses: ["192.0.2.7", "2001:db8::7"],
        subjectKeyId: "31e0b4e7dac3c78b7829218ba63ad023b642d84f",
        authorityKeyId: "ee3c56b348160eaecbcc6c9c29ae28343eab2d75",
        key: { algorithm: "EC", bits: 256 },
        signatureAlgorithm: "ecdsa-with-SHA256",
        crlUrls: ["http://ca.lan/a.crl"],
        notBefore: Date.parse("2026-11-27T03:40:28Z") / 1000,
        notAfter: Date.parse("2126-11-03T03:40:28Z") / 1000,
      },
    ]);
  });

  test("are one object for the same bytes, and bytes behind a certificate change nothing", () => {
    const reader = new CertificateReader();
    const der = certificate();
    const first = reader.certificate(der);
    expect(reader.certificate(Buffer.concat([der, Buffer.from("anything")]))).toBe(first);
    expect(Buffer.from(first.der).equals(der)).toBe(true);
    expect(reader.certificate(certificate({ serialNumber: integer("02") }))).not.toBe(first);
  });

  test("do not change when the bytes that were read do", () => {
    const der = certificate();
    const read = new CertificateReader().certificate(der);
    der.fill(0);
    expect(read.der[0]).toBe(0x30);
  });

  test.each([
    ["0 as the highest bit", integer("00ff"), "255"],
    ["a negative number", integer("ff"), "-1"],
    ["a negative number of many bytes", integer("80000000000000000001"), (-(2n ** 79n) + 1n).toString()],
    ["25 bytes", integer(`7f${"ff".repeat(24)}`), (2n ** 199n - 1n).toString()],
  ])("have the serial number of %s", (_, serialNumber, expected) => {
    expect(parsed({ serialNumber }).serialNumber).toBe(expected);
  });

  test.each([
    ["the last of UTCTime", time("491231235959"), "2049-12-31T23:59:59Z"],
    ["the first of UTCTime", time("500101000000"), "1950-01-01T00:00:00Z"],
    ["the end of time", time("99991231235959"), "9999-12-31T23:59:59Z"],
    ["a year before 100", time("00500228000000"), "0050-02-28T00:00:00Z"],
    ["no seconds and an offset", string("2501010000+0130", 0x17), "2024-12-31T22:30:00Z"],
  ])("have the end at %s", (_, notAfter, expected) => {
    expect(parsed({ notAfter }).notAfter).toBe(Date.parse(expected) / 1000);
  });

  test("have names of every kind of string, the first of several, and those of multi-valued parts", () => {
    const subject = sequence(
      rdn(["2.5.4.10", string(Buffer.from("Zürich", "utf16le").swap16(), 0x1e)], ["2.5.4.11", string("first")]),
      rdn(["2.5.4.11", string("second")]),
      rdn(["2.5.4.7", string(Buffer.from("Zürich", "latin1"), 0x14)]),
      rdn(["2.5.4.8", element(0x03, Buffer.of(0, 1))]),
      rdn(["2.5.4.3", string(Buffer.from("0001f600", "hex"), 0x1c)]),
    );
    expect(parsed({ subject }).subject).toEqual({ O: "Zürich", OU: "first", L: "Zürich", CN: "😀" });
  });

  test("have neither subject nor extensions where there are none", () => {
    const read = parsed({ subject: sequence(), version: "none" });
    expect(read).toMatchObject({ subject: {}, role: "leaf", dnsNames: [], ipAddresses: [], crlUrls: [] });
    expect(read).not.toHaveProperty("subjectKeyId");
    expect(read).not.toHaveProperty("authorityKeyId");
  });

  test("have 1,000 names and addresses in their order, whatever stands in them", () => {
    const names = Array.from({ length: 1000 }, (_, i) => `host-${i}.lan`);
    const odd = 'a.lan, DNS:"b.lan"';
    const read = parsed({
      extensions: [
        alternativeNames(
          ...[...names, odd].map((name) => string(name, 0x82)),
          element(0x87, Buffer.of(10, 0, 0, 1)),
          element(0x87, Buffer.from("00000000000000000000ffff0a000001", "hex")),
          element(0x87, Buffer.of(1, 2, 3)),
          string("a@b.lan", 0x81),
        ),
      ],
    });
    expect(read.dnsNames).toEqual([...names, odd]);
    expect(read.ipAddresses).toEqual(["10.0.0.1", "::ffff:10.0.0.1"]);
  });

  test("have the addresses of revocation lists by HTTP only", () => {
    const point = (...urls: readonly string[]): Buffer =>
      sequence(element(0xa0, element(0xa0, ...urls.map((url) => string(url, 0x86)))));
    const list = extension(
      "2.5.29.31",
      sequence(point("ldap://a/", "http://a/1"), sequence(), point("HTTPS://a/2", "http://a/1")),
    );
    expect(parsed({ extensions: [list] }).crlUrls).toEqual(["http://a/1", "HTTPS://a/2"]);
  });
});

describe("the role", () => {
  const same = { subject: commonName("a"), issuer: commonName("a") };
  test.each<[string, Certificate["role"], CertificateParts]>([
    ["no authority", "leaf", { extensions: [extension("2.5.29.19", sequence())] }],
    ["no authority that signed itself", "leaf", same],
    ["an authority of another", "intermediate", { extensions: [AUTHORITY] }],
    [
      "an authority that signed itself",
      "root",
      { ...same, extensions: [AUTHORITY, subjectKeyId("aa"), authorityKeyId("aa")] },
    ],
    ["one without key identifiers", "root", { ...same, extensions: [AUTHORITY] }],
    [
      "an authority signed by its former key",
      "intermediate",
      { ...same, extensions: [AUTHORITY, subjectKeyId("aa"), authorityKeyId("bb")] },
    ],
    ["version 1 that signed itself", "root", { ...same, version: "none" }],
  ])("of %s is %s", (_, role, parts) => {
    expect(parsed(parts).role).toBe(role);
  });
});

describe("the key and the signature", () => {
  const rsa = (modulus: string): Buffer =>
    sequence(
      sequence(oid("1.2.840.113549.1.1.1"), element(0x05)),
      element(0x03, Buffer.of(0), sequence(integer(modulus), integer("010001"))),
    );
  test.each<[string, Certificate["key"], Buffer]>([
    ["RSA", { algorithm: "RSA", bits: 2048 }, rsa(`00${"ff".repeat(256)}`)],
    ["RSA of an odd length", { algorithm: "RSA", bits: 1023 }, rsa(`7f${"ff".repeat(127)}`)],
    ["an unknown curve", { algorithm: "EC" }, key(sequence(oid("1.2.840.10045.2.1"), oid("1.2.3.4")))],
    ["Ed25519", { algorithm: "Ed25519", bits: 253 }, key(sequence(oid("1.3.101.112")))],
    ["ML-DSA", { algorithm: "ml-dsa-65" }, key(sequence(oid("2.16.840.1.101.3.4.3.18")))],
    ["something unheard of", { algorithm: "1.2.3.400000.5" }, key(sequence(oid("1.2.3.400000.5")))],
  ])("%s", (_, expected, encoded) => {
    expect(parsed({ key: encoded }).key).toEqual(expected);
  });

  const pss = (...parameters: readonly Uint8Array[]): Buffer =>
    sequence(oid("1.2.840.113549.1.1.10"), sequence(...parameters));
  test.each([
    ["sha1WithRSAEncryption", sequence(oid("1.2.840.113549.1.1.5"), element(0x05))],
    ["rsassaPss-with-SHA1", pss()],
    ["rsassaPss-with-SHA512", pss(element(0xa0, sequence(oid("2.16.840.1.101.3.4.2.3"))))],
    ["ML-DSA-44", sequence(oid("2.16.840.1.101.3.4.3.17"))],
    ["1.2.3.4", sequence(oid("1.2.3.4"))],
  ])("signed by %s", (expected, signature) => {
    expect(parsed({ signature }).signatureAlgorithm).toBe(expected);
  });
});

describe("what can not be read", () => {
  test.each<[string, string, Uint8Array]>([
    ["nothing", "cut off at byte 0", Buffer.alloc(0)],
    ["a piece of one", "cut off at byte 0", certificate().subarray(0, 100)],
    ["a 13th month", "no time at byte", certificate({ notAfter: time("251301000000") })],
    ["the 30th of February", "no time at byte", certificate({ notAfter: time("250230000000") })],
    [
      "a damaged extension",
      "extension 2.5.29.17: cut off at byte",
      certificate({ extensions: [extension("2.5.29.17", Buffer.of(0x30, 0x7f))] }),
    ],
    ["a key", "tag 0x2 instead of 0x30", sequence(integer("00"), sequence())],
    [
      "more than 1 MiB",
      "larger than 1 MiB",
      certificate({ extensions: [extension("2.5.29.17", Buffer.alloc(1_100_000))] }),
    ],
  ])("%s", (_, message, der) => {
    expect(() => new CertificateReader().certificate(der)).toThrow(message);
  });
});
