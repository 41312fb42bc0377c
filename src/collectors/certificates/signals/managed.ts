import { and, greater, max, min, multiply, scalarMinus, select, subtract, time } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { certificates } from "../metrics.ts";

/** cert-manager's own series have the same names, and no target. */
const OURS = { target: ["!=", ""] } as const;
const MANAGED = ["target", "namespace", "name", "issuer_name", "issuer_kind"] as const;

const renewal = min(select(certificates.managedRenewal, OURS), { by: MANAGED });
const expiry = min(select(certificates.managedExpiry, OURS), { by: MANAGED });

/** Share of the time between renewal and end: with renewal at two thirds, a twentieth of the lifetime. */
export const MISSED_SHARE = 0.15;
const LEAST_LATE = 3_600;

/**
 * How long ago cert-manager meant to renew, where that is more than an hour and than this share of the time up to the
 * end.
 */
export const renewalMissed = (share: number) => {
  const late = scalarMinus(time(), renewal);
  return and(greater(late, LEAST_LATE), greater(late, multiply(subtract(expiry, renewal), share)));
};

/** What can be asked of cert-manager's Certificates. */
export const managedSignals = {
  managedReady: signal({
    title: "Certificates of cert-manager that are ready",
    help: "0 for one that is not there, not valid or not as it was asked for.",
    unit: "boolean",
    expr: max(select(certificates.managedReady, { ...OURS, condition: "True" }), { by: MANAGED }),
  }),
  managedFailures: signal({
    title: "Failed attempts to issue",
    help: "Since the last success; each one doubles the wait for the next, up to 32 hours.",
    unit: "none",
    expr: max(select(certificates.managedFailures, OURS), { by: MANAGED }),
  }),
  managedMissed: signal({
    title: "Renewals that cert-manager missed",
    help: "How long ago each was due.",
    unit: "seconds",
    expr: renewalMissed(MISSED_SHARE),
  }),
  managedRenewal: signal({
    title: "Renewal",
    help: "When cert-manager means to renew.",
    unit: "timestamp",
    expr: renewal,
  }),
  managedExpiry: signal({ title: "Ends", help: "When the certificate ends.", unit: "timestamp", expr: expiry }),
};
