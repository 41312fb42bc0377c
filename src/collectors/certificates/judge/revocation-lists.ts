import type { Certificate, RevocationList } from "../certificate.ts";
import { failed, passed, type CheckResult } from "../checks.ts";
import type { CertificateReader } from "../x509/certificate-reader.ts";
import { Der } from "../x509/der.ts";
import { keyIdsMatch, publicKeyOf } from "./issuance.ts";
import { ListStore, type Fetch } from "./list-store.ts";
import type { Issued } from "./ocsp.ts";
import { BoundedMap } from "../../../lib/bounded-map.ts";
import { isSignedBy, signedData } from "./signed-data.ts";

const SKEW_S = 300;
const MAX_VERIFIED = 2_000;
/** More places of one leaf are alternatives to these. */
const MAX_URLS = 4;
/** These can be taken back (RFC 5280 section 5.3.1). */
const FOR_A_WHILE: ReadonlySet<string> = new Set(["certificateHold", "removeFromCRL"]);

/**
 * Judges leaves by the revocation lists of their authorities; a list that is split by kinds of certificates or is
 * signed for another is not told apart.
 */
export class RevocationLists {
  readonly #store: ListStore;
  readonly #verified = new BoundedMap<string, { readonly signed: Promise<boolean> }>(MAX_VERIFIED);

  constructor(reader: CertificateReader, fetch: Fetch) {
    this.#store = new ListStore(reader, fetch);
  }

  /**
   * The check `revocation_crl`; undefined when no list could be had that the authority signed and that still counts.
   * A list that has ended still says what was revoked for good. Rejects only with the signal's reason.
   */
  async check(issued: Issued, now: number, signal: AbortSignal): Promise<CheckResult | undefined> {
    const urls = issued.leaf.crlUrls.slice(0, MAX_URLS);
    const lists = await Promise.all(urls.map((url) => this.#store.get(url, now, signal)));
    const verdicts = await Promise.all(
      lists.filter((list) => list !== undefined).map((list) => this.#verdict(list, issued, now)),
    );
    if (verdicts.includes("revoked")) return failed("revocation_crl", "revoked");
    return verdicts.includes("good") ? passed("revocation_crl") : undefined;
  }

  async #verdict(list: RevocationList, issued: Issued, now: number): Promise<"revoked" | "good" | undefined> {
    if (list.issuerDer !== issued.leaf.issuerDer || list.thisUpdate > now + SKEW_S) return undefined;
    const key = `${list.fingerprint}${issued.issuer.fingerprint}`;
    if (!(await this.#verified.ensure(key, () => ({ signed: isListOf(list, issued.issuer) })).signed)) return undefined;
    const hasEnded = list.nextUpdate !== undefined && list.nextUpdate < now - SKEW_S;
    const reason = list.revoked.get(issued.leaf.serialNumber);
    if (reason === undefined) return hasEnded ? undefined : "good";
    if (!FOR_A_WHILE.has(reason)) return "revoked";
    if (hasEnded) return undefined;
    return reason === "removeFromCRL" ? "good" : "revoked";
  }
}

async function isListOf(list: RevocationList, issuer: Certificate): Promise<boolean> {
  const key = publicKeyOf(issuer);
  if (key === undefined || keyIdsMatch(issuer, list) === false) return false;
  return isSignedBy(signedData(Der.at(list.der).children()), key);
}
