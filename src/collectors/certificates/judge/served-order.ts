import type { Certificate } from "../certificate.ts";
import { failed, passed, type CheckResult } from "../checks.ts";
import type { Chain } from "./chain.ts";
import { mayHaveIssued } from "./issuance.ts";

/** More are judged by the first ones only: no honest server shows so many. */
const MAX_JUDGED = 100;

/**
 * The check `chain_order` (RFC 8446 section 4.4.2): what breaks clients comes first, then what is of no use. A root at
 * the end is allowed, and so are several certificates that signed the same one, as cross-signed authorities have them.
 * When some could not be read nothing can be told of what seems to belong to none.
 */
export function orderCheck(all: Chain, allRead: boolean): CheckResult | undefined {
  const served = unique(all.slice(0, MAX_JUDGED));
  const related = relatedTo(served);
  if (isMisordered(served.filter((certificate) => related.has(certificate))))
    return failed("chain_order", "misordered");
  if (related.size < served.length) return allRead ? failed("chain_order", "unrelated") : undefined;
  if (served.length < Math.min(all.length, MAX_JUDGED)) return failed("chain_order", "duplicate");
  return passed("chain_order");
}

const unique = (served: Chain): Chain => [
  ...new Map(served.map((certificate) => [certificate.fingerprint, certificate])).values(),
];

/** The leaf and all that signed it, directly or not. */
function relatedTo(served: Chain): ReadonlySet<Certificate> {
  const related = new Set(served.slice(0, 1));
  // A set that grows while it is walked over is walked over to its new end.
  for (const child of related) for (const issuer of served) if (mayHaveIssued(issuer, child)) related.add(issuer);
  return related;
}

/** Each one after the leaf has to have signed one that stands before it. */
const isMisordered = (served: Chain): boolean =>
  served.some((issuer, i) => i > 0 && !served.slice(0, i).some((child) => mayHaveIssued(issuer, child)));
