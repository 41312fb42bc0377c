import { alert } from "../../../core/alert.ts";
import { minutes } from "../../../core/duration.ts";
import { LIST_SHARE, listsEndingSoon, listSignals as signals } from "../signals/lists.ts";

const ISSUER = "{{ with $labels.issuer_CN }}{{ . }}{{ else }}{{ $labels.issuer_O }}{{ end }}";

/** Revocation lists. */
export const listAlerts = [
  alert({
    name: "CertificateCrlOverdue",
    severity: "critical",
    when: signals.listOverdue.expr,
    for: minutes(5),
    summary: ({ label, duration }) =>
      `The revocation list of ${ISSUER} at ${label.location} (${label.target}) is ${duration} too old`,
    description: () =>
      "What checks revocation (VPNs, mutual TLS, Windows logins) may refuse every certificate of the authority, and what does not is blind to new revocations.",
  }),
  alert({
    name: "CertificateCrlExpiringSoon",
    severity: "warning",
    when: listsEndingSoon,
    threshold: { value: LIST_SHARE, unit: "ratio", help: "share of the time between two lists that is left" },
    for: minutes(1),
    summary: ({ label, duration }) =>
      `The revocation list of ${ISSUER} at ${label.location} (${label.target}) ends in ${duration}`,
    description: ({ threshold }) =>
      `Less than ${threshold} of the time for which it was made is left and the next one is not here. The authority makes none, or it does not come to this place. A negative time means that it has ended.`,
  }),
];
