import type { Secret } from "../../core/secret.ts";
import type { Duration } from "../../core/duration.ts";
import type { ClientAuthType, TlsVersion } from "./tls-names.ts";

/**
 * What a file in Prometheus' `web.config.file` format asks of the HTTP server, checked and with its files read.
 * Source: https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
 */
export interface WebConfig {
  /** The file it was read from, as it was named. */
  readonly file: string;
  /** SHA-256 of this file and all files that it names: differs when one of them has changed. */
  readonly digest: string;
  /** Absent for plain HTTP. */
  readonly tls?: TlsSettings | undefined;
  /** Headers of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bcrypt hashes by user name; no password is asked when there are none. */
  readonly users: ReadonlyMap<string, Secret>;
  readonly rateLimit?: RateLimit | undefined;
}

/** The TLS side of a {@link WebConfig}; all texts are PEM. */
export interface TlsSettings {
  /** The server's certificate, with those between it and its root after it. */
  readonly certificate: string;
  readonly key: Secret;
  /** Roots that client certificates must come from. */
  readonly clientCa?: string | undefined;
  readonly clientAuth: ClientAuthType;
  readonly clientAllowedSans?: readonly string[] | undefined;
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** Cipher suites by the names that OpenSSL has, those of TLS 1.3 too. */
  readonly ciphers: readonly string[];
  readonly preferServerCiphers: boolean;
  /** Key exchange groups by the names that OpenSSL has; the library's own choice without. */
  readonly groups?: readonly string[] | undefined;
}

/** A token bucket over all requests: it holds `burst` of them and gains one each `interval`. */
export interface RateLimit {
  readonly interval: Duration;
  readonly burst: number;
}
