import { contextTag, Der, DerError, TAG } from "../x509/der.ts";
import { decimal, hex, oid, small, time } from "../x509/der-values.ts";
import { HASHES } from "../x509/oids.ts";
import { signedData, type SignedData } from "./signed-data.ts";

/** What an OCSP answer says of one certificate. Times are Unix seconds. */
export interface CertificateStatus {
  readonly status: "good" | "revoked" | "unknown";
  /** By which hash the issuer is named, such as `SHA1`; an OID where it has no name here. */
  readonly hash: string;
  /** Hexadecimal hashes of the issuer's name and key. */
  readonly issuerNameHash: string;
  readonly issuerKeyHash: string;
  /** Decimal. */
  readonly serialNumber: string;
  readonly thisUpdate: number;
  /** Absent where newer answers are always to be had. */
  readonly nextUpdate?: number;
}

/** A basic OCSP answer. */
export interface OcspAnswer {
  readonly signed: SignedData;
  readonly statuses: readonly CertificateStatus[];
  /** The encodings (DER) of the certificates that are sent with it. */
  readonly certificates: readonly Uint8Array[];
}

const BASIC = "1.3.6.1.5.5.7.48.1.1";
const STATUSES = ["good", "revoked", "unknown"] as const;
const MAX_CERTIFICATES = 10;

/**
 * Reads an OCSPResponse (RFC 6960 section 4.2.1). Throws `DerError`, also for one that only says that there is no
 * answer.
 */
export function ocspAnswer(bytes: Uint8Array): OcspAnswer {
  const response = Der.at(bytes).as(TAG.sequence).children();
  const status = small(response.next(TAG.enumerated));
  if (status !== 0) throw new DerError(`no answer but the status ${status}`);
  const wrapped = response.next(contextTag(0)).children().next(TAG.sequence).children();
  if (oid(wrapped.next(TAG.oid)) !== BASIC) throw new DerError("an answer of another kind than basic");
  const basic = Der.at(wrapped.next(TAG.octetString).content).as(TAG.sequence).children();
  const signed = signedData(basic);
  const certificates = basic.optional(contextTag(0));
  return {
    signed,
    statuses: certificateStatuses(signed.body),
    certificates: certificates === undefined ? [] : encodings(certificates.children().next(TAG.sequence)),
  };
}

function encodings(list: Der): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const parts = list.children(); !parts.done && found.length < MAX_CERTIFICATES;) found.push(parts.next().encoded);
  return found;
}

function certificateStatuses(body: Der): CertificateStatus[] {
  const parts = body.children();
  parts.optional(contextTag(0));
  // Who answered is found by the signature.
  parts.next();
  parts.next(TAG.generalizedTime);
  const found: CertificateStatus[] = [];
  for (const all = parts.next(TAG.sequence).children(); !all.done;)
    found.push(certificateStatus(all.next(TAG.sequence)));
  return found;
}

function certificateStatus(element: Der): CertificateStatus {
  const parts = element.children();
  const id = parts.next(TAG.sequence).children();
  const hash = oid(id.next(TAG.sequence).children().next(TAG.oid));
  const issuerNameHash = hex(id.next(TAG.octetString).content);
  const issuerKeyHash = hex(id.next(TAG.octetString).content);
  const serialNumber = decimal(id.next(TAG.integer));
  // The tag is [0], [1] or [2], with children or not.
  const status = STATUSES[parts.next().tag & 0x1f];
  if (status === undefined) throw new DerError(`a status that is not known at byte ${element.start}`);
  const thisUpdate = time(parts.next(TAG.generalizedTime));
  const next = parts.optional(contextTag(0));
  return {
    status,
    hash: HASHES[hash] ?? hash,
    issuerNameHash,
    issuerKeyHash,
    serialNumber,
    thisUpdate,
    ...(next === undefined ? {} : { nextUpdate: time(next.children().next()) }),
  };
}
