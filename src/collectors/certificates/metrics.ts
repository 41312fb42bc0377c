import { counter, gauge, info } from "../../core/metric.ts";
import { NAME_PARTS } from "./certificate.ts";
import { PLACE_LABELS } from "./inventory.ts";

/** Labels of the issuer's name. */
export const ISSUER_LABELS = NAME_PARTS.map((part) => `issuer_${part}` as const);
/** Labels of the subject's name. */
export const SUBJECT_LABELS = NAME_PARTS.map((part) => `subject_${part}` as const);

/**
 * Labels of every series of one certificate, those of x509-certificate-exporter first; what does not apply is empty,
 * which Prometheus takes for absent. `location` is the place in words; `discriminator` tells two apart that else have
 * the same labels.
 */
export const CERTIFICATE_LABELS = [
  "serial_number",
  ...SUBJECT_LABELS,
  ...ISSUER_LABELS,
  ...PLACE_LABELS,
  "discriminator",
  "location",
  "role",
] as const;

/** Labels of every series of one revocation list. */
export const CRL_LABELS = [...ISSUER_LABELS, ...PLACE_LABELS, "crl_number", "discriminator", "location"] as const;

/** Every certificate that was found, served or stored. */
export const certificates = {
  notAfter: gauge("x509_cert_not_after", {
    help: "When the certificate ends.",
    unit: "timestamp",
    labels: CERTIFICATE_LABELS,
  }),
  notBefore: gauge("x509_cert_not_before", {
    help: "When the certificate began to be valid.",
    unit: "timestamp",
    labels: CERTIFICATE_LABELS,
  }),
  expired: gauge("x509_cert_expired", {
    help: "Whether the certificate has ended.",
    unit: "boolean",
    labels: CERTIFICATE_LABELS,
  }),
  renewal: gauge("x509_cert_renewal_timestamp_seconds", {
    help: "When the leaf should be renewed: the end of the window that its ACME authority suggests, else cert-manager's renewal time, else two thirds of its lifetime; absent for leaves of more than 200 days of which neither is known.",
    unit: "timestamp",
    labels: CERTIFICATE_LABELS,
  }),
  warningBefore: gauge("x509_cert_warning_before_seconds", {
    help: "How long before its end the certificate is a warning, where the configuration says so.",
    unit: "seconds",
    labels: CERTIFICATE_LABELS,
  }),
  criticalBefore: gauge("x509_cert_critical_before_seconds", {
    help: "How long before its end the certificate is critical, where the configuration says so.",
    unit: "seconds",
    labels: CERTIFICATE_LABELS,
  }),
  check: gauge("x509_cert_check_success", {
    help: "Whether the stored certificate passes the check; `reason` tells why not. Absent where it could not be made.",
    unit: "boolean",
    labels: [...CERTIFICATE_LABELS, "check", "reason"],
  }),
  info: info("x509_cert_info", {
    help: "Fingerprint, key and signature of the certificate.",
    labels: [...CERTIFICATE_LABELS, "fingerprint_sha256", "key_algorithm", "key_bits", "signature_algorithm"],
  }),
  crlThisUpdate: gauge("x509_crl_this_update", {
    help: "When the revocation list was made.",
    unit: "timestamp",
    labels: CRL_LABELS,
  }),
  crlNextUpdate: gauge("x509_crl_next_update", {
    help: "When the next revocation list is due; after it clients may refuse the authority's certificates.",
    unit: "timestamp",
    labels: CRL_LABELS,
  }),
  crlNumber: gauge("x509_crl_number", { help: "Number of the revocation list.", labels: CRL_LABELS }),
  crlStale: gauge("x509_crl_stale", {
    help: "Whether the next revocation list is overdue.",
    unit: "boolean",
    labels: CRL_LABELS,
  }),
  crlRevoked: gauge("x509_crl_revoked_certificates", {
    help: "How many certificates the revocation list holds.",
    labels: CRL_LABELS,
  }),
  sourceUp: gauge("x509_source_up", {
    help: "Whether the newest look at the source of certificates brought something; absent before the first one.",
    unit: "boolean",
    labels: ["source_kind", "source_name"],
  }),
  sourceBundles: gauge("x509_source_bundles", {
    help: "How many files, keys of Secrets or other things with certificates the source holds.",
    labels: ["source_kind", "source_name"],
  }),
  sourceErrors: counter("x509_source_errors_total", {
    help: "What could not be read of the source, by reason.",
    labels: ["source_kind", "source_name", "reason"],
  }),
  managedReady: gauge("certmanager_certificate_ready_status", {
    help: "Whether the Certificate of cert-manager is ready: 1 for the condition it is in, 0 for the others.",
    unit: "boolean",
    labels: ["source_name", "name", "namespace", "condition", "issuer_name", "issuer_kind"],
  }),
  managedExpiry: gauge("certmanager_certificate_expiration_timestamp_seconds", {
    help: "When the certificate of the Certificate ends.",
    unit: "timestamp",
    labels: ["source_name", "name", "namespace", "issuer_name", "issuer_kind"],
  }),
  managedRenewal: gauge("certmanager_certificate_renewal_timestamp_seconds", {
    help: "When cert-manager means to renew the Certificate.",
    unit: "timestamp",
    labels: ["source_name", "name", "namespace", "issuer_name", "issuer_kind"],
  }),
  managedFailures: gauge("certmanager_certificate_failed_issuance_attempts", {
    help: "Attempts to issue the Certificate that failed since the last success; each one doubles the wait for the next, up to 32 hours.",
    labels: ["source_name", "name", "namespace", "issuer_name", "issuer_kind"],
  }),
};

/** What endpoints serve; names and meaning are blackbox_exporter's where it has them. */
export const endpoints = {
  success: gauge("probe_success", {
    help: "Whether a TLS session came about, trusted or not; absent before the first probe.",
    unit: "boolean",
    labels: ["endpoint"],
  }),
  failure: info("probe_failure_info", {
    help: "Why no TLS session came about; absent while there is one.",
    labels: ["endpoint", "reason"],
  }),
  duration: gauge("probe_duration_seconds", {
    help: "How long the newest probe took, whether it succeeded or not.",
    unit: "seconds",
    labels: ["endpoint"],
  }),
  dns: gauge("probe_dns_lookup_time_seconds", {
    help: "How long the host name took to be resolved.",
    unit: "seconds",
    labels: ["endpoint"],
  }),
  ipProtocol: gauge("probe_ip_protocol", {
    help: "Version of the Internet protocol by which the endpoint was reached, 4 or 6.",
    labels: ["endpoint"],
  }),
  earliestExpiry: gauge("probe_ssl_earliest_cert_expiry", {
    help: "When the first of the served certificates ends.",
    unit: "timestamp",
    labels: ["endpoint"],
  }),
  lastChainExpiry: gauge("probe_ssl_last_chain_expiry_timestamp_seconds", {
    help: "When the verified chain that lasts longest ends; absent where none leads to a trusted authority.",
    unit: "timestamp",
    labels: ["endpoint"],
  }),
  lastChainInfo: info("probe_ssl_last_chain_info", {
    help: "The leaf of the served certificates.",
    labels: ["endpoint", "fingerprint_sha256", "subject", "issuer", "subjectalternative", "serialnumber"],
  }),
  tlsVersion: info("probe_tls_version_info", {
    help: "The TLS version of the session.",
    labels: ["endpoint", "version"],
  }),
  tlsCipher: info("probe_tls_cipher_info", {
    help: "The cipher of the session.",
    labels: ["endpoint", "cipher"],
  }),
  check: gauge("probe_tls_check_success", {
    help: "Whether what the endpoint serves passes the check; `reason` tells why not. Absent where it could not be made.",
    unit: "boolean",
    labels: ["endpoint", "check", "reason"],
  }),
};
