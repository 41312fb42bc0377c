import { Buffer } from "node:buffer";
import { Der, DerError, TAG } from "./der.ts";
import { derHeader } from "./der-values.ts";

const CONSTRUCTED = 0x20;
const INDEFINITE = 0x80;
const MAX_DEPTH = 32;
const CONSTRUCTED_OCTETS = TAG.octetString | CONSTRUCTED;

/** Honest writers put 1,000 bytes or more into each. */
const MAX_PIECES = 100_000;

/**
 * Rewrites BER, in which key stores of NSS and old ones of Windows are, as DER: every length is told, and an octet
 * string in pieces becomes one. Only the first element is taken, and what is as it should be is not copied. Throws
 * {@link DerError}, also for more than 32 levels.
 */
export function derOf(bytes: Uint8Array): Uint8Array {
  const { der, next } = rewrite(bytes, { start: 0, end: bytes.length }, 0);
  return der ?? bytes.subarray(0, next);
}

interface Rewritten {
  /** Undefined when it stays as it stands. */
  readonly der: Uint8Array | undefined;
  /** Where the next element begins. */
  readonly next: number;
}

interface Place {
  readonly start: number;
  readonly end: number;
}

function rewrite(bytes: Uint8Array, { start, end }: Place, depth: number): Rewritten {
  const tag = bytes[start] ?? 0;
  if ((tag & CONSTRUCTED) === 0) return { der: undefined, next: Der.at(bytes, start, end).end };
  if (depth === MAX_DEPTH) throw new DerError(`too many levels at byte ${start}`);
  const children = tag === CONSTRUCTED_OCTETS ? joinedOctets : rewrittenChildren;
  const newTag = tag === CONSTRUCTED_OCTETS ? TAG.octetString : tag;
  if (bytes[start + 1] === INDEFINITE) {
    const isOver = (at: number): boolean => isEnd(bytes, at, end);
    const { pieces, next } = children(bytes, { start: start + 2, end, isOver }, depth);
    return { der: withHeader(newTag, pieces), next: next + 2 };
  }
  const element = Der.at(bytes, start, end);
  const isOver = (at: number): boolean => at >= element.end;
  const { pieces } = children(bytes, { start: element.contentStart, end: element.end, isOver }, depth);
  const isSame = newTag === tag && pieces.length === 1;
  return { der: isSame ? undefined : withHeader(newTag, pieces), next: element.end };
}

interface Content extends Place {
  readonly isOver: (position: number) => boolean;
}

/** The content in runs: what stays as it stands is one run, however many elements that are. */
function rewrittenChildren(bytes: Uint8Array, { start, end, isOver }: Content, depth: number) {
  const pieces: Uint8Array[] = [];
  let run = start;
  let position = start;
  while (!isOver(position)) {
    const { der, next } = rewrite(bytes, { start: position, end }, depth + 1);
    if (der !== undefined) {
      pieces.push(bytes.subarray(run, position), der);
      run = next;
    }
    position = next;
  }
  pieces.push(bytes.subarray(run, position));
  return { pieces, next: position };
}

function joinedOctets(bytes: Uint8Array, { start, end, isOver }: Content, depth: number) {
  const pieces: Uint8Array[] = [];
  let position = start;
  while (!isOver(position)) {
    if (pieces.length === MAX_PIECES) throw new DerError(`too many pieces at byte ${position}`);
    const { der, next } = rewrite(bytes, { start: position, end }, depth + 1);
    pieces.push(Der.at(der ?? bytes.subarray(position, next)).as(TAG.octetString).content);
    position = next;
  }
  return { pieces, next: position };
}

/** The end of an element of indefinite length: two zero bytes. */
const isEnd = (bytes: Uint8Array, position: number, last: number): boolean =>
  position + 2 <= last && bytes[position] === 0 && bytes[position + 1] === 0;

function withHeader(tag: number, pieces: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(pieces);
  return Buffer.concat([derHeader(tag, content.length), content]);
}
