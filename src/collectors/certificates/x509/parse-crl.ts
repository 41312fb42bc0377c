import { setImmediate } from "node:timers/promises";
import type { RevocationList } from "../certificate.ts";
import { contextTag, Der, DerError, TAG } from "./der.ts";
import { decimal, hex, isTime, latin1, small, time } from "./der-values.ts";
import { authorityKeyId, type Extensions, extensions, extensionValue } from "./extensions.ts";
import { distinguishedName } from "./names.ts";

/** The words of RFC 5280 section 5.3.1 by their numbers. */
const REASONS: Readonly<Record<number, string>> = {
  0: "unspecified",
  1: "keyCompromise",
  2: "cACompromise",
  3: "affiliationChanged",
  4: "superseded",
  5: "cessationOfOperation",
  6: "certificateHold",
  8: "removeFromCRL",
  9: "privilegeWithdrawn",
  10: "aACompromise",
};

/**
 * Reads a revocation list (RFC 5280 section 5.1), of version 1 too. 100,000 entries cost 0.2 s, in which others get
 * their turn. Throws `DerError`.
 */
export async function parseCrl(element: Der, fingerprint: string): Promise<RevocationList> {
  const parts = element.as(TAG.sequence).children().next(TAG.sequence).children();
  parts.optional(TAG.integer);
  parts.next(TAG.sequence);
  const issuer = parts.next(TAG.sequence);
  const thisUpdate = time(parts.next());
  const nextUpdate = isTime(parts.tag) ? time(parts.next()) : undefined;
  const entries = parts.optional(TAG.sequence);
  const all = extensions(parts.optional(contextTag(0))?.children().next());
  if (!parts.done) throw new DerError(`something that does not belong there at byte ${parts.next().start}`);
  const keyId = authorityKeyId(all);
  const number = extensionValue(all, "2.5.29.20", (value) => decimal(value.as(TAG.integer)));
  return {
    fingerprint,
    der: new Uint8Array(element.encoded),
    issuer: distinguishedName(issuer),
    issuerDer: hex(issuer.encoded),
    ...(keyId === undefined ? {} : { authorityKeyId: keyId }),
    thisUpdate,
    ...(nextUpdate === undefined ? {} : { nextUpdate }),
    ...(number === undefined ? {} : { number }),
    revoked: await revokedOf(entries, hex(issuer.encoded)),
  };
}

/**
 * An indirect list names the issuer of some entries, which holds for those after it too; those of another issuer are
 * left out, for their numbers count among that one's certificates. So are those that a delta list takes back.
 */
async function revokedOf(entries: Der | undefined, issuerDer: string): Promise<ReadonlyMap<string, string>> {
  const revoked = new Map<string, string>();
  if (entries === undefined) return revoked;
  const factsOf = rememberedFacts();
  let issuer = issuerDer;
  const list = entries.children();
  for (let count = 1; !list.done; count++) {
    if (count % BATCH === 0) await setImmediate();
    const parts = list.next(TAG.sequence).children();
    const serial = parts.next(TAG.integer);
    if (!isTime(parts.next().tag)) throw new DerError(`no time of revocation at byte ${serial.end}`);
    const facts = parts.done ? NO_FACTS : factsOf(parts.next());
    issuer = facts.issuer ?? issuer;
    if (issuer === issuerDer && facts.reason !== "removeFromCRL") revoked.set(decimal(serial), facts.reason);
  }
  return revoked;
}

/** How many entries are read before others get their turn: about 10 ms. */
const BATCH = 5000;

/** What the extensions of an entry say (section 5.3). */
interface EntryFacts {
  readonly reason: string;
  /** The first directory name of the certificate issuer in hexadecimal. */
  readonly issuer?: string | undefined;
}

const NO_FACTS: EntryFacts = { reason: "unspecified" };
const MAX_REMEMBERED = 64;

/** Reads the extensions of entries. Most of 100,000 entries have one of a few, so these are read once. */
function rememberedFacts(): (element: Der) => EntryFacts {
  const remembered = new Map<string, EntryFacts>();
  return (element) => {
    const key = latin1(element.encoded);
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const all = extensions(element);
    const facts = { reason: entryReason(all) ?? "unspecified", issuer: entryIssuer(all) };
    if (remembered.size < MAX_REMEMBERED) remembered.set(key, facts);
    return facts;
  };
}

const entryReason = (all: Extensions): string | undefined =>
  extensionValue(all, "2.5.29.21", (value) => REASONS[small(value.as(TAG.enumerated))]);

const entryIssuer = (all: Extensions): string | undefined =>
  extensionValue(all, "2.5.29.29", (value) => {
    for (const names = value.as(TAG.sequence).children(); !names.done;) {
      const name = names.next();
      if (name.tag === contextTag(4)) return hex(Der.at(name.bytes, name.contentStart, name.end).encoded);
    }
    return undefined;
  });
