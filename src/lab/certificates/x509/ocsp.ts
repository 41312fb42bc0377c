import { createHash, sign } from "node:crypto";
import { hours } from "../../../core/duration.ts";
import { bits, enumerated, integer, objectId, octets, sequence, tagged, time, value } from "./der.ts";
import type { Entity } from "./issuing.ts";

/** What an OCSP answer says, or what is wrong with it. */
export type StapleKind =
  | "good"
  | "revoked"
  | "unknown"
  /** Good, but the next answer was due an hour ago. */
  | "stale"
  /** Good, signed by a responder that the authority signed. */
  | "delegated"
  /** Good, signed by an authority that has nothing to do with it. */
  | "wrong_signer"
  /** Good, but of another certificate. */
  | "other_certificate"
  /** Not an answer but the responder's word `tryLater`. */
  | "try_later"
  /** Bytes that are no OCSP answer. */
  | "garbage";

/** Who and what an OCSP answer is about. */
export interface StapleSubject {
  readonly leaf: Entity;
  readonly issuer: Entity;
  readonly responder: Entity;
  readonly stranger: Entity;
}

const SHA1 = sequence(objectId("1.3.14.3.2.26"), value(0x05));
const ECDSA_WITH_SHA256 = sequence(objectId("1.2.840.10045.4.3.2"));
const OCSP_BASIC = objectId("1.3.6.1.5.5.7.48.1.1");
const TRY_LATER = 3;

/** The encoding of an OCSP answer at `now`, in Unix milliseconds. Source: RFC 6960 section 4.2.1. */
export function ocspAnswer(kind: StapleKind, subject: StapleSubject, now: number): Buffer {
  if (kind === "garbage") return Buffer.from("this is no OCSP answer");
  if (kind === "try_later") return sequence(enumerated(TRY_LATER));
  const [signer, shown] = signerOf(kind, subject);
  const data = sequence(
    tagged(2, octets(Buffer.from(signer.keyId, "hex"))),
    time(new Date(now - hours(1))),
    sequence(single(kind, subject, now)),
  );
  const basic = sequence(
    data,
    ECDSA_WITH_SHA256,
    bits(sign("sha256", data, signer.keyPem)),
    ...(shown ? [tagged(0, sequence(signer.der))] : []),
  );
  return sequence(enumerated(0), tagged(0, sequence(OCSP_BASIC, octets(basic))));
}

/** Who signs, and whether its certificate comes along. */
function signerOf(kind: StapleKind, { issuer, responder, stranger }: StapleSubject): readonly [Entity, boolean] {
  if (kind === "delegated") return [responder, true];
  return kind === "wrong_signer" ? [stranger, true] : [issuer, false];
}

function single(kind: StapleKind, { leaf, issuer, responder }: StapleSubject, now: number): Buffer {
  const about = kind === "other_certificate" ? responder : leaf;
  const due = hours(kind === "stale" ? -1 : 23);
  return sequence(
    sequence(
      SHA1,
      octets(createHash("sha1").update(Buffer.from(issuer.certificate.subjectName.toArrayBuffer())).digest()),
      octets(Buffer.from(issuer.keyId, "hex")),
      integer(Buffer.from(about.certificate.serialNumber, "hex")),
    ),
    statusOf(kind, now),
    time(new Date(now + due - hours(24))),
    tagged(0, time(new Date(now + due))),
  );
}

function statusOf(kind: StapleKind, now: number): Buffer {
  if (kind === "revoked") return value(0xa1, time(new Date(now - hours(2))));
  return value(kind === "unknown" ? 0x82 : 0x80);
}
