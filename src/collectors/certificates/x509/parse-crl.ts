import type { RevocationList } from "../certificate.ts";
import { contextTag, Der, DerError, TAG } from "./der.ts";
import { decimal, hex, isTime, small, time } from "./der-values.ts";
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

/** Reads a revocation list (RFC 5280 section 5.1), of version 1 too. Throws `DerError`. */
export function parseCrl(element: Der, fingerprint: string): RevocationList {
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
    revoked: revokedOf(entries, hex(issuer.encoded)),
  };
}

/**
 * An indirect list names the issuer of some entries, which holds for those after it too; those of another issuer are
 * left out, for their numbers count among that one's certificates. So are those that a delta list takes back.
 */
function revokedOf(entries: Der | undefined, issuerDer: string): ReadonlyMap<string, string> {
  const revoked = new Map<string, string>();
  if (entries === undefined) return revoked;
  let issuer = issuerDer;
  for (const list = entries.children(); !list.done;) {
    const parts = list.next(TAG.sequence).children();
    const serial = parts.next(TAG.integer);
    if (!isTime(parts.next().tag)) throw new DerError(`no time of revocation at byte ${serial.end}`);
    const all = parts.done ? undefined : extensions(parts.next());
    issuer = (all && entryIssuer(all)) ?? issuer;
    const reason = (all && entryReason(all)) ?? "unspecified";
    if (issuer === issuerDer && reason !== "removeFromCRL") revoked.set(decimal(serial), reason);
  }
  return revoked;
}

const entryReason = (all: Extensions): string | undefined =>
  extensionValue(all, "2.5.29.21", (value) => REASONS[small(value.as(TAG.enumerated))]);

/** The first directory name of the certificate issuer extension (section 5.3.3) in hexadecimal. */
const entryIssuer = (all: Extensions): string | undefined =>
  extensionValue(all, "2.5.29.29", (value) => {
    for (const names = value.as(TAG.sequence).children(); !names.done;) {
      const name = names.next();
      if (name.tag === contextTag(4)) return hex(Der.at(name.bytes, name.contentStart, name.end).encoded);
    }
    return undefined;
  });
