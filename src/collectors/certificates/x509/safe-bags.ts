import { contextTag, type Der, DerError, TAG } from "./der.ts";
import { oid } from "./der-values.ts";
import type { FoundItem } from "./found.ts";

const CERTIFICATE_BAG = "1.2.840.113549.1.12.10.1.3";
const CRL_BAG = "1.2.840.113549.1.12.10.1.4";
const NESTED_BAG = "1.2.840.113549.1.12.10.1.6";
const X509_CERTIFICATE = "1.2.840.113549.1.9.22.1";
const X509_CRL = "1.2.840.113549.1.9.23.1";
const MAX_DEPTH = 8;

/**
 * Certificates and revocation lists of SafeContents (RFC 7292 section 4.2) in their order. Keys are passed over without
 * being decrypted. Throws `DerError`.
 */
export function safeBags(contents: Der, depth = 0): FoundItem[] {
  if (depth === MAX_DEPTH) throw new DerError(`too many levels at byte ${contents.start}`);
  const found: FoundItem[] = [];
  for (const bags = contents.as(TAG.sequence).children(); !bags.done;) {
    const bag = bags.next(TAG.sequence).children();
    const id = oid(bag.next());
    const value = bag.next(contextTag(0));
    if (id === NESTED_BAG) found.push(...safeBags(value.children().next(), depth + 1));
    else if (id === CERTIFICATE_BAG) found.push(...item("certificate", X509_CERTIFICATE, value));
    else if (id === CRL_BAG) found.push(...item("crl", X509_CRL, value));
  }
  return found;
}

function item(kind: FoundItem["kind"], type: string, value: Der): FoundItem[] {
  const parts = value.children().next(TAG.sequence).children();
  if (oid(parts.next()) !== type) return [];
  const der = parts.next(contextTag(0)).children().next(TAG.octetString).content;
  return [{ kind, der, where: `${kind} of the key store` }];
}
