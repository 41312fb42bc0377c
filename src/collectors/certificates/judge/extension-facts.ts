import type { Certificate } from "../certificate.ts";
import { contextTag, Der, TAG } from "../x509/der.ts";
import { oid, small } from "../x509/der-values.ts";
import { extensions, extensionValue, type Extensions } from "../x509/extensions.ts";

/** What an authority may sign (RFC 5280 sections 4.2.1.3 and 4.2.1.9). */
export interface SigningRules {
  /** False when the key usage extension is there and does not allow it. */
  readonly signsCertificates: boolean;
  /** How many authorities may stand between it and the leaf; absent when there is no limit. */
  readonly pathLength?: number;
}

const KEY_USAGE = "2.5.29.15";
const BASIC_CONSTRAINTS = "2.5.29.19";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const AUTHORITY_INFORMATION_ACCESS = "1.3.6.1.5.5.7.1.1";
const CA_ISSUERS = "1.3.6.1.5.5.7.48.2";
const OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
/** keyCertSign is bit 5, counted from the left. */
const KEY_CERT_SIGN = 0x80 >> 5;

/** Reads {@link SigningRules}; an extension that can not be read forbids. */
export function signingRules(certificate: Certificate): SigningRules {
  return readable(
    () => {
      const all = certificateExtensions(certificate);
      const pathLength = extensionValue(all, BASIC_CONSTRAINTS, pathLengthOf);
      const signsCertificates = extensionValue(all, KEY_USAGE, allowsSigning) ?? true;
      return pathLength === undefined ? { signsCertificates } : { signsCertificates, pathLength };
    },
    { signsCertificates: false },
  );
}

/** Whether it says where its issuer's certificate can be fetched (RFC 5280 section 4.2.2.1). */
export function tellsIssuer(certificate: Certificate): boolean {
  return readable(
    () => extensionValue(certificateExtensions(certificate), AUTHORITY_INFORMATION_ACCESS, namesIssuer) ?? false,
    false,
  );
}

/** Whether it was made to sign OCSP answers for its issuer (RFC 6960 section 4.2.2.2). */
export function signsOcsp(certificate: Certificate): boolean {
  return readable(
    () => extensionValue(certificateExtensions(certificate), EXTENDED_KEY_USAGE, namesOcspSigning) ?? false,
    false,
  );
}

function certificateExtensions({ der }: Certificate): Extensions {
  const body = Der.at(der).children().next(TAG.sequence).children();
  while (!body.done) {
    const part = body.next();
    if (part.tag === contextTag(3)) return extensions(part.children().next());
  }
  return new Map();
}

function pathLengthOf(value: Der): number | undefined {
  const parts = value.as(TAG.sequence).children();
  parts.optional(TAG.boolean);
  const length = parts.optional(TAG.integer);
  return length === undefined ? undefined : small(length);
}

const allowsSigning = (value: Der): boolean => ((value.as(TAG.bitString).content[1] ?? 0) & KEY_CERT_SIGN) !== 0;

function namesIssuer(value: Der): boolean {
  for (const entries = value.as(TAG.sequence).children(); !entries.done;) {
    if (oid(entries.next(TAG.sequence).children().next(TAG.oid)) === CA_ISSUERS) return true;
  }
  return false;
}

function namesOcspSigning(value: Der): boolean {
  for (const purposes = value.as(TAG.sequence).children(); !purposes.done;) {
    if (oid(purposes.next(TAG.oid)) === OCSP_SIGNING) return true;
  }
  return false;
}

function readable<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
