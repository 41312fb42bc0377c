import { DEFAULT_CIPHERS, type SecureVersion } from "node:tls";

/** TLS versions by the names that the format gives them, oldest first. */
export const TLS_VERSIONS = {
  TLS10: "TLSv1",
  TLS11: "TLSv1.1",
  TLS12: "TLSv1.2",
  TLS13: "TLSv1.3",
} as const satisfies Record<string, SecureVersion>;

/** One of the keys of {@link TLS_VERSIONS}. */
export type TlsVersion = keyof typeof TLS_VERSIONS;

const VERSION_NAMES = Object.keys(TLS_VERSIONS);

/** Whether a version is older than another. */
export const isOlder = (version: TlsVersion, than: TlsVersion): boolean =>
  VERSION_NAMES.indexOf(version) < VERSION_NAMES.indexOf(than);

/** Cipher suites of TLS 1.3, which OpenSSL knows by the same names. */
const TLS13_CIPHERS = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"] as const;

/**
 * Cipher suites up to TLS 1.2: Go's name to OpenSSL's. These are the ones that Go counts as safe, as the format
 * demands.
 * Source: https://pkg.go.dev/crypto/tls#CipherSuites
 */
const TLS12_CIPHERS: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: "ECDHE-ECDSA-AES128-GCM-SHA256",
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: "ECDHE-ECDSA-AES256-GCM-SHA384",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: "ECDHE-RSA-AES128-GCM-SHA256",
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: "ECDHE-RSA-AES256-GCM-SHA384",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: "ECDHE-ECDSA-AES128-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: "ECDHE-ECDSA-AES256-SHA",
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: "ECDHE-RSA-AES128-SHA",
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: "ECDHE-RSA-AES256-SHA",
};

/** All names that `cipher_suites` may have. */
export const CIPHER_NAMES: readonly string[] = [...Object.keys(TLS12_CIPHERS), ...TLS13_CIPHERS];

/** Whether a suite is one of TLS 1.3, which older versions have no use for. */
export const isTls13Cipher = (name: string): boolean => !(name in TLS12_CIPHERS);

/**
 * The suites that OpenSSL is to offer for a list of Go's names. As in Go, the list chooses only among those up to
 * TLS 1.2, and an empty one stands for the library's own choice.
 */
export function opensslCiphers(names: readonly string[]): readonly string[] {
  if (names.length === 0) return DEFAULT_CIPHERS.split(":");
  return [...TLS13_CIPHERS, ...names.flatMap((name) => TLS12_CIPHERS[name] ?? [])];
}

/**
 * Key exchange groups: Go's name to OpenSSL's.
 * Source: https://pkg.go.dev/crypto/tls#CurveID
 */
export const GROUPS = {
  CurveP256: "P-256",
  CurveP384: "P-384",
  CurveP521: "P-521",
  X25519: "X25519",
  SecP256r1MLKEM768: "SecP256r1MLKEM768",
  SecP384r1MLKEM1024: "SecP384r1MLKEM1024",
} as const;

/** One of the keys of {@link GROUPS}. */
export type GroupName = keyof typeof GROUPS;

interface ClientAuthRules {
  /** The client is asked for a certificate. */
  readonly request: boolean;
  /** A client without one is refused. */
  readonly require: boolean;
  /** One that does not come from the configured roots is refused. */
  readonly verify: boolean;
}

/**
 * Policies for client certificates.
 * Source: https://pkg.go.dev/crypto/tls#ClientAuthType
 */
export const CLIENT_AUTH_TYPES = {
  NoClientCert: { request: false, require: false, verify: false },
  RequestClientCert: { request: true, require: false, verify: false },
  RequireAnyClientCert: { request: true, require: true, verify: false },
  VerifyClientCertIfGiven: { request: true, require: false, verify: true },
  RequireAndVerifyClientCert: { request: true, require: true, verify: true },
} as const satisfies Record<string, ClientAuthRules>;

/** One of the keys of {@link CLIENT_AUTH_TYPES}. */
export type ClientAuthType = keyof typeof CLIENT_AUTH_TYPES;
