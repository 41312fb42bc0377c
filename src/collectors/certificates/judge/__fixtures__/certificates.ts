import { createHash, KeyObject, sign } from "node:crypto";
import { isIP } from "node:net";
import type * as x509Module from "@peculiar/x509";
import type { Certificate } from "../../certificate.ts";
import { CertificateReader } from "../../x509/certificate-reader.ts";

/** The moment at which tests judge, in Unix seconds; certificates are valid around it unless told otherwise. */
export const NOW = 1_800_000_000;
export const HOUR = 3600;
export const DAY = 24 * HOUR;

export const reader = new CertificateReader();

/** A certificate with its key, so that it can sign others. */
export interface Made {
  readonly certificate: Certificate;
  readonly keys: CryptoKeyPair;
  readonly pem: string;
}

/**
 * What a certificate says; with key identifiers, for 90 days around {@link NOW}, and signed by itself unless told
 * otherwise.
 */
export interface MakeOptions {
  /** Common name; a new one when absent. */
  readonly name?: string;
  readonly issuer?: Made;
  /** Another issuer's name than that of the one who signs. */
  readonly issuerName?: string;
  readonly keys?: CryptoKeyPair;
  readonly authority?: boolean;
  readonly pathLength?: number;
  readonly hosts?: readonly string[];
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly keyIds?: boolean;
  /** Names of key usages; none when absent. */
  readonly keyUsage?: "keyCertSign" | "digitalSignature";
  readonly extendedKeyUsage?: string;
  readonly crlUrls?: readonly string[];
  /** Where the issuer's certificate can be fetched. */
  readonly issuerUrl?: string;
  readonly serialNumber?: string;
}

type X509 = typeof x509Module;

const EC: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };

/** RSA keys, which sign with the hash that they are made for. */
export const rsa = (
  modulusLength: number,
  hash: "SHA-1" | "SHA-256" = "SHA-256",
  name: "RSASSA-PKCS1-v1_5" | "RSA-PSS" = "RSASSA-PKCS1-v1_5",
): RsaHashedKeyGenParams => ({ name, hash, modulusLength, publicExponent: new Uint8Array([1, 0, 1]) });

/** A pair of keys; EC P-256 unless told otherwise. */
export async function makeKeys(
  algorithm: Algorithm | EcKeyGenParams | RsaHashedKeyGenParams = EC,
): Promise<CryptoKeyPair> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  if (!("privateKey" in keys)) throw new Error(`${algorithm.name} has no pairs of keys`);
  return keys;
}

/** RSA keys bring their hash along. */
const signing = ({ algorithm }: CryptoKey) => ({ hash: "SHA-256", saltLength: 32, ...algorithm });

let made = 0;

export async function make(options: MakeOptions = {}): Promise<Made> {
  const x509 = await loadX509();
  const keys = options.keys ?? (await makeKeys());
  const number = ++made;
  const name = options.name ?? `Test ${number}`;
  const signer = options.issuer?.keys ?? keys;
  const parent =
    options.issuer === undefined ? undefined : new x509.X509Certificate(Buffer.from(options.issuer.certificate.der));
  const built = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [name] }],
    issuer:
      options.issuerName === undefined ? (parent?.subjectName ?? [{ CN: [name] }]) : [{ CN: [options.issuerName] }],
    serialNumber: options.serialNumber ?? number.toString(16).padStart(16, "5"),
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: signing(signer.privateKey),
    notBefore: date(options.notBefore ?? NOW - 45 * DAY),
    notAfter: date(options.notAfter ?? NOW + 45 * DAY),
    extensions: await extensionsOf(x509, options, keys, signer),
  });
  const certificate = reader.certificate(new Uint8Array(built.rawData));
  return { certificate, keys, pem: built.toString("pem") };
}

/** An authority; signed by itself without an issuer. */
export const makeAuthority = (options: MakeOptions = {}): Promise<Made> => make({ authority: true, ...options });

/** The same certificate with a wrong signature. */
export function broken(certificate: Certificate): Certificate {
  const der = certificate.der.slice();
  const last = der.length - 1;
  der[last] = (der[last] ?? 0) ^ 1;
  return reader.certificate(der);
}

async function extensionsOf(
  x509: X509,
  options: MakeOptions,
  keys: CryptoKeyPair,
  signer: CryptoKeyPair,
): Promise<x509Module.Extension[]> {
  const { hosts = [], keyUsage, extendedKeyUsage, crlUrls = [], issuerUrl } = options;
  return [
    new x509.BasicConstraintsExtension(options.authority ?? false, options.pathLength, true),
    ...(keyUsage === undefined ? [] : [new x509.KeyUsagesExtension(x509.KeyUsageFlags[keyUsage], true)]),
    ...(extendedKeyUsage === undefined ? [] : [new x509.ExtendedKeyUsageExtension([extendedKeyUsage])]),
    ...(crlUrls.length === 0 ? [] : [new x509.CRLDistributionPointsExtension([...crlUrls])]),
    ...(issuerUrl === undefined ? [] : [new x509.AuthorityInfoAccessExtension({ caIssuers: [issuerUrl] })]),
    ...(hosts.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(hosts.map(alternativeName))]),
    ...(options.keyIds === false
      ? []
      : [
          await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
          await x509.AuthorityKeyIdentifierExtension.create(signer.publicKey),
        ]),
  ];
}

const alternativeName = (value: string): { type: "dns" | "ip"; value: string } => ({
  type: isIP(value) === 0 ? "dns" : "ip",
  value,
});

const date = (seconds: number): Date => new Date(seconds * 1000);

/** The library refuses to load without a metadata polyfill, but making certificates uses none of it. */
async function loadX509(): Promise<X509> {
  if (!("getMetadata" in Reflect)) {
    const nothing = (): undefined => undefined;
    Object.assign(Reflect, { getMetadata: nothing, getOwnMetadata: nothing, defineMetadata: nothing });
  }
  return import("@peculiar/x509");
}

/** What a revocation list says. */
export interface ListOptions {
  /** Serial numbers in hexadecimal. */
  readonly revoked?: readonly string[];
  readonly reason?: "keyCompromise" | "certificateHold";
  readonly thisUpdate?: number;
  readonly nextUpdate?: number;
  /** Another key than the authority's. */
  readonly keys?: CryptoKeyPair;
}

/** A revocation list (DER). */
export async function makeList(issuer: Made, options: ListOptions = {}): Promise<Uint8Array> {
  const x509 = await loadX509();
  const list = await x509.X509CrlGenerator.create({
    issuer: new x509.X509Certificate(Buffer.from(issuer.certificate.der)).subjectName,
    thisUpdate: date(options.thisUpdate ?? NOW - HOUR),
    nextUpdate: date(options.nextUpdate ?? NOW + DAY),
    entries: (options.revoked ?? []).map((serialNumber) => ({
      serialNumber,
      revocationDate: date(NOW - DAY),
      reason: x509.X509CrlReason[options.reason ?? "keyCompromise"],
    })),
    signingKey: (options.keys ?? issuer.keys).privateKey,
    signingAlgorithm: signing((options.keys ?? issuer.keys).privateKey),
  });
  return new Uint8Array(list.rawData);
}

/** What an OCSP answer says. */
export interface StapleOptions {
  readonly status?: "good" | "revoked" | "unknown";
  readonly thisUpdate?: number;
  /** Left out when null. */
  readonly nextUpdate?: number | null;
  /** Who signs; the issuer when absent. Its certificate is sent along. */
  readonly delegate?: Made;
  /** Another leaf's serial number in hexadecimal. */
  readonly serialNumber?: string;
}

/** An OCSPResponse (DER) of RFC 6960 that is signed by ECDSA with SHA-256. */
export function makeStaple(leaf: Certificate, issuer: Made, options: StapleOptions = {}): Buffer {
  const signer = options.delegate ?? issuer;
  const body = tlv(
    0x30,
    tlv(0xa2, tlv(0x04, sha1(keyBits(signer)))),
    time(NOW - HOUR),
    tlv(0x30, singleResponse(leaf, issuer, options)),
  );
  const signature = sign("sha256", body, KeyObject.from(signer.keys.privateKey));
  const ecdsaWithSha256 = tlv(0x30, Buffer.from("06082a8648ce3d040302", "hex"));
  const certificates = options.delegate === undefined ? [] : [tlv(0xa0, tlv(0x30, options.delegate.certificate.der))];
  const basic = tlv(0x30, body, ecdsaWithSha256, tlv(0x03, Buffer.of(0), signature), ...certificates);
  const ocspBasic = Buffer.from("06092b0601050507300101", "hex");
  return tlv(0x30, tlv(0x0a, Buffer.of(0)), tlv(0xa0, tlv(0x30, ocspBasic, tlv(0x04, basic))));
}

function singleResponse(leaf: Certificate, issuer: Made, options: StapleOptions): Buffer {
  const sha1Algorithm = tlv(0x30, Buffer.from("06052b0e03021a0500", "hex"));
  const serial = options.serialNumber ?? BigInt(leaf.serialNumber).toString(16).padStart(16, "0");
  const id = tlv(
    0x30,
    sha1Algorithm,
    tlv(0x04, sha1(Buffer.from(leaf.issuerDer, "hex"))),
    tlv(0x04, sha1(keyBits(issuer))),
    tlv(0x02, Buffer.from(serial, "hex")),
  );
  const status = {
    good: tlv(0x80),
    revoked: tlv(0xa1, time(NOW - DAY)),
    unknown: tlv(0x82),
  }[options.status ?? "good"];
  const { nextUpdate = NOW + DAY } = options;
  const next = nextUpdate === null ? [] : [tlv(0xa0, time(nextUpdate))];
  return tlv(0x30, id, status, time(options.thisUpdate ?? NOW - HOUR), ...next);
}

/** The bits of a P-256 key, which are the last 65 bytes of its encoding. */
const keyBits = ({ keys }: Made): Buffer =>
  KeyObject.from(keys.publicKey).export({ type: "spki", format: "der" }).subarray(-65);

const sha1 = (bytes: Uint8Array): Buffer => createHash("sha1").update(bytes).digest();

const time = (seconds: number): Buffer =>
  tlv(0x18, Buffer.from(`${date(seconds).toISOString().replaceAll(/\D/g, "").slice(0, 14)}Z`));

function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length < 0x80 ? Buffer.of(content.length) : longLength(content.length);
  return Buffer.concat([Buffer.of(tag), length, content]);
}

function longLength(length: number): Buffer {
  const bytes = Buffer.from(length.toString(16).padStart(4, "0"), "hex");
  return Buffer.concat([Buffer.of(0x80 | bytes.length), bytes]);
}
