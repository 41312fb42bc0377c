import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";

/** A text that is not what it should be; the message is a sentence without the text. */
export class PemError extends Error {
  override readonly name = "PemError";
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * Reads all certificates of a PEM text, in their order. Throws {@link PemError} when there are none or one is broken.
 */
export function readCertificates(pem: string): readonly [X509Certificate, ...X509Certificate[]] {
  const [first, ...others] = pem.match(CERTIFICATE) ?? [];
  if (first === undefined) throw new PemError('has no certificate in PEM ("-----BEGIN CERTIFICATE-----")');
  return [readCertificate(first, 0), ...others.map((text, i) => readCertificate(text, i + 1))];
}

function readCertificate(text: string, index: number): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch {
    throw new PemError(`has a certificate that is damaged: number ${index + 1}`);
  }
}

/** Reads the private key of a PEM text. Throws {@link PemError} when there is none that can be used. */
export function readPrivateKey(pem: string): KeyObject {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem))
    throw new PemError("has a key with a passphrase: the format has no place for one, so write the key without");
  try {
    return createPrivateKey(pem);
  } catch {
    throw new PemError('has no private key in PEM ("-----BEGIN PRIVATE KEY-----")');
  }
}

/**
 * Reads the roots for client certificates. Each certificate must lead to a self-signed one of the same text: Go would
 * take any of them for a root, but Node has no such option for a server, and would refuse every client.
 */
export function readRoots(pem: string): void {
  const certificates = readCertificates(pem);
  const isRooted = (certificate: X509Certificate, seen: ReadonlySet<X509Certificate> = new Set()): boolean => {
    if (certificate.checkIssued(certificate)) return true;
    const issuers = certificates.filter((one) => !seen.has(one) && certificate.checkIssued(one));
    return issuers.some((issuer) => isRooted(issuer, new Set([...seen, certificate])));
  };
  const orphan = certificates.findIndex((certificate) => !isRooted(certificate));
  if (orphan >= 0)
    throw new PemError(
      `has a certificate (number ${orphan + 1}) without that of its issuer: add those up to the self-signed root`,
    );
}
