import type { Certificate } from "../certificate.ts";
import { failed, passed, type CheckResult } from "../checks.ts";
import type { Chain, FoundChains } from "./chain.ts";
import { tellsIssuer } from "./extension-facts.ts";
import type { Issuances } from "./issuance.ts";
import type { TrustStore } from "./trust-store.ts";

/** What is known when trust is judged. */
export interface TrustFacts {
  readonly leaf: Certificate;
  readonly found: FoundChains;
  readonly store: TrustStore;
  readonly issuances: Issuances;
  /** Whether every certificate of the handshake could be read. */
  readonly allRead: boolean;
}

/** The check `trust`: whether a chain leads to a trusted authority, and what stands in the way. */
export function trustCheck(facts: TrustFacts): CheckResult {
  const { found } = facts;
  if (found.verified.length > 0) return passed("trust");
  if (signedItself(facts.leaf, facts.issuances)) return failed("trust", "self_signed");
  if (found.refusal !== undefined) return failed("trust", found.refusal);
  return failed("trust", intermediateIsLeftOut(facts) ? "incomplete" : "unknown_authority");
}

/**
 * The check `chain_complete`: whether clients that know nothing but roots can do with what is served. That the store
 * happens to hold the intermediate is no help to them. Undefined where it can not be told whether the authority that is
 * missing is a root, which no server has to show.
 */
export function completeCheck(facts: TrustFacts, served: Chain): CheckResult | undefined {
  const { verified, deadEnd, refusal } = facts.found;
  if (verified.length > 0) {
    const shown = new Set(served.map(({ fingerprint }) => fingerprint));
    if (verified.some((chain) => endsAtRootOrServed(chain, shown))) return passed("chain_complete");
    return facts.allRead ? failed("chain_complete", "incomplete") : undefined;
  }
  if (refusal !== undefined) return undefined;
  const end = deadEnd.at(-1);
  if (end !== undefined && signedItself(end, facts.issuances)) return passed("chain_complete");
  return intermediateIsLeftOut(facts) ? failed("chain_complete", "incomplete") : undefined;
}

function endsAtRootOrServed(chain: Chain, shown: ReadonlySet<string>): boolean {
  const end = chain.at(-1);
  return end !== undefined && (end.role === "root" || shown.has(end.fingerprint));
}

function signedItself(certificate: Certificate, issuances: Issuances): boolean {
  if (certificate.subjectDer !== certificate.issuerDer) return false;
  // A leaf may not sign others, but that its own key made the signature is all that is asked.
  const verdict = issuances.between(certificate, certificate);
  return verdict === "issued" || verdict === "not_an_authority";
}

/** Names that authorities below a root are given, such as `Smallstep Intermediate CA`. */
const INTERMEDIATE = /intermediate|issuing|subordinate|\bsub[ -]?ca\b/i;

/**
 * Nobody says of an authority that is not there whether it is a root. It is taken for an intermediate only when the
 * leaf is alone, no trusted one has its name, and there is evidence: the leaf tells where it can be fetched (public
 * leaves always do, and roots never sign them), or its name says so. An intermediate's own missing issuer is most
 * likely a root.
 */
function intermediateIsLeftOut({ leaf, found, store, allRead }: TrustFacts): boolean {
  if (!allRead || found.deadEnd.length > 1 || store.named(leaf.issuerDer).length > 0) return false;
  return INTERMEDIATE.test(leaf.issuer.CN ?? "") || tellsIssuer(leaf);
}
