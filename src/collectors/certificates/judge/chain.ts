import type { Certificate } from "../certificate.ts";
import { keyIdsMatch, mayHaveIssued, rulesOf, sameAuthority, type Issuances } from "./issuance.ts";
import { bySubject, type TrustStore } from "./trust-store.ts";

/** A leaf, each one followed by the one that signed it. */
export type Chain = readonly Certificate[];

/** What was found from a leaf upwards. Dates are not looked at. */
export interface FoundChains {
  /** Chains that end at a trusted authority, that one included; every signature was verified. */
  readonly verified: readonly Chain[];
  /** The longest way up of those that lead to no trusted one; at least the leaf. */
  readonly deadEnd: Chain;
  /** Why an issuer that was found at its end was refused; absent when there was none. */
  readonly refusal?: "bad_signature" | "not_an_authority";
}

/** Bounds on what a server can make us do; Go has 100 signatures. A real chain has three certificates. */
const MAX_STEPS = 200;
const MAX_CHAINS = 16;
const MAX_LENGTH = 12;

/**
 * Finds the chains from the first served certificate to trusted ones, whatever the order of the rest: issuers by name
 * and key identifier (RFC 5280 section 4.1.2.4), by verified signature, authority flag, key usage and path length. Name
 * constraints, policies and extended key usages are not looked at.
 */
export function findChains(leaf: Certificate, served: Chain, store: TrustStore, issuances: Issuances): FoundChains {
  const search = new Search({ served: bySubject(new Set(served)), store, issuances });
  search.walk([leaf]);
  return search.found(leaf);
}

interface Places {
  readonly served: ReadonlyMap<string, readonly Certificate[]>;
  readonly store: TrustStore;
  readonly issuances: Issuances;
}

type Refusal = FoundChains["refusal"];

class Search {
  readonly #places: Places;
  readonly #verified: Chain[] = [];
  #deadEnd: Chain = [];
  #refusal: Refusal;
  #steps = 0;

  constructor(places: Places) {
    this.#places = places;
  }

  found(leaf: Certificate): FoundChains {
    const deadEnd = this.#deadEnd.length === 0 ? [leaf] : this.#deadEnd;
    const common = { verified: this.#verified, deadEnd };
    return this.#refusal === undefined ? common : { ...common, refusal: this.#refusal };
  }

  walk(path: Chain): void {
    const tip = path.at(-1);
    if (tip === undefined) return;
    if (this.#places.store.has(tip)) {
      this.#verified.push(path);
      return;
    }
    let refusal: Refusal;
    let wentOn = false;
    for (const issuer of path.length < MAX_LENGTH ? this.#issuers(tip) : []) {
      if (path.some((earlier) => sameAuthority(earlier, issuer))) continue;
      if (this.#steps++ >= MAX_STEPS || this.#verified.length >= MAX_CHAINS) break;
      const verdict = this.#verdict(path, tip, issuer);
      if (verdict === "issued") {
        wentOn = true;
        this.walk([...path, issuer]);
      } else refusal ??= verdict;
    }
    if (!wentOn) this.#keepDeadEnd(path, refusal);
  }

  #issuers(child: Certificate): Chain {
    const { served, store } = this.#places;
    const all = new Set([...store.named(child.issuerDer), ...(served.get(child.issuerDer) ?? [])]);
    const possible = [...all].filter((issuer) => mayHaveIssued(issuer, child));
    // Those whose key is named come first, so that many of the same name do not use up the bound.
    return possible.toSorted((a, b) => Number(keyIdsMatch(b, child) ?? false) - Number(keyIdsMatch(a, child) ?? false));
  }

  #verdict(path: Chain, child: Certificate, issuer: Certificate): "issued" | Refusal {
    const verdict = this.#places.issuances.between(issuer, child);
    if (verdict === "unknown") return undefined;
    if (verdict === "issued") return withinPathLength(path, issuer) ? "issued" : "not_an_authority";
    // A trusted one of the same name is only another authority, unless the child says that it means this very key.
    const another = this.#places.store.has(issuer) && keyIdsMatch(issuer, child) === undefined;
    return verdict === "bad_signature" && another ? undefined : verdict;
  }

  #keepDeadEnd(path: Chain, refusal: Refusal): void {
    if (path.length <= this.#deadEnd.length) return;
    this.#deadEnd = path;
    this.#refusal = refusal;
  }
}

/** RFC 5280 section 4.2.1.9: the leaf and those that signed themselves are not counted. */
function withinPathLength(path: Chain, issuer: Certificate): boolean {
  const { pathLength } = rulesOf(issuer);
  if (pathLength === undefined) return true;
  return path.slice(1).filter(({ subjectDer, issuerDer }) => subjectDer !== issuerDer).length <= pathLength;
}
