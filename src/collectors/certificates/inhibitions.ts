import type { Inhibition } from "../../core/pack.ts";
import { certificatesPart, endpointsPart } from "./parts.ts";

/** What tells one certificate in one place. */
const ofCertificate = ["target", "location", "serial_number", "discriminator"];
const ofAuthority = ["target", "subject_CN", "issuer_CN", "serial_number", "role"];
const ofEndpoint = ["target", "endpoint"];
/** Of the part that reads the place that is down, and of no other. */
const UNREAD = ["WatchkeeperPartFailing", "WatchkeeperPartIncomplete", "WatchkeeperPartNeverRead"];

/** What says nothing new while another alert about certificates fires. */
export const certificateInhibitions: readonly Inhibition[] = [
  {
    by: "CertificateExpired",
    silences: ["CertificateExpiringCritical", "CertificateExpiringSoon", "CertificateRenewalOverdue"],
    equal: ofCertificate,
    because: "What has ended does not end soon any more.",
  },
  {
    by: "CertificateExpiringCritical",
    silences: ["CertificateExpiringSoon", "CertificateRenewalOverdue"],
    equal: ofCertificate,
    because: "The critical alert tells that there is less time than the warnings do.",
  },
  {
    by: "CertificateAuthorityExpired",
    silences: ["CertificateAuthorityExpiringCritical", "CertificateAuthorityExpiringSoon"],
    equal: ofAuthority,
    because: "An authority that has ended does not end soon any more.",
  },
  {
    by: "CertificateAuthorityExpiringCritical",
    silences: ["CertificateAuthorityExpiringSoon"],
    equal: ofAuthority,
    because: "The critical alert tells that there is less time than the warning does.",
  },
  {
    by: "CertificateAuthorityExpired",
    silences: ["CertificateChainExpired"],
    equal: ["target"],
    because: "The authority is told of once, and not once more for each endpoint that serves what it signed.",
  },
  {
    by: "CertificateEndpointDown",
    silences: [
      "CertificateChainExpired",
      "CertificateChainIncomplete",
      "CertificateChainOrder",
      "CertificateHostnameMismatch",
      "CertificateIssuerSuperseded",
      "CertificateOcspUnusable",
      "CertificateOldTls",
      "CertificateOutlivesAuthority",
      "CertificateRenewedNotServed",
      "CertificateUntrusted",
      "CertificateWeakCipher",
      "CertificateWeakKey",
      "CertificateWeakSignature",
    ],
    equal: ofEndpoint,
    because: "What an endpoint served before it went down may have been put right meanwhile.",
  },
  {
    by: "CertificateEndpointDown",
    silences: UNREAD,
    having: { part: endpointsPart.id },
    equal: ["target"],
    because: "What can not be read is the endpoint that is down.",
  },
  {
    by: "CertificateSourceDown",
    silences: UNREAD,
    having: { part: certificatesPart.id },
    equal: ["target"],
    because: "What can not be read is the source that is down.",
  },
  {
    by: "CertificateSourceDown",
    silences: ["CertificateSourceErrors"],
    equal: ["target", "source_kind", "source_name"],
    because: "A source of which nothing can be read has that as its error.",
  },
  {
    by: "CertificateSourceErrors",
    silences: ["WatchkeeperPartIncomplete"],
    equal: ["target"],
    because: "The pieces that can not be read are those that were counted as errors of the source.",
  },
  {
    by: "CertificateUntrusted",
    silences: ["CertificateChainIncomplete"],
    equal: ofEndpoint,
    because: "A chain that leads nowhere is told with its reason already.",
  },
  {
    by: "CertificateCrlOverdue",
    silences: ["CertificateCrlExpiringSoon"],
    equal: ["target", "location", "issuer_CN", "crl_number", "discriminator"],
    because: "A list that is overdue does not end soon any more.",
  },
  {
    by: "CertificateManagedIssuanceFailing",
    silences: ["CertificateManagedNotReady", "CertificateManagedRenewalMissed"],
    equal: ["target", "namespace", "name"],
    because: "A Certificate that can not be issued is not ready and not renewed for that reason.",
  },
];
