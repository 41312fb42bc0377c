import { Buffer } from "node:buffer";
import { derHeader } from "../der-values.ts";

/** An element of DER with the content of all parts. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([derHeader(tag, content.length), content]);
}

/** A SEQUENCE. */
export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(0x30, ...parts);

/** An INTEGER of the hexadecimal of its content. */
export const integer = (content: string): Buffer => element(0x02, Buffer.from(content, "hex"));

/** An OBJECT IDENTIFIER of the dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return element(0x06, Buffer.from(bytes));
}

/** A UTF8String, or a string of another tag. */
export const string = (text: string | Uint8Array, tag = 0x0c): Buffer => element(tag, Buffer.from(text));

/** A UTCTime (12 digits) or GeneralizedTime (14) in UTC. */
export const time = (digits: string): Buffer => string(`${digits}Z`, digits.length === 12 ? 0x17 : 0x18);

/** A relative distinguished name of pairs of an OID and a string. */
export const rdn = (...pairs: readonly (readonly [oid: string, value: Uint8Array])[]): Buffer =>
  element(0x31, ...pairs.map(([id, value]) => sequence(oid(id), value)));

/** A name of a common name only. */
export const commonName = (text: string): Buffer => sequence(rdn(["2.5.4.3", string(text)]));

/** An extension. */
export const extension = (id: string, value: Uint8Array): Buffer => sequence(oid(id), element(0x04, value));

const ECDSA = sequence(oid("1.2.840.10045.4.3.2"));
const SIGNATURE = element(0x03, Buffer.of(0, 1, 2, 3));

/** A SubjectPublicKeyInfo; an EC key of P-256 unless told otherwise. */
export const key = (algorithm = sequence(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7"))): Buffer =>
  sequence(algorithm, element(0x03, Buffer.of(0, 4, 1, 2)));

/** What a certificate shall hold instead of the usual, encoded. */
export interface CertificateParts {
  /** Absent in version 1. */
  readonly version?: Uint8Array | "none";
  readonly serialNumber?: Uint8Array;
  readonly signature?: Uint8Array;
  readonly issuer?: Uint8Array;
  readonly notBefore?: Uint8Array;
  readonly notAfter?: Uint8Array;
  readonly subject?: Uint8Array;
  readonly key?: Uint8Array;
  readonly extensions?: readonly Uint8Array[];
}

/** A certificate with a signature that signs nothing. */
export function certificate(parts: CertificateParts = {}): Buffer {
  const { version = element(0xa0, integer("02")), signature = ECDSA, extensions = [] } = parts;
  const body = sequence(
    ...(version === "none" ? [] : [version]),
    parts.serialNumber ?? integer("01"),
    signature,
    parts.issuer ?? commonName("issuer"),
    sequence(parts.notBefore ?? time("250101000000"), parts.notAfter ?? time("260101000000")),
    parts.subject ?? commonName("subject"),
    parts.key ?? key(),
    ...(extensions.length === 0 ? [] : [element(0xa3, sequence(...extensions))]),
  );
  return sequence(body, signature, SIGNATURE);
}

/** A revocation list of `issuer` with encoded entries and extensions. */
export function revocationList(
  entries: readonly Uint8Array[],
  extensions: readonly Uint8Array[] = [],
  nextUpdate: Uint8Array = time("250108000000"),
): Buffer {
  const body = sequence(
    integer("01"),
    ECDSA,
    commonName("issuer"),
    time("250101000000"),
    nextUpdate,
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    ...(extensions.length === 0 ? [] : [element(0xa0, sequence(...extensions))]),
  );
  return sequence(body, ECDSA, SIGNATURE);
}

/** An entry of a revocation list. */
export const revokedEntry = (serialNumber: string, ...extensions: readonly Uint8Array[]): Buffer =>
  sequence(integer(serialNumber), time("250101000000"), ...(extensions.length === 0 ? [] : [sequence(...extensions)]));

/** A PEM block. */
export const pem = (label: string, der: Uint8Array, lineEnd = "\n"): string =>
  [
    `-----BEGIN ${label}-----`,
    ...(Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? []),
    `-----END ${label}-----`,
    "",
  ].join(lineEnd);
