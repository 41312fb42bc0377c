import fc from "fast-check";
import { FORMAT_FAULTS } from "../../../src/collectors/certificates/certificate.ts";
import {
  certificate,
  element,
  integer,
  oid,
  pem,
  revocationList,
  revokedEntry,
  sequence,
} from "../../../src/collectors/certificates/x509/__fixtures__/der-builder.ts";
import { CertificateReader } from "../../../src/collectors/certificates/x509/certificate-reader.ts";
import { DerError } from "../../../src/collectors/certificates/x509/der.ts";
import { Secret } from "../../../src/core/secret.ts";
import { createAuthority } from "../../../src/lab/certificates.ts";
import { filesOf } from "../corpus.ts";
import { bytesForm } from "../forms.ts";
import { mutatedBytes } from "../mutate-bytes.ts";
import { defineTarget, must } from "../target.ts";

const passphrases = [new Secret("change it"), new Secret("changeit")];

const octets = (length: number): Uint8Array => element(0x04, Buffer.alloc(length, 1));
const hex = (value: number): string => `00${value.toString(16).padStart(8, "0")}`;
const SHA256 = sequence(oid("2.16.840.1.101.3.4.2.1"));
const HMAC_SHA256 = sequence(oid("1.2.840.113549.2.9"));
const AES256 = sequence(oid("2.16.840.1.101.3.4.1.42"), octets(16));

interface Bomb {
  readonly iterations: number;
  readonly salt: number;
  readonly key: number;
}

const kdf = ({ iterations, salt, key }: Bomb): Uint8Array =>
  sequence(
    oid("1.2.840.113549.1.5.12"),
    sequence(octets(salt), integer(hex(iterations)), integer(hex(key)), HMAC_SHA256),
  );
/** Source: https://www.rfc-editor.org/rfc/rfc7914#section-7 */
const scrypt = ({ iterations, salt, key }: Bomb): Uint8Array =>
  sequence(
    oid("1.3.6.1.4.1.11591.4.11"),
    sequence(octets(salt), integer(hex(iterations)), integer("08"), integer(hex(key))),
  );
const keyStore = (content: Uint8Array, ...macData: readonly Uint8Array[]): Uint8Array =>
  sequence(
    integer("03"),
    sequence(oid("1.2.840.113549.1.7.1"), element(0xa0, element(0x04, content))),
    ...(macData.length === 0 ? [] : [sequence(...macData)]),
  );
const encrypted = (algorithm: Uint8Array): Uint8Array =>
  sequence(
    sequence(
      oid("1.2.840.113549.1.7.6"),
      element(
        0xa0,
        sequence(integer("00"), sequence(oid("1.2.840.113549.1.7.1"), algorithm, element(0x80, Buffer.alloc(32, 7)))),
      ),
    ),
  );

/** Key stores that ask for more work than anybody would wait for. */
const BOMBS: readonly ((bomb: Bomb) => Uint8Array)[] = [
  (bomb) => keyStore(sequence(), sequence(SHA256, octets(32)), octets(bomb.salt), integer(hex(bomb.iterations))),
  (bomb) =>
    keyStore(
      sequence(),
      sequence(sequence(oid("1.2.840.113549.1.5.14"), sequence(kdf(bomb), HMAC_SHA256)), octets(32)),
      octets(8),
    ),
  ...[kdf, scrypt].map(
    (derivation) =>
      (bomb: Bomb): Uint8Array =>
        keyStore(encrypted(sequence(oid("1.2.840.113549.1.5.13"), sequence(derivation(bomb), AES256)))),
  ),
  // the old ciphers: SHA-1 with 3DES, RC2 and RC4
  ...["1.2.840.113549.1.12.1.3", "1.2.840.113549.1.12.1.6", "1.2.840.113549.1.12.1.1"].map(
    (id) =>
      ({ salt, iterations }: Bomb): Uint8Array =>
        keyStore(encrypted(sequence(oid(id), sequence(octets(salt), integer(hex(iterations)))))),
  ),
];
const large = fc.oneof(fc.constantFrom(0, 1, 1_000, 100_000, 8_000_000, 0x7f_ff_ff_ff, 0xff_ff_ff_ff), fc.nat(100_000));
const bomb = fc
  .record({
    make: fc.constantFrom(...BOMBS),
    iterations: large,
    salt: fc.constantFrom(0, 8, 1_024, 1_025, 400_000),
    key: fc.oneof(fc.constantFrom(0, 16, 32, 64, 65), large),
  })
  .map(({ make, ...of }) => make(of));

/** Nothing of a container may be told but what is wrong with it. */
const PRINTABLE = /^[ -~]+$/;

export const certificates = defineTarget<Uint8Array>({
  name: "certificates",
  property:
    "Whatever the bytes are, the reader soon tells what it found in them, or why it found nothing, in one of its own reasons.",
  async open() {
    const authority = await createAuthority();
    const issued = await authority.issue({ hosts: ["nas.lan", "10.0.0.7"] });
    const list = revocationList([revokedEntry("01"), revokedEntry("02")]);
    const corpus = [
      ...filesOf("src/collectors/certificates/x509/__fixtures__/*.{p12,jks,jceks,p7b,pem}"),
      certificate(),
      list,
      ...[issued.certificatePem + authority.certificatePem, issued.keyPem, pem("X509 CRL", list)].map((text) =>
        Buffer.from(text),
      ),
      keyStore(sequence()),
    ];
    const words = ["-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n", "-----BEGIN PKCS7-----", "\u0000"];
    const reader = new CertificateReader();
    return {
      inputs: fc.oneof(
        { weight: 6, arbitrary: mutatedBytes(corpus, words) },
        { weight: 1, arbitrary: bomb },
        { weight: 1, arbitrary: bomb.chain((bytes) => mutatedBytes([bytes])) },
        { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) },
      ),
      form: bytesForm("bin"),
      async check(input) {
        const { certificates: found, revocationLists, faults } = await reader.read(input, { passphrases });
        must(found.length + revocationLists.length + faults.length > 0, "nothing is said of it");
        for (const { reason, detail } of faults) {
          must(Object.hasOwn(FORMAT_FAULTS, reason), `no reason of ours: ${reason}`);
          must(PRINTABLE.test(detail), `not printable: ${JSON.stringify(detail)}`);
          must(!passphrases.some((words) => detail.includes(words.reveal())), "a passphrase is shown");
        }
        try {
          reader.certificate(input);
        } catch (thrown) {
          if (!(thrown instanceof DerError)) throw thrown;
        }
      },
      close: async () => undefined,
    };
  },
});
