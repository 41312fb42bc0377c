import { days, inSeconds, type Duration } from "../../../core/duration.ts";
import {
  and,
  greater,
  less,
  multiply,
  or,
  scalarMinus,
  select,
  subtract,
  time,
  unless,
  type Where,
} from "../../../core/promql.ts";
import type { CertificateRole } from "../certificate.ts";
import { certificates } from "../metrics.ts";

/** How bad it is that a certificate ends soon. */
type Lateness = "warning" | "critical";

/** Share of its lifetime below which a certificate ends soon. */
export const SHARES: Readonly<Record<Lateness, number>> = { warning: 0.25, critical: 0.1 };

/** However long a certificate lives, it does not end soon while more than this is left. */
const FLOORS: Readonly<Record<Lateness, Readonly<Record<CertificateRole, Duration>>>> = {
  warning: { leaf: days(30), intermediate: days(60), root: days(365) },
  critical: { leaf: days(14), intermediate: days(30), root: days(180) },
};

const OVERRIDES = { warning: certificates.warningBefore, critical: certificates.criticalBefore };

/** A role, or which ones. */
type Roles = CertificateRole | readonly ["!=", CertificateRole];

/** Seconds until certificates of a role end. */
export const timeLeft = (role: Roles, where: Where<"endpoint"> = {}) =>
  subtract(select(certificates.notAfter, { role, ...where }), time());

/** Seconds since certificates of a role began to be valid; negative before. */
export const timeSinceBegin = (role: Roles, where: Where<"endpoint"> = {}) =>
  scalarMinus(time(), select(certificates.notBefore, { role, ...where }));

/** Seconds since certificates of a role ended; negative before. */
export const timeSinceEnd = (role: Roles) => scalarMinus(time(), select(certificates.notAfter, { role }));

/** Seconds from the beginning of certificates of a role to their end. */
export const lifetime = (role: Roles) =>
  subtract(select(certificates.notAfter, { role }), select(certificates.notBefore, { role }));

/** Which certificates are asked for by {@link endingSoon}, and how late they are. */
interface Ending {
  readonly lateness: Lateness;
  /** Those that the floors are taken of, and the same for a selector. */
  readonly roles: readonly [CertificateRole, ...CertificateRole[]];
  readonly chosen: Roles;
}

/**
 * Time left of the certificates of which less than this share of their lifetime, and less than the floor, is left;
 * where the configuration says how long before the end it is late, that alone counts.
 */
export function endingSoon({ lateness, roles, chosen }: Ending, share: number) {
  const [first, ...others] = roles.map((role) => less(timeLeft(role), inSeconds(FLOORS[lateness][role])));
  const belowFloor = others.reduce((all, each) => or(all, each), first ?? timeLeft(chosen));
  const byShare = and(belowFloor, less(timeLeft(chosen), multiply(lifetime(chosen), share)));
  const override = select(OVERRIDES[lateness]);
  return or(unless(byShare, override), less(timeLeft(chosen), override));
}

/** What a renewal may be late at the least, in seconds: programs that renew look once or twice in an hour or a day. */
const LEAST_LATE = 3_600;

/**
 * How long ago leaves should have been renewed, where that is more than an hour and than this share of their lifetime.
 */
export const renewalOverdue = (share: number) => {
  const late = scalarMinus(time(), select(certificates.renewal, { role: "leaf" }));
  return and(greater(late, LEAST_LATE), greater(late, multiply(lifetime("leaf"), share)));
};
