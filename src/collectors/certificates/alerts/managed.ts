import { alert } from "../../../core/alert.ts";
import { minutes } from "../../../core/duration.ts";
import { equal, greater } from "../../../core/promql.ts";
import { managedSignals as signals, MISSED_SHARE, renewalMissed } from "../signals/managed.ts";

/** cert-manager's Certificates. */
export const managedAlerts = [
  alert({
    name: "CertificateManagedIssuanceFailing",
    severity: "warning",
    when: greater(signals.managedFailures.expr, 0),
    for: minutes(5),
    summary: ({ label, value }) =>
      `cert-manager failed to issue ${label.namespace}/${label.name} (${label.target}) ${value} times`,
    description: ({ label }) =>
      `Each failure doubles the wait for the next attempt, up to 32 hours, which a certificate of a day or a week does not survive. Its issuer is ${label.issuer_kind} ${label.issuer_name}.`,
  }),
  alert({
    name: "CertificateManagedNotReady",
    severity: "warning",
    when: equal(signals.managedReady.expr, 0),
    for: minutes(10),
    summary: ({ label }) =>
      `Certificate ${label.namespace}/${label.name} of cert-manager (${label.target}) is not ready`,
    description: ({ label }) =>
      `Its Secret is missing, ended, or not as the Certificate asks for. Its issuer is ${label.issuer_kind} ${label.issuer_name}.`,
  }),
  alert({
    name: "CertificateManagedRenewalMissed",
    severity: "warning",
    when: renewalMissed,
    threshold: {
      value: MISSED_SHARE,
      unit: "ratio",
      help: "share of the time between renewal and end by which the renewal is late",
    },
    for: minutes(10),
    summary: ({ label, duration }) =>
      `cert-manager should have renewed ${label.namespace}/${label.name} (${label.target}) ${duration} ago`,
    description: ({ label }) =>
      `Its renewal time has passed and nothing new came. cert-manager does not run or waits for its issuer, ${label.issuer_kind} ${label.issuer_name}.`,
  }),
];
