import type { FormatFaultReason } from "../certificate.ts";
import { contextTag, Der, DerError, TAG } from "./der.ts";
import { isTime, oid } from "./der-values.ts";
import { faultOf, type Found, type FoundItem, FormatError } from "./found.ts";
import { isJavaKeystore, javaKeystoreContents } from "./java-keystore.ts";
import { pkcs12Contents } from "./pkcs12.ts";
import { pkcs7Contents, SIGNED_DATA } from "./pkcs7.ts";

/**
 * Whether bytes may be of a binary form: a Java key store, or an ASN.1 SEQUENCE of a length that no text begins with.
 */
export const isBinary = (bytes: Uint8Array): boolean =>
  isJavaKeystore(bytes) || (bytes[0] === TAG.sequence && ((bytes[1] ?? 0) >= 0x80 || bytes[1] === bytes.length - 2));

/** Certificates and revocation lists of bytes in a binary form, whichever it is. Never throws. */
export async function binaryContents(bytes: Uint8Array, passphrases: readonly string[]): Promise<Found> {
  if (isJavaKeystore(bytes)) return javaKeystoreContents(bytes, passphrases);
  const form = formOf(bytes);
  try {
    if (form === "pkcs12") return await pkcs12Contents(bytes, passphrases);
    if (form === "pkcs7") return pkcs7Contents(bytes);
    return elements(bytes);
  } catch (error) {
    return { items: [], faults: [faultOf(error, FORM_FAULTS[form ?? "other"], "the file")] };
  }
}

type Form = "certificate" | "crl" | "pkcs12" | "pkcs7" | "other";

const FORM_FAULTS: Readonly<Record<Form, FormatFaultReason>> = {
  certificate: "bad_certificate",
  crl: "bad_crl",
  pkcs12: "bad_keystore",
  pkcs7: "bad_certificate",
  other: "no_certificate",
};

/** Several certificates may follow each other; what comes after the last one is left out, unless it begins like one. */
function elements(bytes: Uint8Array): Found {
  const items: FoundItem[] = [];
  for (let start = 0; bytes[start] === TAG.sequence;) {
    if (items.length > 0 && (bytes[start + 1] ?? 0) < 0x80) break;
    const form = formOf(bytes.subarray(start));
    if (items.length > 0 && form !== "certificate" && form !== "crl") break;
    const where = `${form} ${items.length + 1}`;
    try {
      const element = Der.at(bytes, start);
      if (form !== "certificate" && form !== "crl") break;
      items.push({ kind: form, der: element.encoded, where });
      start = element.end;
    } catch (error) {
      if (items.length === 0) throw error;
      return { items, faults: [faultOf(error, FORM_FAULTS[form], where)] };
    }
  }
  if (items.length === 0) throw new FormatError("no_certificate", "it holds something else");
  return { items, faults: [] };
}

/** What some bytes look like by their first few elements, also when they are cut off behind them. */
function formOf(bytes: Uint8Array): Form {
  try {
    const start = contentStart(bytes, 0);
    const inner = bytes[start];
    if (inner === TAG.integer) return isPfx(bytes, start) ? "pkcs12" : "other";
    if (inner === TAG.oid) return oid(Der.at(bytes, start)) === SIGNED_DATA ? "pkcs7" : "other";
    return inner === TAG.sequence ? signedForm(bytes, start) : "other";
  } catch (error) {
    if (error instanceof DerError) return "other";
    throw error;
  }
}

/** Where the content of the element at `start` begins, also of one that is cut off or of indefinite length. */
function contentStart(bytes: Uint8Array, start: number): number {
  const first = bytes[start + 1] ?? 0;
  return start + 2 + (first >= 0x80 ? first & 0x7f : 0);
}

/** A key in PKCS#8 begins with a number too, which is 0 or 1. */
const isPfx = (bytes: Uint8Array, start: number): boolean =>
  bytes[start + 1] === 1 && bytes[start + 2] === 3 && bytes[start + 3] === TAG.sequence;

/** Certificates, revocation lists and requests are told apart by what stands before and after the first name. */
function signedForm(bytes: Uint8Array, start: number): Form {
  let position = contentStart(bytes, start);
  const next = (): Der => {
    const element = Der.at(bytes, position);
    position = element.end;
    return element;
  };
  if (bytes[position] === contextTag(0)) return "certificate";
  if (bytes[position] === TAG.integer) next();
  if (next().tag !== TAG.sequence || next().tag !== TAG.sequence) return "other";
  if (isTime(bytes[position])) return "crl";
  return bytes[position] === TAG.sequence ? "certificate" : "other";
}
