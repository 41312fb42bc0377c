import { alert } from "../../../core/alert.ts";
import { minutes } from "../../../core/duration.ts";
import { equal } from "../../../core/promql.ts";
import { checkSignals as signals } from "../signals/checks.ts";
import { NAME, reasonOf } from "./words.ts";

/** What is wrong with certificates themselves, whether served or stored. */
export const checkAlerts = [
  alert({
    name: "CertificateWeakKey",
    severity: "warning",
    when: equal(signals.key.expr, 0),
    for: minutes(10),
    summary: ({ label }) => `Weak key of certificate ${NAME}at ${label.location} (${label.target}): ${reasonOf("key")}`,
    description: () => "Its key can be found with means that many have. Have a new one issued for a stronger key.",
  }),
  alert({
    name: "CertificateWeakSignature",
    severity: "warning",
    when: equal(signals.signature.expr, 0),
    for: minutes(10),
    summary: ({ label }) =>
      `Weak signature on certificate ${NAME}at ${label.location} (${label.target}): ${reasonOf("signature")}`,
    description: () =>
      "A certificate with the same signature can be forged, so clients refuse it. Have it issued anew by an authority that signs with SHA-256 or better.",
  }),
  alert({
    name: "CertificateOutlivesAuthority",
    severity: "warning",
    when: equal(signals.issuerOutlives.expr, 0),
    for: minutes(10),
    summary: ({ label }) => `Certificate ${NAME}at ${label.location} (${label.target}) outlives its authority`,
    description: () =>
      "From the day on which the authority ends it is refused, whatever its own date says, and nothing will renew it before. Replace the authority first, then issue it anew.",
  }),
  alert({
    name: "CertificateIssuerSuperseded",
    severity: "warning",
    when: equal(signals.issuerCurrent.expr, 0),
    for: minutes(10),
    summary: ({ label }) =>
      `Certificate ${NAME}at ${label.location} (${label.target}) is signed by a key that its authority replaced`,
    description: () =>
      "The authority has a newer key of the same name. Once the old one leaves the trust stores, or ends, this certificate is refused: issue it anew.",
  }),
];
