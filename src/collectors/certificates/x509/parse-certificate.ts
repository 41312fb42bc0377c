import type { Certificate, CertificateRole } from "../certificate.ts";
import { publicKey, signatureAlgorithm } from "./algorithms.ts";
import { contextTag, type Der, DerError, TAG } from "./der.ts";
import { decimal, hex, time } from "./der-values.ts";
import { alternativeNames, authorityKeyId, crlUrls, extensions, isAuthority, subjectKeyId } from "./extensions.ts";
import { distinguishedName } from "./names.ts";

/**
 * Reads a certificate (RFC 5280 section 4.1) of any version. What it holds besides the facts is not checked, so that
 * one with an unknown algorithm or extension still has its dates. Throws `DerError`.
 */
export function parseCertificate(element: Der, fingerprint: string): Certificate {
  const outer = element.as(TAG.sequence).children();
  const body = certificateBody(outer.next(TAG.sequence));
  const signature = signatureAlgorithm(outer.next(TAG.sequence));
  outer.next(TAG.bitString);
  const all = extensions(body.extensions);
  const subjectDer = hex(body.subject.encoded);
  const issuerDer = hex(body.issuer.encoded);
  const keyIds = definedOnly({ subjectKeyId: subjectKeyId(all), authorityKeyId: authorityKeyId(all) });
  return {
    fingerprint,
    // A copy, because the element may be a small window on a large file.
    der: new Uint8Array(element.encoded),
    subject: distinguishedName(body.subject),
    issuer: distinguishedName(body.issuer),
    subjectDer,
    issuerDer,
    serialNumber: decimal(body.serialNumber),
    notBefore: body.notBefore,
    notAfter: body.notAfter,
    role: role(isAuthority(all), { subjectDer, issuerDer, ...keyIds, version: body.version }),
    ...alternativeNames(all),
    ...keyIds,
    key: publicKey(body.publicKey),
    signatureAlgorithm: signature,
    crlUrls: crlUrls(all),
  };
}

interface Body {
  readonly version: number;
  readonly serialNumber: Der;
  readonly issuer: Der;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly subject: Der;
  readonly publicKey: Der;
  readonly extensions: Der | undefined;
}

function certificateBody(element: Der): Body {
  const parts = element.children();
  const version = parts.optional(contextTag(0))?.children().next(TAG.integer).content.at(-1) ?? 0;
  const serialNumber = parts.next(TAG.integer);
  parts.next(TAG.sequence);
  const issuer = parts.next(TAG.sequence);
  const validity = parts.next(TAG.sequence).children();
  const notBefore = time(validity.next());
  const notAfter = time(validity.next());
  const subject = parts.next(TAG.sequence);
  const publicKey = parts.next(TAG.sequence);
  // The unique identifiers of version 2, which nobody uses.
  parts.optional(contextTag(1, false));
  parts.optional(contextTag(2, false));
  const extensions = parts.optional(contextTag(3))?.children().next();
  if (!parts.done) throw new DerError(`something that does not belong there at byte ${parts.next().start}`);
  return { version, serialNumber, issuer, notBefore, notAfter, subject, publicKey, extensions };
}

interface RoleFacts {
  readonly subjectDer: string;
  readonly issuerDer: string;
  readonly subjectKeyId?: string;
  readonly authorityKeyId?: string;
  readonly version: number;
}

const V1 = 0;

/**
 * A certificate of the same subject and issuer whose keys differ was signed by the authority's former key, so it is no
 * root. Version 1 has no extensions to say what is an authority: what signed itself counts as one.
 */
function role(authority: boolean, facts: RoleFacts): CertificateRole {
  const sameName = facts.subjectDer === facts.issuerDer;
  const { subjectKeyId, authorityKeyId } = facts;
  const otherKey = subjectKeyId !== undefined && authorityKeyId !== undefined && subjectKeyId !== authorityKeyId;
  if (!authority) return facts.version === V1 && sameName ? "root" : "leaf";
  return sameName && !otherKey ? "root" : "intermediate";
}

function definedOnly<K extends string>(values: Readonly<Record<K, string | undefined>>): Partial<Record<K, string>> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<Record<K, string>>;
}
