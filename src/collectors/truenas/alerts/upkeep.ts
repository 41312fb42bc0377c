import { alert } from "../../../core/alert.ts";
import { days, hours, inSeconds, minutes, seconds } from "../../../core/duration.ts";
import { equal, greater } from "../../../core/promql.ts";
import { nativeSignals } from "../signals/native.ts";
import { certificatesEndingIn, keysEndingIn, updateWaitingFor, upkeepSignals as signals } from "../signals/upkeep.ts";

/** The certificate that the server shows is known without a name. */
const CERTIFICATE = "{{ with $labels.certificate }}{{ . }} {{ end }}";

/** Conditions of apps, and those that come with time. */
export const upkeepAlerts = [
  alert({
    name: "TrueNasAppCrashed",
    severity: "warning",
    when: equal(signals.appCrashed.expr, 1),
    for: minutes(5),
    keepFiringFor: minutes(15),
    summary: ({ label }) => `App ${label.app} of ${label.target} has crashed`,
    description: () => "One of its containers ended by itself and was not brought back.",
  }),
  alert({
    name: "TrueNasUpgradeRemovesApi",
    severity: "warning",
    when: equal(signals.upgradeRemoves.expr, 1),
    for: minutes(15),
    keepFiringFor: hours(1),
    summary: ({ label }) =>
      `TrueNAS ${label.version} has no API ${label.api}, and ${label.used_by} of ${label.target} uses it`,
    description: () =>
      "If that release is only offered, do not update to it before what uses the API was moved to the new one. A storage driver without its API can make, mount and delete no volumes.",
  }),
  alert({
    name: "TrueNasRestClients",
    severity: "info",
    when: equal(nativeSignals.restClients.expr, 1),
    for: hours(1),
    keepFiringFor: hours(6),
    summary: ({ label }) => `Somebody uses the REST API of ${label.target}`,
    description: () => "TrueNAS 26 no longer has it: what calls it fails after that update.",
  }),
  alert({
    name: "TrueNasUpdateAvailable",
    severity: "info",
    when: (span) => greater(updateWaitingFor(seconds(span)), 0),
    threshold: {
      value: inSeconds(days(14)),
      unit: "seconds",
      help: "time in which an update was offered without a break",
    },
    for: hours(1),
    keepFiringFor: hours(6),
    summary: ({ label, threshold }) =>
      `TrueNAS ${label.target} has not been updated for ${threshold}: ${label.version} is offered`,
    description: () => "Updates of security may be among what waits.",
  }),
  alert({
    name: "TrueNasCertificateExpiring",
    severity: "warning",
    when: certificatesEndingIn,
    threshold: { value: inSeconds(days(21)), unit: "seconds", help: "time until the certificate ends" },
    for: hours(1),
    keepFiringFor: hours(2),
    summary: ({ label, duration }) => `The certificate ${CERTIFICATE}of ${label.target} ends in ${duration}`,
    description: () =>
      "After that browsers and programs refuse the service that shows it. A negative time means that it has ended.",
  }),
  alert({
    name: "TrueNasApiKeyExpiring",
    severity: "warning",
    when: keysEndingIn,
    threshold: { value: inSeconds(days(21)), unit: "seconds", help: "time until the API key ends" },
    for: hours(1),
    keepFiringFor: hours(2),
    summary: ({ label, duration }) =>
      `API key ${label.key} of user ${label.username} of ${label.target} ends in ${duration}`,
    description: () =>
      "What logs in with it is refused after that; it may be Watchkeeper itself. A negative time means that it has ended.",
  }),
  alert({
    name: "TrueNasApiKeyRevoked",
    severity: "warning",
    when: equal(signals.keyRevoked.expr, 1),
    for: minutes(0),
    keepFiringFor: minutes(30),
    summary: ({ label }) => `API key ${label.key} of user ${label.username} of ${label.target} was revoked`,
    description: () =>
      "It was sent over an unencrypted connection, so others may have read it. What uses it is refused since then.",
  }),
];
