import type { DistinguishedName } from "../certificate.ts";
import { type Der, TAG } from "./der.ts";
import { oid, text } from "./der-values.ts";

/** One attribute of a distinguished name; `value` is absent when it is not a string. */
export interface NameAttribute {
  readonly oid: string;
  readonly value?: string;
  readonly element: Der;
}

/** All attributes of a Name (RFC 5280 section 4.1.2.4) in order, those of multi-valued RDNs too. Throws `DerError`. */
export function nameAttributes(name: Der): NameAttribute[] {
  const attributes: NameAttribute[] = [];
  for (const rdns = name.as(TAG.sequence).children(); !rdns.done;) {
    for (const pairs = rdns.next(TAG.set).children(); !pairs.done;) {
      const pair = pairs.next(TAG.sequence).children();
      const id = oid(pair.next(TAG.oid));
      const element = pair.next();
      const value = text(element);
      attributes.push(value === undefined ? { oid: id, element } : { oid: id, value, element });
    }
  }
  return attributes;
}

const SHORT_NAMES: Readonly<Record<string, keyof DistinguishedName>> = {
  "2.5.4.3": "CN",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
};

/** The usual attributes of a Name, the first of several. Throws `DerError`. */
export function distinguishedName(name: Der): DistinguishedName {
  const result: Partial<Record<keyof DistinguishedName, string>> = {};
  for (const { oid, value } of nameAttributes(name)) {
    const key = SHORT_NAMES[oid];
    if (key !== undefined && value !== undefined) result[key] ??= value;
  }
  return result;
}
