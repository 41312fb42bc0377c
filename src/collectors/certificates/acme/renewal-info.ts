import type { Certificate } from "../certificate.ts";
import type { CertificatesConfig } from "../config.ts";
import type { SourceReading } from "../inventory.ts";
import { AcmeAuthority } from "./authority.ts";

/** Bounds that tests lower. */
export interface RenewalInfoOptions {
  /** How many certificates one refresh asks each authority about at most. */
  readonly mostQuestions?: number;
}

/**
 * A keeper with 10,000 leaves has asked about all of them after some hours, with an authority that takes its time too.
 */
const MOST_QUESTIONS = 300;

/**
 * When ACME authorities suggest to renew the certificates that they issued (RFC 9773). Each certificate is asked about
 * as often as its authority wants; what was last answered stands until there is news.
 */
export class RenewalInfo {
  readonly #authorities: readonly AcmeAuthority[];

  constructor(entries: CertificatesConfig["acme"], { mostQuestions = MOST_QUESTIONS }: RenewalInfoOptions = {}) {
    this.#authorities = entries.map((entry) => new AcmeAuthority(entry, mostQuestions));
  }

  /**
   * Asks about those of the leaves that are due at `now` (Unix seconds); gives what went wrong, each time that it was
   * tried. Throws only what `signal` was aborted with.
   */
  async refresh(leaves: readonly Certificate[], now: number, signal: AbortSignal): Promise<SourceReading["missing"]> {
    const missing = await Promise.all(
      this.#authorities.map((authority) => {
        const others = this.#authorities.filter((each) => each !== authority);
        const unclaimed = leaves.filter((leaf) => others.every((each) => each.suggestion(leaf) === undefined));
        return authority.refresh(unclaimed, now, signal);
      }),
    );
    return missing.flat();
  }

  /** End of the suggested window, in Unix seconds; undefined when no authority is known to have suggested one. */
  windowEnd(certificate: Certificate): number | undefined {
    return this.#suggestion(certificate)?.end;
  }

  async close(): Promise<void> {
    await Promise.all(this.#authorities.map((authority) => authority.close()));
  }

  #suggestion(certificate: Certificate) {
    return this.#authorities
      .map((authority) => authority.suggestion(certificate))
      .find((suggestion) => suggestion !== undefined);
  }
}
