import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { Secret } from "../../../core/secret.ts";
import type { ReadResult } from "../certificate.ts";
import { element, integer, oid, sequence } from "./__fixtures__/der-builder.ts";
import { CertificateReader } from "./certificate-reader.ts";
import { Der } from "./der.ts";

// Deriving keys is work, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 60_000 });

const fixture = (name: string): Buffer => readFileSync(new URL(`__fixtures__/${name}`, import.meta.url));
const read = (bytes: Uint8Array, ...passphrases: readonly string[]): Promise<ReadResult> =>
  new CertificateReader().read(bytes, { passphrases: passphrases.map((text) => new Secret(text)) });
const names = ({ certificates }: ReadResult): (string | undefined)[] => certificates.map(({ subject }) => subject.CN);
const reasons = ({ faults }: ReadResult): string[] => faults.map(({ reason }) => reason);
const CHAIN = ["store.lan", "Fixture CA"];

describe("a PKCS#12 key store", () => {
  test.each([
    ["modern.p12", "change it"],
    ["legacy-rc2.p12", "change it"],
    ["legacy-3des.p12", "change it"],
    ["plain.p12", "change it"],
    ["unicode.p12", "grüß€"],
    ["keytool.p12", "changeit"],
    ["empty.p12", ""],
  ])("%s opens with the one of several passphrases that fits", async (file, passphrase) => {
    const result = await read(fixture(file), "wrong", passphrase);
    expect(result.faults).toEqual([]);
    expect(names(result)).toEqual(CHAIN);
    expect(result.certificates[0]).toEqual((await read(fixture("leaf.pem"))).certificates[0]);
  });

  test.each(["modern.p12", "legacy-rc2.p12", "legacy-3des.p12", "keytool.p12"])("%s needs one", async (file) => {
    const none = await read(fixture(file));
    expect(none.certificates).toEqual([]);
    expect(none.faults).toEqual([
      { reason: "wrong_passphrase", detail: expect.stringContaining("it needs a passphrase") },
    ]);
    expect(reasons(await read(fixture(file), "wrong", "wronger"))).toEqual(["wrong_passphrase"]);
  });

  test("gives what is not encrypted without a passphrase, and says when those that are given do not fit", async () => {
    expect(await read(fixture("plain.p12"))).toMatchObject({ certificates: [{}, {}], faults: [] });
    const wrong = await read(fixture("plain.p12"), "wrong");
    expect(names(wrong)).toEqual(CHAIN);
    expect(reasons(wrong)).toEqual(["wrong_passphrase"]);
  });

  test.each(["modern.p12", "legacy-rc2.p12"])("%s opens without a checksum too", async (file) => {
    const bytes = withoutChecksum(fixture(file));
    expect(names(await read(bytes, "wrong", "change it"))).toEqual(CHAIN);
    expect(reasons(await read(bytes, "wrong"))).toEqual(["wrong_passphrase"]);
  });

  test.each(["modern.p12", "keytool.p12"])("%s opens in BER, with octets in pieces", async (file) => {
    expect(names(await read(indefinite(fixture(file)), "change it", "changeit"))).toEqual(CHAIN);
  });

  test("whose keys would take forever is refused at once", async () => {
    const data = sequence(oid("1.2.840.113549.1.7.1"), element(0xa0, element(0x04, sequence())));
    const sha1 = sequence(sequence(oid("1.3.14.3.2.26")), element(0x04, Buffer.alloc(20)));
    const mac = sequence(sha1, element(0x04, Buffer.alloc(8)), integer("7fffffff"));
    const { faults } = await read(sequence(integer("03"), data, mac, element(0x04, Buffer.alloc(200))), "any");
    expect(faults).toEqual([{ reason: "bad_keystore", detail: expect.stringContaining("2147483647 iterations") }]);
  });

  test("whose content was changed under a right checksum is corrupted", async () => {
    const bytes = fixture("plain.p12");
    const at = bytes.indexOf("store.lan");
    bytes[at] = 0x53;
    expect(reasons(await read(bytes, "change it"))).toEqual(["wrong_passphrase"]);
  });
});

/** Leaves out MacData, the last of the three parts. */
function withoutChecksum(bytes: Uint8Array): Uint8Array {
  const parts = Der.at(bytes).children();
  return sequence(parts.next().encoded, parts.next().encoded);
}

/** The same in BER: no element with children tells its length, and octets are in pieces of 100. */
function indefinite(bytes: Uint8Array): Uint8Array {
  const end = Buffer.alloc(2);
  const { tag, content, encoded } = Der.at(bytes);
  if (tag === 0x04 && content.length > 100) {
    const pieces: Uint8Array[] = [];
    for (let i = 0; i < content.length; i += 100) pieces.push(element(0x04, content.subarray(i, i + 100)));
    return Buffer.concat([Buffer.of(0x24, 0x80), ...pieces, end]);
  }
  if ((tag & 0x20) === 0) return encoded;
  const children: Uint8Array[] = [];
  for (const cursor = Der.at(bytes).children(); !cursor.done;) children.push(indefinite(cursor.next().encoded));
  return Buffer.concat([Buffer.of(tag, 0x80), ...children, end]);
}

describe("a Java key store", () => {
  test.each(["store.jks", "store.jceks"])(
    "%s gives its certificates, and is checked by the passphrases that are given",
    async (file) => {
      const [none, right, wrong] = [
        await read(fixture(file)),
        await read(fixture(file), "no", "changeit"),
        await read(fixture(file), "no"),
      ];
      for (const result of [none, right, wrong]) {
        expect(names(result).toSorted()).toEqual(["Fixture CA", "Fixture CA", "store.lan"]);
      }
      expect([none, right, wrong].map(reasons)).toEqual([[], [], ["wrong_passphrase"]]);
    },
  );

  test("of the kind JCEKS is read behind a secret key of any class", async () => {
    const text = (value: string): Buffer => Buffer.concat([Buffer.of(0, value.length), Buffer.from(value)]);
    const described = (name: string, flags: number, ...fields: readonly Uint8Array[]): Buffer =>
      Buffer.concat([
        Buffer.of(0x72),
        text(name),
        Buffer.alloc(8),
        Buffer.of(flags, 0, fields.length),
        ...fields,
        Buffer.of(0x78),
      ]);
    const child = described("Child", 3, Buffer.concat([Buffer.from("I"), text("number")]));
    const parent = described(
      "Parent",
      2,
      Buffer.concat([Buffer.from("L"), text("words"), Buffer.of(0x74), text("Ljava/lang/String;")]),
    );
    const values = [
      Buffer.of(0x74),
      text("parent first"),
      Buffer.from("00000007", "hex"),
      Buffer.of(0x77, 2, 1, 2, 0x78),
    ];
    const secret = [Buffer.from("aced000573", "hex"), child, parent, Buffer.of(0x70), ...values];
    const head = Buffer.from("cececece0000000200000002", "hex");
    const entry = (kind: number): Buffer[] => [Buffer.of(0, 0, 0, kind), text("alias"), Buffer.alloc(8)];
    const der = (await read(fixture("leaf.pem"))).certificates[0]?.der ?? Buffer.alloc(0);
    const leaf = [text("X.509"), Buffer.of(0, 0, der.length >> 8, der.length & 0xff), der];
    const bytes = Buffer.concat([head, ...entry(3), ...secret, ...entry(2), ...leaf, Buffer.alloc(20)]);
    const result = await read(bytes);
    expect(result.faults).toEqual([]);
    expect(names(result)).toEqual(["store.lan"]);
  });

  test("that was changed does not fit its checksum", async () => {
    const bytes = fixture("store.jks");
    bytes[bytes.indexOf("root")] = 0x52;
    expect(reasons(await read(bytes, "changeit"))).toEqual(["wrong_passphrase"]);
  });

  test("that is cut off gives what comes before", async () => {
    const bytes = fixture("store.jks");
    const result = await read(bytes.subarray(0, bytes.length - 300));
    expect(result.certificates).not.toEqual([]);
    expect(result.faults).toEqual([{ reason: "bad_keystore", detail: expect.stringContaining("cut off at byte") }]);
  });

  test("of another version is not read", async () => {
    expect(await read(Buffer.from("feedfeed0000000300000000", "hex"))).toMatchObject({
      certificates: [],
      faults: [{ reason: "bad_keystore", detail: expect.stringContaining("version 3") }],
    });
  });
});
