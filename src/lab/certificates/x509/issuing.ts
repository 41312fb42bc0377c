import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type * as x509 from "@peculiar/x509";
import { line, loadX509, serialNumber, type X509 } from "./x509.ts";

/** Kinds of keys that certificates of the lab have. */
export type KeyKind = "p256" | "rsa1024" | "rsa2048";

/** What a certificate says. */
export interface CertificateWish {
  /** The common name; without one the subject is empty. */
  readonly commonName?: string;
  /** DNS names and IP addresses, which become subject alternative names; without any that extension is left out. */
  readonly hosts?: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** What signs it; it signs itself without one. */
  readonly issuer?: Entity | undefined;
  readonly isAuthority?: boolean;
  /** A new one of EC P-256 unless told otherwise. */
  readonly key?: KeyKind | CryptoKeyPair;
  /** Hash of its signature; SHA-256 unless given. */
  readonly hash?: "SHA-1" | "SHA-256";
  /** Extended key usages of a certificate that is no authority; serverAuth unless given. */
  readonly usages?: readonly ExtendedUsage[];
  /** Where its issuer's revocation list is. */
  readonly crlUrl?: string | undefined;
}

/** Extended key usages that the lab knows. */
type ExtendedUsage = "serverAuth" | "clientAuth" | "OCSPSigning";

/** A certificate with its keys. */
export interface Entity {
  readonly certificate: x509.X509Certificate;
  readonly keys: CryptoKeyPair;
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly der: Buffer;
  /** SHA-256 of the encoding: lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /** Hexadecimal of the key identifiers; `authorityKeyId` is its own of a certificate that signed itself. */
  readonly keyId: string;
  readonly authorityKeyId: string;
}

const EC = { name: "ECDSA", namedCurve: "P-256" } as const;
const RSA = { name: "RSASSA-PKCS1-v1_5", publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" } as const;
const USAGE_OIDS: Readonly<Record<ExtendedUsage, string>> = {
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  OCSPSigning: "1.3.6.1.5.5.7.3.9",
};

/** Makes a certificate, with a new key unless one is given. */
export async function makeCertificate(wish: CertificateWish): Promise<Entity> {
  const library = await loadX509();
  const keys = await keysOf(wish.key ?? "p256");
  const signer = wish.issuer?.keys ?? keys;
  const subject = wish.commonName === undefined ? [] : [{ CN: [wish.commonName] }, { O: ["Watchkeeper Lab"] }];
  const keyId = await library.SubjectKeyIdentifierExtension.create(keys.publicKey);
  const authorityKeyId = await library.AuthorityKeyIdentifierExtension.create(signer.publicKey);
  const certificate = await library.X509CertificateGenerator.create({
    subject,
    issuer: wish.issuer?.certificate.subjectName ?? subject,
    serialNumber: serialNumber(),
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: signingAlgorithm(signer.privateKey, wish.hash ?? "SHA-256"),
    notBefore: wish.notBefore,
    notAfter: wish.notAfter,
    extensions: [...extensions(library, wish), keyId, authorityKeyId],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  const der = Buffer.from(certificate.rawData);
  return {
    certificate,
    keys,
    certificatePem: line(certificate.toString("pem")),
    keyPem: line(library.PemConverter.encode(pkcs8, "PRIVATE KEY")),
    der,
    fingerprint: new X509Certificate(der).fingerprint256.replaceAll(":", "").toLowerCase(),
    keyId: keyId.keyId,
    authorityKeyId: authorityKeyId.keyId ?? "",
  };
}

/** How WebCrypto signs with the key. */
export function signingAlgorithm(key: CryptoKey, hash: "SHA-1" | "SHA-256"): { name: string; hash: string } {
  return { name: key.algorithm.name, hash };
}

function extensions(library: X509, wish: CertificateWish): x509.Extension[] {
  const { KeyUsageFlags: flags } = library;
  const { isAuthority = false, hosts = [] } = wish;
  const usages = (wish.usages ?? ["serverAuth"]).map((usage) => USAGE_OIDS[usage]);
  return [
    new library.BasicConstraintsExtension(isAuthority, undefined, true),
    ...(isAuthority
      ? [new library.KeyUsagesExtension(flags.keyCertSign | flags.cRLSign, true)]
      : [
          new library.KeyUsagesExtension(flags.digitalSignature | flags.keyEncipherment, true),
          new library.ExtendedKeyUsageExtension(usages),
        ]),
    ...(hosts.length === 0 ? [] : [alternativeNames(library, hosts, wish.commonName === undefined)]),
    ...(wish.crlUrl === undefined ? [] : [new library.CRLDistributionPointsExtension([wish.crlUrl])]),
  ];
}

// RFC 5280 section 4.1.2.6: the names are critical where the subject is empty.
const alternativeNames = (library: X509, hosts: readonly string[], isCritical: boolean) =>
  new library.SubjectAlternativeNameExtension(
    hosts.map((value) => ({ type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value })),
    isCritical,
  );

async function keysOf(key: KeyKind | CryptoKeyPair): Promise<CryptoKeyPair> {
  if (typeof key !== "string") return key;
  const algorithm = key === "p256" ? EC : { ...RSA, modulusLength: key === "rsa1024" ? 1_024 : 2_048 };
  return crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}
