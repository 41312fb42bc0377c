import { alert } from "../../../core/alert.ts";
import { minutes } from "../../../core/duration.ts";
import { authoritiesEndingNow, authoritiesEndingSoon, authoritySignals as signals } from "../signals/authorities.ts";
import { SHARES } from "../signals/lifetime.ts";
import { AUTHORITY } from "./words.ts";

const LEFT = "share of the lifetime that is left";

/** Dates of authorities' certificates, once for each however many places hold it. */
export const authorityAlerts = [
  alert({
    name: "CertificateAuthorityExpired",
    severity: "critical",
    when: signals.authoritySinceEnd.expr,
    for: minutes(1),
    summary: ({ label, duration }) => `Authority ${AUTHORITY} of ${label.target} ended ${duration} ago`,
    description: () =>
      "Something that has not ended itself names it as its issuer, and nothing newer has its name: clients refuse all that it signed, whatever their own dates.",
  }),
  alert({
    name: "CertificateAuthorityExpiringCritical",
    severity: "critical",
    when: authoritiesEndingNow,
    threshold: { value: SHARES.critical, unit: "ratio", help: LEFT },
    for: minutes(5),
    summary: ({ label, duration }) => `Authority ${AUTHORITY} of ${label.target} ends in ${duration}`,
    description: ({ threshold }) =>
      `Less than ${threshold} of its lifetime, or the time that the configuration gives it, is left, and it is in use. A new one must reach every trust store, and sign everything anew, before that day.`,
  }),
  alert({
    name: "CertificateAuthorityExpiringSoon",
    severity: "warning",
    when: authoritiesEndingSoon,
    threshold: { value: SHARES.warning, unit: "ratio", help: LEFT },
    for: minutes(10),
    summary: ({ label, duration }) =>
      `Authority ${AUTHORITY} of ${label.target} {{ if lt $value 0.0 }}has ended and is still kept{{ else }}ends in ${duration}{{ end }}`,
    description: ({ threshold }) =>
      `Less than ${threshold} of its lifetime, or the time that the configuration gives it, is left. No tool replaces an authority by itself: plan its successor. One that has ended and is told of here is no authority that anything found depends on: remove it.`,
  }),
];
