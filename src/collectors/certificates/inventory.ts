import type { Duration } from "../../core/duration.ts";
import type { CollectError } from "../../core/errors.ts";
import type { Finding } from "../../core/pack.ts";
import type { Certificate, FormatFault, RevocationList } from "./certificate.ts";

/**
 * Where certificates are stored, as the labels of x509-certificate-exporter have it; only those of the one kind are
 * there.
 * Source: https://github.com/enix/x509-certificate-exporter/blob/main/docs/metrics.md
 */
export type PlaceLabels = Readonly<Partial<Record<PlaceLabel, string>>>;

/**
 * Labels that say where a certificate was found. The last three are ours, for places that x509-certificate-exporter has
 * not.
 */
export const PLACE_LABELS = [
  "filename",
  "filepath",
  "embedded_kind",
  "embedded_key",
  "secret_namespace",
  "secret_name",
  "secret_key",
  "configmap_namespace",
  "configmap_name",
  "configmap_key",
  "cabundle_resource_kind",
  "cabundle_resource_name",
  "cabundle_entry",
  "endpoint",
  "url",
  "pki",
] as const;

/** One of {@link PLACE_LABELS}. */
export type PlaceLabel = (typeof PLACE_LABELS)[number];

/** Kinds of stores, the `source_kind` label; the first five are x509-certificate-exporter's. */
export const SOURCE_KINDS = [
  "file",
  "kubeconfig",
  "kube-secret",
  "kube-configmap",
  "kube-cabundle",
  "kube-certificate",
  "url",
  "vault-pki",
] as const;

/** One of {@link SOURCE_KINDS}. */
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** One addressable thing that holds certificates: a file, a key of a Secret, an issuer of Vault. */
export interface Bundle {
  readonly kind: SourceKind;
  readonly place: PlaceLabels;
  /** The place in words, such as `/etc/ssl/nas.pem` or `secret web/nas-tls, key tls.crt in cluster`. */
  readonly where: string;
  readonly certificates: readonly Certificate[];
  readonly revocationLists: readonly RevocationList[];
  readonly faults: readonly FormatFault[];
  /** When its manager means to renew it, in Unix seconds: cert-manager's `status.renewalTime`. */
  readonly renewalTime?: number;
  /** How long before the end of its leaves and authorities to warn, where the configuration says so. */
  readonly expiry?: ExpiryOverride;
}

/** How long before its end a certificate is late, instead of by its share of lifetime. */
export interface ExpiryOverride {
  readonly warningBefore?: Duration;
  readonly criticalBefore?: Duration;
}

/** What cert-manager says of one Certificate of its own. */
export interface ManagedCertificate {
  readonly namespace: string;
  readonly name: string;
  /** Of condition Ready; undefined when it is not told. */
  readonly ready?: boolean;
  /** Reason of condition Ready. */
  readonly reason: string;
  /** Unix seconds; absent when not told or 0. */
  readonly notAfter?: number;
  readonly renewalTime?: number;
  readonly failedAttempts: number;
  readonly issuerName: string;
  readonly issuerKind: string;
}

/** What one look at a source brought. */
export interface SourceReading {
  readonly bundles: readonly Bundle[];
  /** Pieces that could not be read while the rest could: a file without permission, a kind of object without right. */
  readonly missing: readonly { readonly piece: string; readonly error: CollectError }[];
  readonly managed?: readonly ManagedCertificate[];
}

/** One configured source of stored certificates, ready to be read. */
export interface StoredSource {
  /** Of its first bundle kind; the `source_kind` label of what is said of the source. */
  readonly kind: SourceKind;
  /** The `source_name` label; unique among the target's sources of its kind. */
  readonly name: string;
  /** How often it is read at pace 1; what it holds may make that less. */
  readonly every: Duration;
  /**
   * Reads everything. Throws `CollectError` when nothing could be read; the last reading then stands until it is stale.
   * What did not change is not parsed again.
   */
  read(signal: AbortSignal): Promise<SourceReading>;
  /** Looks which rights it has, and what each missing one hides; absent where {@link read} tells it all. */
  check?(signal: AbortSignal): Promise<readonly Finding[]>;
  close(): Promise<void>;
}
