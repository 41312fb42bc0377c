import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { Secret } from "../../../core/secret.ts";
import { FORMAT_FAULTS } from "../certificate.ts";
import { certificate, commonName, pem, revocationList, revokedEntry } from "./__fixtures__/der-builder.ts";
import { CertificateReader } from "./certificate-reader.ts";
import { DerError } from "./der.ts";
import { nameText } from "./name-text.ts";

// Hundreds of key stores are opened, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 60_000 });

const fixture = (name: string): Buffer => readFileSync(new URL(`__fixtures__/${name}`, import.meta.url));
const passphrases = [new Secret("change it"), new Secret("changeit")];
const FILES = ["modern.p12", "legacy-3des.p12", "plain.p12", "store.jks", "store.jceks", "chain.p7b", "leaf.pem"].map(
  fixture,
);
const ENCODINGS = [...FILES, certificate(), revocationList([revokedEntry("01")])];

describe("whatever the bytes are", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.uint8Array({ maxLength: 400 }).map((tail) => Buffer.concat([Buffer.from("3082", "hex"), tail])),
    fc
      .uint8Array({ maxLength: 400 })
      .map((tail) => Buffer.concat([Buffer.from("feedfeed00000002000000ff00000001", "hex"), tail])),
    damaged(),
  );

  test("read tells what it found or why not", async () => {
    const reader = new CertificateReader();
    await fc.assert(
      fc.asyncProperty(bytes, async (input) => {
        const { certificates, revocationLists, faults } = await reader.read(input, { passphrases });
        expect(certificates.length + revocationLists.length + faults.length).toBeGreaterThan(0);
        for (const { reason, detail } of faults) {
          expect(Object.keys(FORMAT_FAULTS)).toContain(reason);
          expect(detail).toMatch(/^[ -~]+$/);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("one certificate is given or a DerError thrown, and so is the text of a name", () => {
    const reader = new CertificateReader();
    fc.assert(
      fc.property(bytes, (input) => {
        const thrown = [
          thrownBy(() => reader.certificate(input)),
          thrownBy(() => nameText(Buffer.from(input).toString("hex"))),
        ];
        expect(thrown.filter((error) => error !== undefined && !(error instanceof DerError))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

function thrownBy(attempt: () => unknown): unknown {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** One of the encodings, with a few bits flipped or its end missing. */
function damaged(): fc.Arbitrary<Uint8Array> {
  const flips = fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1, maxLength: 3 });
  return fc
    .tuple(fc.constantFrom(...ENCODINGS), flips, fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([whole, places, share]) => {
      const bytes = Uint8Array.from(whole);
      for (const [place, bit] of places) {
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      }
      return share < 0.5 ? bytes.subarray(0, Math.floor(bytes.length * share * 2)) : bytes;
    });
}

test("a key store that is cut off anywhere has a fault", async () => {
  const reader = new CertificateReader();
  const stores = ["modern.p12", "plain.p12", "store.jks", "store.jceks", "chain.p7b"].map(fixture);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...stores), fc.double({ min: 0, max: 1, noNaN: true }), async (whole, share) => {
      const cut = whole.subarray(0, Math.floor(whole.length * share));
      fc.pre(cut.length < whole.length);
      expect((await reader.read(cut, { passphrases })).faults).not.toEqual([]);
    }),
  );
});

test("a key store with a flipped bit has a fault when its passphrase is known", async () => {
  const reader = new CertificateReader();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("modern.p12", "store.jks"), fc.nat(), fc.nat(7), async (file, place, bit) => {
      const bytes = fixture(file);
      const at = place % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      const { certificates, faults } = await reader.read(bytes, { passphrases });
      const names = certificates.map(({ subject }) => subject.CN);
      // Some bits carry nothing, such as the parameters NULL of a hash; then all must be right.
      expect(faults.length > 0 || names.includes("store.lan")).toBe(true);
    }),
    // Every wrong one costs four derivations, 20 ms each.
    { numRuns: 30 },
  );
});

test("PEM keeps every block, whatever stands between", async () => {
  const reader = new CertificateReader();
  const ders = Array.from({ length: 10 }, (_, number) => certificate({ subject: commonName(`n${number}`) }));
  const garbage = fc
    .uint8Array({ maxLength: 40 })
    .map((bytes) => Buffer.from(bytes).toString("latin1"))
    .filter((text) => !text.includes("-----"));
  const block = fc.tuple(garbage, fc.nat(9), fc.constantFrom("\n", "\r\n", "\r"));
  await fc.assert(
    fc.asyncProperty(fc.array(block, { maxLength: 6 }), garbage, async (blocks, tail) => {
      const texts = blocks.map(
        ([before, number, end]) => `${before}\n${pem("CERTIFICATE", ders[number] ?? Buffer.alloc(0), end)}`,
      );
      const { certificates } = await reader.read(Buffer.from(texts.join("") + tail, "latin1"));
      expect(certificates.map(({ subject }) => subject.CN)).toEqual(blocks.map(([, number]) => `n${number}`));
    }),
  );
});
