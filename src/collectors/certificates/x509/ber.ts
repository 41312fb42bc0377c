import { Buffer } from "node:buffer";
import { Der, DerError, TAG } from "./der.ts";
import { derHeader } from "./der-values.ts";

const CONSTRUCTED = 0x20;
const INDEFINITE = 0x80;
const MAX_DEPTH = 32;
const CONSTRUCTED_OCTETS = TAG.octetString | CONSTRUCTED;

/**
 * Rewrites BER, in which key stores of NSS and old ones of Windows are, as DER: every length is told, and an octet string
 * in pieces becomes one. Only the first element is taken. Throws {@link DerError}, also for more than 32 levels.
 */
export function derOf(bytes: Uint8Array): Uint8Array {
  return rewrite(bytes, { start: 0, end: bytes.length }, 0).der;
}

interface Rewritten {
  readonly der: Uint8Array;
  /** Where the next element begins. */
  readonly next: number;
}

function rewrite(bytes: Uint8Array, { start, end }: { start: number; end: number }, depth: number): Rewritten {
  const tag = bytes[start] ?? 0;
  if ((tag & CONSTRUCTED) === 0) {
    const element = Der.at(bytes, start, end);
    return { der: element.encoded, next: element.end };
  }
  if (depth === MAX_DEPTH) throw new DerError(`too many levels at byte ${start}`);
  return bytes[start + 1] === INDEFINITE
    ? rewriteIndefinite(bytes, { start, end }, depth)
    : rewriteDefinite(Der.at(bytes, start, end), depth);
}

function rewriteDefinite(element: Der, depth: number): Rewritten {
  const children: Uint8Array[] = [];
  for (let start = element.contentStart; start < element.end;) {
    const child = rewrite(element.bytes, { start, end: element.end }, depth + 1);
    children.push(child.der);
    start = child.next;
  }
  return { der: joined(element.tag, children), next: element.end };
}

function rewriteIndefinite(
  bytes: Uint8Array,
  { start, end }: { start: number; end: number },
  depth: number,
): Rewritten {
  const children: Uint8Array[] = [];
  let position = start + 2;
  while (!isEnd(bytes, position, end)) {
    const child = rewrite(bytes, { start: position, end }, depth + 1);
    children.push(child.der);
    position = child.next;
  }
  return { der: joined(bytes[start] ?? 0, children), next: position + 2 };
}

/** The end of an element of indefinite length: two zero bytes. */
const isEnd = (bytes: Uint8Array, position: number, last: number): boolean =>
  position + 2 <= last && bytes[position] === 0 && bytes[position + 1] === 0;

function joined(tag: number, children: readonly Uint8Array[]): Uint8Array {
  const octets = tag === CONSTRUCTED_OCTETS;
  const content = Buffer.concat(octets ? children.map((child) => Der.at(child).as(TAG.octetString).content) : children);
  return Buffer.concat([derHeader(octets ? TAG.octetString : tag, content.length), content]);
}
