import { Buffer } from "node:buffer";
import type { FormatFault } from "../certificate.ts";
import { faultOf, type Found, type FoundItem } from "./found.ts";
import { pkcs7Contents } from "./pkcs7.ts";

type BlockKind = FoundItem["kind"] | "pkcs7";

/** Labels of the blocks that are read; of others, such as private keys, nothing is decoded or kept. */
const LABELS: ReadonlyMap<string, BlockKind> = new Map<string, BlockKind>([
  ["CERTIFICATE", "certificate"],
  ["X509 CERTIFICATE", "certificate"],
  ["TRUSTED CERTIFICATE", "certificate"],
  ["X509 CRL", "crl"],
  ["CRL", "crl"],
  ["PKCS7", "pkcs7"],
  ["CMS", "pkcs7"],
]);

const BEGIN = "-----BEGIN ";
const DASHES = "-----";
const MAX_LABEL = 64;

/** Certificates and revocation lists in the blocks of a text (RFC 7468), whatever stands around them. Never throws. */
export function pemContents(text: string): Found {
  const items: FoundItem[] = [];
  const faults: FormatFault[] = [];
  let number = 0;
  for (let start = text.indexOf(BEGIN); start !== -1;) {
    const next = text.indexOf(BEGIN, start + BEGIN.length);
    number += 1;
    addBlock(text.slice(start + BEGIN.length, next === -1 ? undefined : next), `block ${number}`, { items, faults });
    start = next;
  }
  return { items, faults };
}

/** Reads what stands between one beginning and the next. */
function addBlock(text: string, where: string, { items, faults }: { items: FoundItem[]; faults: FormatFault[] }): void {
  const label = text.slice(0, MAX_LABEL).split(DASHES, 1)[0] ?? "";
  const kind = LABELS.get(label);
  if (kind === undefined) return;
  const end = text.indexOf(`${DASHES}END ${label}${DASHES}`);
  if (end === -1) {
    faults.push({ reason: "bad_pem", detail: `${where}: its end is missing` });
    return;
  }
  const body = text.slice(label.length + DASHES.length, end).replaceAll(/\s+/g, "");
  if (!/^[\d+/A-Za-z]+={0,2}$/.test(body)) {
    faults.push({ reason: "bad_pem", detail: `${where}: it is not base64` });
    return;
  }
  const der = Buffer.from(body, "base64");
  if (kind === "pkcs7") addPkcs7(der, where, { items, faults });
  else items.push({ kind, der, where });
}

function addPkcs7(
  der: Uint8Array,
  where: string,
  { items, faults }: { items: FoundItem[]; faults: FormatFault[] },
): void {
  try {
    for (const item of pkcs7Contents(der).items) items.push({ ...item, where: `${where}, ${item.where}` });
  } catch (error) {
    faults.push(faultOf(error, "bad_certificate", where));
  }
}
