import { describe, expect, test, vi } from "vitest";
import type { ReadResult } from "../certificate.ts";
import { certificate, element, integer, oid, sequence } from "./__fixtures__/der-builder.ts";
import { CertificateReader } from "./certificate-reader.ts";
import { derHeader } from "./der-values.ts";

// Without the bounds these take minutes or gigabytes; with them far less than a second, also on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const read = (bytes: Uint8Array): Promise<ReadResult> => new CertificateReader().read(bytes);
const filled = (tag: number, content: Uint8Array): Buffer => Buffer.concat([derHeader(tag, content.length), content]);
const SHA1 = sequence(oid("1.3.14.3.2.26"));
const DATA = sequence(oid("1.2.840.113549.1.7.1"), element(0xa0, element(0x04, sequence())));
const keyStore = (...macData: readonly Uint8Array[]): Buffer => sequence(integer("03"), DATA, sequence(...macData));
const refused = [{ reason: "bad_keystore", detail: expect.any(String) }];

describe("a hostile PKCS#12 key store is refused at once", () => {
  test("with a checksum and a salt of hundreds of kilobytes", async () => {
    const long = filled(0x04, Buffer.alloc(400_000, 1));
    const { faults } = await read(keyStore(sequence(SHA1, long), long));
    expect(faults).toEqual(refused);
  });

  test("with a salt of megabytes", async () => {
    const checksum = sequence(SHA1, element(0x04, Buffer.alloc(20)));
    const { faults } = await read(keyStore(checksum, filled(0x04, Buffer.alloc(8_000_000, 1)), integer("01f400")));
    expect(faults).toEqual(refused);
  });

  test("with a key of gigabytes for its checksum", async () => {
    const derivation = sequence(
      oid("1.2.840.113549.1.5.12"),
      sequence(element(0x04, Buffer.alloc(8)), integer("01"), integer("7fffffff")),
    );
    const pbmac1 = sequence(oid("1.2.840.113549.1.5.14"), sequence(derivation, sequence(oid("1.2.840.113549.2.9"))));
    const { faults } = await read(
      keyStore(sequence(pbmac1, element(0x04, Buffer.alloc(32))), element(0x04, Buffer.alloc(8))),
    );
    expect(faults).toEqual(refused);
  });
});

test("a Java key store whose classes descend from each other without end is refused at once", async () => {
  const FIRST_HANDLE = 0x7e_00_00;
  const object = (parent: number | undefined, flags: number): Buffer => {
    const handle = Buffer.alloc(4);
    if (parent !== undefined) handle.writeUInt32BE(FIRST_HANDLE + parent);
    const parentClass = parent === undefined ? Buffer.of(0x70) : Buffer.concat([Buffer.of(0x71), handle]);
    return Buffer.concat([
      Buffer.from("737200014100000000000000", "hex"),
      Buffer.of(0, flags, 0, 0, 0x78),
      parentClass,
    ]);
  };
  const objects = Array.from({ length: 60_000 }, (_, index) => object(index === 0 ? undefined : index * 2, 0));
  const head = Buffer.from("cececece0000000200000001000000030001610000000000000000aced0005", "hex");
  const { faults } = await read(Buffer.concat([head, object(undefined, 1), ...objects, Buffer.of(0x78)]));
  expect(faults).toEqual([
    { reason: "bad_keystore", detail: expect.stringContaining("a secret key in it is corrupted") },
  ]);
});

describe("millions of tiny elements in a PKCS#7 bundle", () => {
  const MANY = 1_000_000;
  const tiny = (tag: number): Buffer => Buffer.alloc(2 * MANY, Buffer.of(tag, 0x00));
  const signedData = (...tail: readonly Uint8Array[]): Buffer =>
    element(
      0x30,
      oid("1.2.840.113549.1.7.2"),
      element(0xa0, element(0x30, integer("01"), element(0x31), sequence(), ...tail)),
    );

  test("are not kept when they are to be certificates", async () => {
    const { faults } = await read(signedData(filled(0xa0, tiny(0x30))));
    expect(faults).toHaveLength(10_001);
    expect(faults.at(-1)?.reason).toBe("too_large");
  });

  test("are not kept when they are pieces of octets", async () => {
    const { faults } = await read(signedData(filled(0x24, tiny(0x04))));
    expect(faults).toEqual([{ reason: "bad_certificate", detail: expect.stringContaining("too many pieces") }]);
  });
});

test("what follows a certificate and is cut off costs it nothing", async () => {
  const whole = certificate();
  const { certificates, faults } = await read(Buffer.concat([whole, whole.subarray(0, whole.length - 10)]));
  expect(certificates).toHaveLength(1);
  expect(faults).toHaveLength(1);
});
