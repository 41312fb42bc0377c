import { hash, type KeyObject } from "node:crypto";
import type { Certificate } from "../certificate.ts";
import { failed, passed, type CheckResult } from "../checks.ts";
import type { CertificateReader } from "../x509/certificate-reader.ts";
import { Der, TAG } from "../x509/der.ts";
import { signsOcsp } from "./extension-facts.ts";
import { mayHaveIssued, publicKeyOf, type Issuances } from "./issuance.ts";
import { ocspAnswer, type CertificateStatus, type OcspAnswer } from "./ocsp-answer.ts";
import { BoundedMap } from "../../../lib/bounded-map.ts";
import { isSignedBy, wholeBytes } from "./signed-data.ts";
import { spanOf, type Span } from "./validity.ts";

/** A leaf with the authority that signed it. */
export interface Issued {
  readonly leaf: Certificate;
  readonly issuer: Certificate;
}

/**
 * What a staple says of the leaf it came with, and when the one who signed it may; `undefined` is what can not be
 * believed.
 */
type Verified = { readonly status: CertificateStatus; readonly signer: Span } | undefined;

/** Clocks differ. */
const SKEW_S = 300;
/**
 * The longest that CA/B allows (Baseline Requirements section 4.9.10), for answers that do not say when the next one
 * comes.
 */
const MAX_AGE_S = 10 * 86_400;
const MAX_ANSWERS = 10_000;

/** Judges stapled OCSP answers (RFC 6960); each answer is verified once, and its dates are compared each time. */
export class OcspStaples {
  readonly #reader: CertificateReader;
  readonly #issuances: Issuances;
  readonly #verified = new BoundedMap<string, { readonly answer: Promise<Verified> }>(MAX_ANSWERS);

  constructor(reader: CertificateReader, issuances: Issuances) {
    this.#reader = reader;
    this.#issuances = issuances;
  }

  /** The check `revocation_ocsp` of a staple (DER). Never throws. */
  async check(staple: Uint8Array, issued: Issued, now: number): Promise<CheckResult> {
    const key = `${issued.leaf.fingerprint}${issued.issuer.fingerprint}${hash("sha256", staple, "hex")}`;
    const verified = await this.#verified.ensure(key, () => ({ answer: this.#verify(staple, issued) })).answer;
    if (verified === undefined) return failed("revocation_ocsp", "invalid");
    const { status, signer } = verified;
    if (status.thisUpdate > now + SKEW_S || signer.from > now + SKEW_S) return failed("revocation_ocsp", "invalid");
    if (status.status === "revoked") return failed("revocation_ocsp", "revoked");
    if (Math.min(endOf(status), signer.until) < now - SKEW_S) return failed("revocation_ocsp", "stale");
    return status.status === "good" ? passed("revocation_ocsp") : failed("revocation_ocsp", "unknown");
  }

  async #verify(staple: Uint8Array, issued: Issued): Promise<Verified> {
    try {
      const answer = ocspAnswer(staple);
      const signer = await this.#signer(answer, issued.issuer);
      const status = answer.statuses
        .filter((one) => isAbout(one, issued))
        .toSorted((a, b) => b.thisUpdate - a.thisUpdate)[0];
      return signer === undefined || status === undefined ? undefined : { status, signer };
    } catch {
      return undefined;
    }
  }

  /** The authority itself, or one to whom it gave this task (RFC 6960 section 4.2.2.2). */
  async #signer(answer: OcspAnswer, issuer: Certificate): Promise<Span | undefined> {
    const delegates = answer.certificates
      .map((der) => this.#reader.certificate(der))
      .filter((one) => mayHaveIssued(issuer, one) && signsOcsp(one))
      .filter((one) => this.#issuances.between(issuer, one) === "issued");
    for (const candidate of [issuer, ...delegates]) {
      const key = publicKeyOf(candidate);
      if (key === undefined || !(await isSignedBy(answer.signed, key))) continue;
      // Whether the authority itself is valid is another check.
      return candidate === issuer ? ALWAYS : spanOf([candidate]);
    }
    return undefined;
  }
}

const ALWAYS: Span = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

const endOf = ({ thisUpdate, nextUpdate }: CertificateStatus): number => nextUpdate ?? thisUpdate + MAX_AGE_S;

/** RFC 6960 section 4.1.1: the issuer is named by hashes of its name and of its key without the encoding around. */
function isAbout(status: CertificateStatus, { leaf, issuer }: Issued): boolean {
  const key = publicKeyOf(issuer);
  if (key === undefined || status.serialNumber !== leaf.serialNumber || !/^(?:MD5|SHA\d.*)$/.test(status.hash))
    return false;
  return (
    status.issuerNameHash === hash(status.hash, Buffer.from(leaf.issuerDer, "hex"), "hex") &&
    status.issuerKeyHash === hash(status.hash, keyBytes(key), "hex")
  );
}

function keyBytes(key: KeyObject): Uint8Array {
  const parts = Der.at(key.export({ type: "spki", format: "der" })).children();
  parts.next(TAG.sequence);
  return wholeBytes(parts.next(TAG.bitString));
}
