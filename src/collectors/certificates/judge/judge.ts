import type { Certificate } from "../certificate.ts";
import type { CheckResult } from "../checks.ts";
import type { Endpoint, ServedTls } from "../endpoint.ts";
import type { CertificateReader } from "../x509/certificate-reader.ts";
import { findChains, type Chain } from "./chain.ts";
import { hostnameCheck } from "./hostname.ts";
import { Issuances } from "./issuance.ts";
import type { Fetch } from "./list-store.ts";
import { OcspStaples, type Issued } from "./ocsp.ts";
import { BoundedMap } from "../../../lib/bounded-map.ts";
import { RevocationLists } from "./revocation-lists.ts";
import { orderCheck } from "./served-order.ts";
import { sessionChecks } from "./session.ts";
import { strengthChecks } from "./strength.ts";
import { completeCheck, trustCheck } from "./trust.ts";
import { TrustStores, type TrustStore } from "./trust-store.ts";
import { chainExpiry, spanOf, validityCheck, type Span } from "./validity.ts";

/** What is judged of what one endpoint serves; a check that could not be made is not there. */
export interface EndpointJudgement {
  readonly checks: readonly CheckResult[];
  /**
   * When the verified chain that lasts longest ends, in Unix seconds; absent where none leads to a trusted authority.
   */
  readonly chainExpiry?: number;
}

/** What a {@link Judge} needs. */
export interface JudgeOptions {
  readonly reader: CertificateReader;
  /** Gets revocation lists. */
  readonly fetch: Fetch;
}

/** What does not depend on the time, so that it is judged once for the same certificates, name and authorities. */
interface Lasting {
  readonly checks: readonly CheckResult[];
  readonly verified: readonly Span[];
  /** Of the longest way up, which counts where no chain is verified. */
  readonly unverified: Span;
  /** Absent where the authority that signed the leaf is not known. */
  readonly issued?: Issued;
}

const MAX_REMEMBERED = 10_000;

/** Judges what endpoints serve. One for all of them, because what it learned of one chain serves the others too. */
export class Judge {
  readonly #stores: TrustStores;
  readonly #issuances = new Issuances();
  readonly #staples: OcspStaples;
  readonly #lists: RevocationLists;
  readonly #lasting = new BoundedMap<string, Lasting>(MAX_REMEMBERED);

  constructor({ reader, fetch }: JudgeOptions) {
    this.#stores = new TrustStores(reader);
    this.#staples = new OcspStaples(reader, this.#issuances);
    this.#lists = new RevocationLists(reader, fetch);
  }

  /** Judges what was served; `now` is in Unix seconds. Rejects only with what `signal` was aborted with. */
  async endpoint(endpoint: Endpoint, tls: ServedTls, now: number, signal: AbortSignal): Promise<EndpointJudgement> {
    const [leaf] = tls.served;
    if (leaf === undefined) return { checks: sessionChecks(tls) };
    const lasting = this.#lastingOf(leaf, tls, endpoint.serverName, await this.#stores.get(endpoint.ca));
    const { verified, unverified } = lasting;
    const validity = validityCheck(verified.length > 0 ? verified : [unverified], now);
    const revocation = await this.#revocation(lasting, tls, now, signal);
    const checks = [...lasting.checks, validity, ...revocation, ...sessionChecks(tls)];
    const expiry = chainExpiry(verified, now);
    const known = { checks: checks.filter((check) => check !== undefined) };
    return expiry === undefined ? known : { ...known, chainExpiry: expiry };
  }

  async #revocation(
    { verified, issued }: Lasting,
    { ocsp }: ServedTls,
    now: number,
    signal: AbortSignal,
  ): Promise<(CheckResult | undefined)[]> {
    if (issued === undefined) return [];
    // Whoever answers may write any address into a certificate; only those of trusted authorities are asked.
    const list = verified.length === 0 ? undefined : this.#lists.check(issued, now, signal);
    const staple = ocsp === undefined ? undefined : this.#staples.check(ocsp, issued, now);
    return Promise.all([list, staple]);
  }

  #lastingOf(leaf: Certificate, { served, unreadable }: ServedTls, serverName: string, store: TrustStore): Lasting {
    const fingerprints = served.map(({ fingerprint }) => fingerprint).join("");
    const allRead = unreadable === 0;
    return this.#lasting.ensure(`${store.id} ${serverName} ${allRead} ${fingerprints}`, () => {
      const found = findChains(leaf, served, store, this.#issuances);
      const facts = { leaf, found, store, allRead, issuances: this.#issuances };
      const checks = [
        hostnameCheck(leaf, serverName),
        trustCheck(facts),
        completeCheck(facts, served),
        orderCheck(served, allRead),
        ...strengthChecks(served),
      ];
      return {
        checks: checks.filter((check) => check !== undefined),
        verified: found.verified.map(spanOf),
        unverified: spanOf(found.deadEnd),
        ...issuedBy(leaf, found.verified[0] ?? found.deadEnd),
      };
    });
  }
}

function issuedBy(leaf: Certificate, [, issuer]: Chain): { issued?: Issued } {
  return issuer === undefined ? {} : { issued: { leaf, issuer } };
}
