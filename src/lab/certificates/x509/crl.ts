import { days, hours } from "../../../core/duration.ts";
import { integer } from "./der.ts";
import { signingAlgorithm, type Entity } from "./issuing.ts";
import { loadX509 } from "./x509.ts";

/** What a revocation list is, or what its server does instead. */
export type CrlKind =
  | "good"
  /** The next list was due an hour ago. */
  | "stale"
  /** Signed by an authority that has nothing to do with it. */
  | "wrong_signer"
  /** Bytes that are no list. */
  | "garbage"
  /** Answered 404. */
  | "missing"
  /** Never answered. */
  | "hangs";

/** The certificates that an authority took back: when, by hexadecimal serial number. */
export type Revoked = ReadonlyMap<string, Date>;

const CRL_NUMBER = "2.5.29.20";

/** The encoding of the authority's revocation list at `now` in Unix milliseconds, signed by `signer`. */
export async function revocationList(
  issuer: Entity,
  { signer, revoked, now, isStale }: { signer: Entity; revoked: Revoked; now: number; isStale: boolean },
): Promise<Buffer> {
  const library = await loadX509();
  const thisUpdate = now - (isStale ? days(7) + hours(1) : hours(1));
  const list = await library.X509CrlGenerator.create({
    issuer: issuer.certificate.subjectName,
    thisUpdate: new Date(thisUpdate),
    nextUpdate: new Date(thisUpdate + days(7)),
    entries: [...revoked].map(([serialNumber, revocationDate]) => ({
      serialNumber,
      revocationDate,
      reason: library.X509CrlReason.keyCompromise,
    })),
    signingKey: signer.keys.privateKey,
    signingAlgorithm: signingAlgorithm(signer.keys.privateKey, "SHA-256"),
    extensions: [
      await library.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
      new library.Extension(CRL_NUMBER, false, Uint8Array.from(integer(crlNumber(thisUpdate)))),
    ],
  });
  return Buffer.from(list.rawData);
}

/** The Unix time in seconds, which grows from list to list. */
function crlNumber(thisUpdate: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUIntBE(Math.floor(thisUpdate / 1_000), 0, 5);
  return bytes;
}
