import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ReadResult } from "../certificate.ts";
import {
  certificate,
  commonName,
  element,
  extension,
  integer,
  oid,
  pem,
  revocationList,
  revokedEntry,
  sequence,
  string,
} from "./__fixtures__/der-builder.ts";
import { CertificateReader } from "./certificate-reader.ts";

const fixture = (name: string): Buffer => readFileSync(new URL(`__fixtures__/${name}`, import.meta.url));
const read = (input: string | Uint8Array): Promise<ReadResult> =>
  new CertificateReader().read(typeof input === "string" ? Buffer.from(input) : input);
const names = ({ certificates }: ReadResult): (string | undefined)[] => certificates.map(({ subject }) => subject.CN);
const named = (name: string): Buffer => certificate({ subject: commonName(name) });
const reasons = ({ faults }: ReadResult): string[] => faults.map(({ reason }) => reason);

describe("PEM", () => {
  test("may have anything around, and keeps order and duplicates", async () => {
    const text = [
      "\u{feff}subject=/CN=a\r\n",
      pem("CERTIFICATE", named("a"), "\r\n"),
      "-----BEGIN nonsense -----BEGIN\n",
      pem("X509 CERTIFICATE", named("b")).replaceAll(/^/gm, "    "),
      pem("CERTIFICATE", named("a")).replaceAll("\n", "\r"),
      "-----END CERTIFICATE-----\n",
    ].join("");
    const result = await read(text);
    expect(names(result)).toEqual(["a", "b", "a"]);
    expect(result.faults).toEqual([]);
    expect(result.certificates[0]).toBe(result.certificates[2]);
  });

  test("may be in UTF-16, and have what OpenSSL adds to trusted certificates", async () => {
    expect(names(await read(Buffer.from(`\u{feff}${pem("CERTIFICATE", named("a"))}`, "utf16le")))).toEqual(["a"]);
    const { certificates, faults } = await read(fixture("trusted.pem"));
    expect(certificates).toEqual((await read(fixture("leaf.pem"))).certificates);
    expect(faults).toEqual([]);
  });

  test("may follow bytes that look like the beginning of DER", async () => {
    const bytes = Buffer.concat([Buffer.from("3082ffff020103", "hex"), Buffer.from(pem("CERTIFICATE", named("a")))]);
    expect(names(await read(bytes))).toEqual(["a"]);
  });

  test("is read besides a block that can not be", async () => {
    const cut = pem("CERTIFICATE", named("cut")).slice(0, 200);
    const damaged = pem("CERTIFICATE", named("damaged")).replace("MIG", "M%G");
    const wrong = pem("CERTIFICATE", Buffer.from("no certificate"));
    const result = await read(
      [cut, pem("CERTIFICATE", named("a")), damaged, wrong, pem("X509 CRL", named("b"))].join("\n"),
    );
    expect(names(result)).toEqual(["a"]);
    expect(result.faults).toEqual([
      { reason: "bad_pem", detail: "block 1: its end is missing" },
      { reason: "bad_pem", detail: "block 3: it is not base64" },
      { reason: "bad_certificate", detail: expect.stringMatching(/^block 4: /) },
      { reason: "bad_crl", detail: expect.stringMatching(/^block 5: /) },
    ]);
  });

  test("of keys and requests is passed over, broken or not", async () => {
    const text = `${pem("PRIVATE KEY", Buffer.from("secret"))}-----BEGIN RSA PRIVATE KEY-----\n%%%\n${pem("CERTIFICATE", named("a"))}`;
    const result = await read(text);
    expect(names(result)).toEqual(["a"]);
    expect(result.faults).toEqual([]);
  });

  test("of PKCS#7 is opened", async () => {
    expect(names(await read(pem("PKCS7", fixture("chain.p7b"))))).toEqual(["store.lan", "Fixture CA"]);
    expect(reasons(await read(pem("PKCS7", Buffer.from("no"))))).toEqual(["bad_certificate"]);
  });
});

describe("DER", () => {
  test("may be one certificate or several, or a bundle of PKCS#7", async () => {
    expect(names(await read(Buffer.concat([named("a"), named("b"), Buffer.from("\n")])))).toEqual(["a", "b"]);
    expect(names(await read(certificate({ version: "none", subject: commonName("old") })))).toEqual(["old"]);
    expect(names(await read(fixture("chain.p7b")))).toEqual(["store.lan", "Fixture CA"]);
  });

  test.each<[string, string, Uint8Array]>([
    ["a certificate that is cut off", "bad_certificate", named("a".repeat(100)).subarray(0, -5)],
    ["a revocation list that is cut off", "bad_crl", revocationList(Array(9).fill(revokedEntry("01"))).subarray(0, -5)],
    ["a bundle that is cut off", "bad_certificate", fixture("chain.p7b").subarray(0, 500)],
    ["a key store that is cut off", "bad_keystore", fixture("modern.p12").subarray(0, 500)],
    ["a key", "no_certificate", sequence(integer("00"), sequence(oid("1.2.3")), element(0x04, Buffer.alloc(200)))],
    ["a public key", "no_certificate", sequence(sequence(oid("1.2.3")), element(0x03, Buffer.alloc(200)))],
    [
      "a request",
      "no_certificate",
      sequence(sequence(integer("00"), commonName("a".repeat(120)), sequence(oid("1.2.3")), element(0xa0)), sequence()),
    ],
    ["nothing", "no_certificate", Buffer.alloc(0)],
    ["some text", "no_certificate", Buffer.from("0 is where it begins")],
  ])("of %s gives %s", async (_, reason, bytes) => {
    expect(await read(bytes)).toEqual({
      certificates: [],
      revocationLists: [],
      faults: [{ reason, detail: expect.any(String) }],
    });
  });

  test("of more than 16 MiB is not read, and of more than 10,000 blocks the first are", async () => {
    expect(reasons(await read(Buffer.alloc(16 * 1_048_576 + 1)))).toEqual(["too_large"]);
    const result = await read(pem("CERTIFICATE", named("a")).repeat(10_001));
    expect(result.certificates).toHaveLength(10_000);
    expect(reasons(result)).toEqual(["too_large"]);
  });
});

describe("a revocation list", () => {
  const number = extension("2.5.29.20", integer("0102030405060708090a"));
  const reason = (code: number): Buffer => extension("2.5.29.21", element(0x0a, Buffer.of(code)));
  const issuer = (name: string): Buffer => extension("2.5.29.29", sequence(element(0xa4, commonName(name))));

  test("tells its times, its number and what was revoked and why", async () => {
    const der = revocationList(
      [revokedEntry("01"), revokedEntry("00ff", reason(1)), revokedEntry(`7f${"ff".repeat(19)}`, reason(4))],
      [number, extension("2.5.29.35", sequence(string("\u0001", 0x80)))],
    );
    const { revocationLists, faults } = await read(pem("X509 CRL", der));
    expect(faults).toEqual([]);
    expect(revocationLists).toMatchObject([
      {
        issuer: { CN: "issuer" },
        issuerDer: commonName("issuer").toString("hex"),
        thisUpdate: Date.parse("2025-01-01T00:00:00Z") / 1000,
        nextUpdate: Date.parse("2025-01-08T00:00:00Z") / 1000,
        number: 0x0102030405060708090an.toString(),
        authorityKeyId: "01",
      },
    ]);
    expect(revocationLists[0]?.revoked).toEqual(
      new Map([
        ["1", "unspecified"],
        ["255", "keyCompromise"],
        [(2n ** 159n - 1n).toString(), "superseded"],
      ]),
    );
  });

  test("may be empty and say neither when the next comes nor its number", async () => {
    const [list] = (await read(revocationList([], [], Buffer.alloc(0)))).revocationLists;
    expect(list?.revoked.size).toBe(0);
    expect(list).not.toHaveProperty("nextUpdate");
    expect(list).not.toHaveProperty("number");
  });

  test("leaves out what belongs to another issuer or is taken back", async () => {
    const entries = [
      revokedEntry("01"),
      revokedEntry("02", issuer("other")),
      revokedEntry("03", reason(1)),
      revokedEntry("04", issuer("issuer")),
      revokedEntry("05", reason(8)),
    ];
    const [list] = (await read(revocationList(entries))).revocationLists;
    expect([...(list?.revoked.keys() ?? [])]).toEqual(["1", "4"]);
  });

  test("has the same object as long as it is held", async () => {
    const reader = new CertificateReader();
    const der = revocationList([revokedEntry("01")]);
    const [first] = (await reader.read(der)).revocationLists;
    expect((await reader.read(der)).revocationLists[0]).toBe(first);
  });
});
