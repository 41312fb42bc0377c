import { alert } from "../../../core/alert.ts";
import { minutes } from "../../../core/duration.ts";
import { greater } from "../../../core/promql.ts";
import { LATE_SHARE, leafSignals as signals, leavesEndingNow, leavesEndingSoon } from "../signals/leaves.ts";
import { renewalOverdue, SHARES } from "../signals/lifetime.ts";
import { NAME } from "./words.ts";

const LEFT = "share of the lifetime that is left";

/**
 * Probes of one address meet several servers where there is a load balancer: what one of them shows is not forgotten at
 * once.
 */
const UNTIL_SEEN_AGAIN = minutes(15);

/** Dates of leaves. The time for which a condition lasts is short, for it must suit a certificate of a day, too. */
export const leafAlerts = [
  alert({
    name: "CertificateExpired",
    severity: "critical",
    when: signals.leafSinceEnd.expr,
    for: minutes(1),
    keepFiringFor: UNTIL_SEEN_AGAIN,
    summary: ({ label, duration }) => `Certificate ${NAME}at ${label.location} (${label.target}) ended ${duration} ago`,
    description: () =>
      "Clients refuse whatever serves it. Renew it and have the server load the new one; where it is only a file that nobody uses, remove it.",
  }),
  alert({
    name: "CertificateExpiringCritical",
    severity: "critical",
    when: leavesEndingNow,
    threshold: { value: SHARES.critical, unit: "ratio", help: LEFT },
    for: minutes(2),
    keepFiringFor: UNTIL_SEEN_AGAIN,
    summary: ({ label, duration }) => `Certificate ${NAME}at ${label.location} (${label.target}) ends in ${duration}`,
    description: ({ threshold }) =>
      `Less than ${threshold} of its lifetime, or the time that the configuration gives it, is left. Renewal should have replaced it long ago: renew it by hand now, then find out why.`,
  }),
  alert({
    name: "CertificateExpiringSoon",
    severity: "warning",
    when: leavesEndingSoon,
    threshold: { value: SHARES.warning, unit: "ratio", help: LEFT },
    for: minutes(2),
    keepFiringFor: UNTIL_SEEN_AGAIN,
    summary: ({ label, duration }) => `Certificate ${NAME}at ${label.location} (${label.target}) ends in ${duration}`,
    description: ({ threshold }) =>
      `Less than ${threshold} of its lifetime, or the time that the configuration gives it, is left. One that is renewed by itself should have been by now; any other wants to be renewed by you.`,
  }),
  alert({
    name: "CertificateRenewalOverdue",
    severity: "warning",
    when: renewalOverdue,
    threshold: { value: LATE_SHARE, unit: "ratio", help: "share of the lifetime by which the renewal is late" },
    for: minutes(2),
    keepFiringFor: UNTIL_SEEN_AGAIN,
    summary: ({ label, duration }) =>
      `Certificate ${NAME}at ${label.location} (${label.target}) should have been renewed ${duration} ago`,
    description: () =>
      "The time that its authority or cert-manager names for the renewal, or else two thirds of its lifetime, has passed and it is still the same. Renewal fails or does not run; it is valid yet.",
  }),
  alert({
    name: "CertificateNotYetValid",
    severity: "critical",
    when: greater(signals.leafUntilBegin.expr, 0),
    for: minutes(10),
    summary: ({ label, duration }) =>
      `Certificate ${NAME}at ${label.location} (${label.target}) is not valid before ${duration} from now`,
    description: () =>
      "Clients refuse whatever serves it until then. The clock of the machine that made it is ahead, or this one's is behind, or it was put in place too early.",
  }),
];
