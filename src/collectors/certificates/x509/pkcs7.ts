import { contextTag, Der, type DerCursor, TAG } from "./der.ts";
import { oid } from "./der-values.ts";
import { type Found, type FoundItem, FormatError, MAX_ITEMS } from "./found.ts";
import { derOf } from "./ber.ts";

/** The OID of signed data, the only kind of PKCS#7 that certificates are handed out in. */
export const SIGNED_DATA = "1.2.840.113549.1.7.2";

/**
 * Certificates and revocation lists of a PKCS#7 bundle (.p7b), which is RFC 5652 section 5.1. Throws `DerError`,
 * `FormatError`.
 */
export function pkcs7Contents(bytes: Uint8Array): Found {
  const outer = Der.at(derOf(bytes)).as(TAG.sequence).children();
  if (oid(outer.next()) !== SIGNED_DATA) {
    throw new FormatError("no_certificate", "it is a PKCS#7 message without certificates");
  }
  const parts = outer.next(contextTag(0)).children().next(TAG.sequence).children();
  parts.next(TAG.integer);
  parts.next(TAG.set);
  parts.next(TAG.sequence);
  const certificates = parts.optional(contextTag(0))?.children();
  const lists = parts.optional(contextTag(1))?.children();
  return { items: [...items("certificate", certificates), ...items("crl", lists)], faults: [] };
}

/** Other kinds than those of X.509 have other tags than SEQUENCE and are left out. */
function items(kind: FoundItem["kind"], elements: DerCursor | undefined): FoundItem[] {
  const found: FoundItem[] = [];
  if (elements === undefined) return found;
  // one more, by which the reader sees that there are too many
  while (!elements.done && found.length <= MAX_ITEMS) {
    const element = elements.next();
    if (element.tag === TAG.sequence) found.push({ kind, der: element.encoded, where: `${kind} ${found.length + 1}` });
  }
  return found;
}
