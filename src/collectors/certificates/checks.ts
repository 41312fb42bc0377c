/**
 * Everything that is judged of what an endpoint serves, each by itself and with the reasons for which it can fail.
 * A check that could not be made (no OCSP answer was stapled, the revocation list could not be had) is absent.
 */
export const ENDPOINT_CHECKS = {
  hostname: {
    help: "the leaf was made for the name that is asked for",
    reasons: { wrong_name: "the leaf's names do not hold it", no_names: "the leaf has no subject alternative names" },
  },
  trust: {
    help: "a chain leads to an authority that is trusted here, whatever the dates",
    reasons: {
      self_signed: "the leaf signed itself and is not trusted here",
      unknown_authority: "the chain ends at an authority that is not trusted here",
      incomplete: "the server leaves out an intermediate certificate",
      bad_signature: "a signature in the chain is wrong",
      not_an_authority: "a certificate of the chain signed another without being an authority",
    },
  },
  validity: {
    help: "now is within the dates of every certificate of the verified chain",
    reasons: { expired: "one is over", not_yet_valid: "one is not valid yet" },
  },
  chain_complete: {
    help: "the served certificates lead to an authority without help from elsewhere",
    reasons: { incomplete: "an intermediate certificate is left out" },
  },
  chain_order: {
    help: "each served certificate signed the one before it, and none is there twice or for nothing",
    reasons: {
      misordered: "the order is another",
      duplicate: "one is there twice",
      unrelated: "one belongs to no other",
    },
  },
  key: {
    help: "every served key is strong enough",
    reasons: {
      weak_rsa: "RSA below 2048 bits",
      weak_ec: "a curve below 224 bits",
      weak_algorithm: "DSA or another that is no longer used",
    },
  },
  signature: {
    help: "every served signature, but that of a root, uses a hash that is not broken",
    reasons: { weak_md5: "MD2, MD4 or MD5", weak_sha1: "SHA-1" },
  },
  revocation_crl: {
    help: "the leaf is not on its authority's revocation list",
    reasons: { revoked: "it is on the list" },
  },
  revocation_ocsp: {
    help: "the stapled OCSP answer says good",
    reasons: {
      revoked: "it says revoked",
      unknown: "it says that it does not know the certificate",
      stale: "it is too old",
      invalid: "it can not be read or is not signed by the authority",
    },
  },
  protocol: {
    help: "the session uses TLS 1.2 or later",
    reasons: { old_version: "it uses an earlier version" },
  },
  cipher: {
    help: "the session's cipher is not known to be weak",
    reasons: {
      weak_cipher: "RC4, DES, 3DES, NULL, EXPORT or anonymous",
      no_forward_secrecy: "the key exchange has no forward secrecy",
    },
  },
  issuer_outlives: {
    help: "the authority that signed the leaf ends after it",
    reasons: { outlives_issuer: "the leaf ends after its authority" },
  },
  issuer_current: {
    help: "the leaf was signed by the newest key of its authority that is known here",
    reasons: { superseded_issuer: "the authority has a newer key" },
  },
  served_is_stored: {
    help: "the leaf is the newest one that is stored for it",
    reasons: { stored_is_newer: "a newer one is stored", stored_differs: "the named file holds another one" },
  },
} as const satisfies Record<string, { help: string; reasons: Readonly<Record<string, string>> }>;

/** One of the keys of {@link ENDPOINT_CHECKS}, the `check` label. */
export type EndpointCheck = keyof typeof ENDPOINT_CHECKS;

/** What is judged of stored certificates; the reasons are those of the same checks of endpoints. */
export const STORED_CHECKS = [
  "key",
  "signature",
  "issuer_outlives",
  "issuer_current",
] as const satisfies EndpointCheck[];

/** One judgement. */
export interface CheckResult {
  readonly check: EndpointCheck;
  readonly ok: boolean;
  /** One of the check's reasons; empty when ok. */
  readonly reason: string;
}

/** A check that passed. */
export const passed = (check: EndpointCheck): CheckResult => ({ check, ok: true, reason: "" });

/** A check that failed, and why. */
export const failed = <C extends EndpointCheck>(
  check: C,
  reason: keyof (typeof ENDPOINT_CHECKS)[C]["reasons"] & string,
): CheckResult => ({ check, ok: false, reason });
