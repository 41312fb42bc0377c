import { contextTag, Der, type DerCursor, DerError, TAG } from "./der.ts";
import { hex, latin1, oid } from "./der-values.ts";
import { ipText } from "./ip-text.ts";

/** The values of extensions by their OID, still encoded; the first of several. */
export type Extensions = ReadonlyMap<string, Der>;

/** Reads Extensions (RFC 5280 section 4.1.2.9); `undefined` are none. Throws `DerError`. */
export function extensions(element: Der | undefined): Extensions {
  const found = new Map<string, Der>();
  if (element === undefined) return found;
  for (const list = element.as(TAG.sequence).children(); !list.done;) {
    const parts = list.next(TAG.sequence).children();
    const id = oid(parts.next(TAG.oid));
    parts.optional(TAG.boolean);
    const value = parts.next(TAG.octetString);
    if (!found.has(id)) found.set(id, value);
  }
  return found;
}

/** The one element in an extension's value. Throws `DerError`, which names the extension. */
export function extensionValue<T>(all: Extensions, id: string, read: (value: Der) => T): T | undefined {
  const value = all.get(id);
  if (value === undefined) return undefined;
  try {
    return read(Der.at(value.bytes, value.contentStart, value.end));
  } catch (error) {
    throw new DerError(`extension ${id}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Whether basic constraints say that this is an authority (section 4.2.1.9). */
export const isAuthority = (all: Extensions): boolean =>
  extensionValue(all, "2.5.29.19", (value) => {
    const flag = value.as(TAG.sequence).children().optional(TAG.boolean);
    return flag !== undefined && flag.content.some((byte) => byte !== 0);
  }) ?? false;

/** Subject key identifier in hexadecimal (section 4.2.1.2). */
export const subjectKeyId = (all: Extensions): string | undefined =>
  extensionValue(all, "2.5.29.14", (value) => hex(value.as(TAG.octetString).content));

/** The key's part of the authority key identifier in hexadecimal (section 4.2.1.1). */
export const authorityKeyId = (all: Extensions): string | undefined =>
  extensionValue(all, "2.5.29.35", (value) => {
    const id = value.as(TAG.sequence).children().optional(contextTag(0, false));
    return id === undefined ? undefined : hex(id.content);
  });

/** DNS names and IP addresses of the subject alternative names (section 4.2.1.6). */
export function alternativeNames(all: Extensions): { dnsNames: string[]; ipAddresses: string[] } {
  const dnsNames: string[] = [];
  const ipAddresses: string[] = [];
  extensionValue(all, "2.5.29.17", (value) => {
    for (const names = value.as(TAG.sequence).children(); !names.done;) {
      const name = names.next();
      if (name.tag === contextTag(2, false)) dnsNames.push(latin1(name.content));
      const ip = name.tag === contextTag(7, false) ? ipText(name.content) : undefined;
      if (ip !== undefined) ipAddresses.push(ip);
    }
  });
  return { dnsNames, ipAddresses };
}

/** HTTP addresses of the CRL distribution points (section 4.2.1.13), each once. */
export function crlUrls(all: Extensions): string[] {
  const urls = new Set<string>();
  extensionValue(all, "2.5.29.31", (value) => {
    for (const points = value.as(TAG.sequence).children(); !points.done;) {
      const point = points.next(TAG.sequence).children().optional(contextTag(0));
      const fullName = point?.children().optional(contextTag(0));
      if (fullName !== undefined) addUrls(urls, fullName.children());
    }
  });
  return [...urls];
}

function addUrls(urls: Set<string>, names: DerCursor): void {
  while (!names.done) {
    const name = names.next();
    const url = name.tag === contextTag(6, false) ? latin1(name.content) : "";
    if (/^https?:\/\//i.test(url)) urls.add(url);
  }
}
