import { randomBytes, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { line, loadX509, serialNumber, type X509 } from "./certificates/x509/x509.ts";

/** Signs certificates of the lab; nobody trusts it unless given {@link certificatePem}. */
export interface Authority {
  readonly certificatePem: string;
  /** Signs a new key pair (EC P-256) for the hosts. */
  issue(options: IssueOptions): Promise<IssuedCertificate>;
}

/** What the authority's own certificate says; it is valid from a year ago for eleven years unless told otherwise. */
export interface AuthorityOptions {
  readonly commonName?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/**
 * What a certificate is for. Valid from a day ago (or a day before {@link notAfter}) for 90 days unless told otherwise.
 */
export interface IssueOptions {
  /** DNS names (wildcards allowed) and IP addresses, all of which become subject alternative names. */
  readonly hosts: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** The first host unless given. */
  readonly commonName?: string;
  /** Allows the certificate to be shown by a client too (extended key usage clientAuth). */
  readonly client?: boolean;
}

/**
 * A certificate with its private key. The fingerprint is SHA-256: pairs of upper-case hex digits with colons between.
 */
export interface IssuedCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly fingerprint256: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;

/** Makes a new authority with a key of its own (EC P-256). */
export async function createAuthority(options: AuthorityOptions = {}): Promise<Authority> {
  const x509 = await loadX509();
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    // Clients find an issuer by its name, so two authorities of one name would be taken for each other.
    name: [{ CN: [options.commonName ?? `Watchkeeper Lab CA ${randomBytes(4).toString("hex")}`] }],
    serialNumber: serialNumber(),
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: options.notBefore ?? new Date(Date.now() - YEAR_MS),
    notAfter: options.notAfter ?? new Date(Date.now() + 10 * YEAR_MS),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificatePem: line(root.toString("pem")),
    issue: (what) => issue({ x509, root, signingKey: keys.privateKey }, what),
  };
}

interface Issuer {
  readonly x509: X509;
  readonly root: InstanceType<X509["X509Certificate"]>;
  readonly signingKey: CryptoKey;
}

async function issue({ x509, root, signingKey }: Issuer, options: IssueOptions): Promise<IssuedCertificate> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const usages = [x509.ExtendedKeyUsage.serverAuth, ...(options.client ? [x509.ExtendedKeyUsage.clientAuth] : [])];
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [options.commonName ?? options.hosts[0] ?? "Watchkeeper Lab"] }],
    issuer: root.subjectName,
    serialNumber: serialNumber(),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    ...validity(options),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(root.publicKey),
      new x509.SubjectAlternativeNameExtension(
        options.hosts.map((value) => ({ type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value })),
      ),
    ],
  });
  const certificatePem = line(certificate.toString("pem"));
  return {
    certificatePem,
    keyPem: line(x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY")),
    fingerprint256: new X509Certificate(certificatePem).fingerprint256,
  };
}

function validity(options: IssueOptions): { notBefore: Date; notAfter: Date } {
  const latestStart = Math.min(Date.now(), options.notAfter?.getTime() ?? Number.POSITIVE_INFINITY);
  const notBefore = options.notBefore ?? new Date(latestStart - DAY_MS);
  return { notBefore, notAfter: options.notAfter ?? new Date(notBefore.getTime() + 90 * DAY_MS) };
}
