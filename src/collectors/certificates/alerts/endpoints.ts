import { alert } from "../../../core/alert.ts";
import { minutes } from "../../../core/duration.ts";
import { equal } from "../../../core/promql.ts";
import {
  chainExpired,
  endpointDown,
  endpointSignals as signals,
  renewedNotServed,
  revoked,
  stapledUseless,
} from "../signals/endpoints.ts";
import { reasonOf } from "./words.ts";

/** What is served, and how. */
export const endpointAlerts = [
  alert({
    name: "CertificateEndpointDown",
    severity: "warning",
    when: endpointDown,
    for: minutes(10),
    summary: ({ label }) => `No TLS session with ${label.endpoint} (${label.target}): ${label.reason}`,
    description: () =>
      "What it serves is not known any more, so its other alerts go by what it served last and then fall silent. Clients of it may fail as well.",
  }),
  alert({
    name: "CertificateRevoked",
    severity: "critical",
    when: revoked,
    for: minutes(1),
    summary: ({ label }) => `${label.endpoint} (${label.target}) serves a certificate that was revoked`,
    description: ({ label }) =>
      `Its authority has withdrawn it (${label.check}): browsers refuse it, and its key may be in other hands. Have a new one issued for a new key.`,
  }),
  alert({
    name: "CertificateChainExpired",
    severity: "critical",
    when: chainExpired,
    for: minutes(1),
    summary: ({ label }) =>
      `${label.endpoint} (${label.target}) serves a certificate whose authority ended or is not valid yet`,
    description: () =>
      "The certificate is within its dates, an authority between it and the trusted one, or that one itself, is not: clients refuse it. Have the server send the authority's newer certificate, or replace the authority.",
  }),
  alert({
    name: "CertificateUntrusted",
    severity: "warning",
    when: equal(signals.trust.expr, 0),
    for: minutes(10),
    summary: ({ label }) => `${label.endpoint} (${label.target}) is not trusted: ${reasonOf("trust")}`,
    description: () =>
      "Clients that trust the same authorities refuse it. If it is signed by an authority of your own, name that in `ca_file` of the endpoint.",
  }),
  alert({
    name: "CertificateHostnameMismatch",
    severity: "warning",
    when: equal(signals.hostname.expr, 0),
    for: minutes(10),
    summary: ({ label }) =>
      `${label.endpoint} (${label.target}) serves a certificate of another name: ${reasonOf("hostname")}`,
    description: () =>
      "Clients that ask for this name refuse it. Another virtual host answers, or the certificate was made without the name; `server_name` says which one is asked for.",
  }),
  alert({
    name: "CertificateRenewedNotServed",
    severity: "warning",
    when: renewedNotServed,
    for: minutes(10),
    summary: ({ label }) =>
      `${label.endpoint} (${label.target}) serves an old certificate: ${reasonOf("served_is_stored")}`,
    description: () =>
      "It was renewed and the server still shows the one before, which ends sooner. Reload the server, then see to it that a renewal does so by itself.",
  }),
  alert({
    name: "CertificateChainIncomplete",
    severity: "warning",
    when: equal(signals.chainComplete.expr, 0),
    for: minutes(10),
    summary: ({ label }) => `${label.endpoint} (${label.target}) leaves out an intermediate certificate`,
    description: () =>
      "Browsers that know it from elsewhere go on, while programs, phones and other servers refuse the connection. Have the server send its certificate with the chain.",
  }),
  alert({
    name: "CertificateChainOrder",
    severity: "info",
    when: equal(signals.chainOrder.expr, 0),
    for: minutes(10),
    summary: ({ label }) =>
      `The chain of ${label.endpoint} (${label.target}) is not in order: ${reasonOf("chain_order")}`,
    description: () =>
      "Most clients put up with it, some old or small ones do not, and each handshake carries more than it must.",
  }),
  alert({
    name: "CertificateOcspUnusable",
    severity: "warning",
    when: stapledUseless,
    for: minutes(10),
    summary: ({ label }) =>
      `The OCSP answer that ${label.endpoint} (${label.target}) staples is of no use: ${reasonOf("revocation_ocsp")}`,
    description: () =>
      "Browsers refuse a certificate that demands an answer, and others ask the authority themselves. The server can not fetch a new one, or keeps an old one in its cache.",
  }),
  alert({
    name: "CertificateOldTls",
    severity: "warning",
    when: equal(signals.protocol.expr, 0),
    for: minutes(10),
    summary: ({ label }) => `${label.endpoint} (${label.target}) uses a TLS version before 1.2`,
    description: () =>
      "It agreed to nothing newer though Watchkeeper offers all. Current clients refuse such a session, and what it carries is not safe.",
  }),
  alert({
    name: "CertificateWeakCipher",
    severity: "warning",
    when: equal(signals.cipher.expr, 0),
    for: minutes(10),
    summary: ({ label }) => `${label.endpoint} (${label.target}) uses a weak cipher: ${reasonOf("cipher")}`,
    description: () =>
      "It chose this one though Watchkeeper offers better ones. What was recorded can be read by whoever breaks the cipher or gets the key.",
  }),
];
