import type { Certificate } from "../certificate.ts";
import { failed, passed, type CheckResult } from "../checks.ts";
import { Issuances, keyIdsMatch, sameAuthority } from "./issuance.ts";
import { bySubject } from "./trust-store.ts";

/** One key of an authority, with all certificates that were made for it. */
type KeyGroup = readonly [Certificate, ...Certificate[]];

/** Certificates are written in whole seconds. */
const TOLERANCE_S = 1;

const issuances = new Issuances();

/** All authorities that are known, served or stored, with which leaves are compared. */
export class Authorities {
  readonly #now: number;
  readonly #named: ReadonlyMap<string, readonly Certificate[]>;
  readonly #groups = new Map<string, readonly KeyGroup[]>();

  /** Of certificates that are no authorities nothing is kept. `now` is in Unix seconds. */
  constructor(certificates: Iterable<Certificate>, now: number = Date.now() / 1000) {
    const authorities = new Map<string, Certificate>();
    for (const one of certificates) if (one.role !== "leaf") authorities.set(one.fingerprint, one);
    this.#named = bySubject(authorities.values());
    this.#now = now;
  }

  /** The checks `issuer_outlives` and `issuer_current` of a leaf; none when its issuer is not known. */
  checks(certificate: Certificate): readonly CheckResult[] {
    if (certificate.role !== "leaf") return [];
    const groups = this.#groupsOf(certificate.issuerDer);
    const signer = groups.find((group) => isSigner(group, certificate));
    return signer === undefined ? [] : [outlivesCheck(signer, certificate), this.#currentCheck(signer, groups)];
  }

  #currentCheck(signer: KeyGroup, groups: readonly KeyGroup[]): CheckResult {
    const isNewer = (group: KeyGroup): boolean => newest(group.filter((one) => this.#isValid(one))) > newest(signer);
    return groups.some((group) => group !== signer && isNewer(group))
      ? failed("issuer_current", "superseded_issuer")
      : passed("issuer_current");
  }

  #isValid({ notBefore, notAfter }: Certificate): boolean {
    return notBefore <= this.#now && this.#now <= notAfter;
  }

  #groupsOf(subjectDer: string): readonly KeyGroup[] {
    const known = this.#groups.get(subjectDer);
    if (known !== undefined) return known;
    const groups = groupByKey(this.#named.get(subjectDer) ?? []);
    this.#groups.set(subjectDer, groups);
    return groups;
  }
}

function groupByKey(certificates: readonly Certificate[]): KeyGroup[] {
  const groups: [Certificate, ...Certificate[]][] = [];
  for (const certificate of certificates) {
    const same = groups.find(([first]) => sameAuthority(first, certificate));
    if (same === undefined) groups.push([certificate]);
    else same.push(certificate);
  }
  return groups;
}

/** By the key identifiers; by the signature where they are not told. */
function isSigner([first]: KeyGroup, certificate: Certificate): boolean {
  const verdict = keyIdsMatch(first, certificate);
  return verdict ?? issuances.between(first, certificate) === "issued";
}

function outlivesCheck(signer: KeyGroup, certificate: Certificate): CheckResult {
  const end = Math.max(...signer.map(({ notAfter }) => notAfter));
  return certificate.notAfter > end + TOLERANCE_S
    ? failed("issuer_outlives", "outlives_issuer")
    : passed("issuer_outlives");
}

/** When the newest of them began; before all time when there is none. */
const newest = (certificates: readonly Certificate[]): number =>
  Math.max(...certificates.map(({ notBefore }) => notBefore));
