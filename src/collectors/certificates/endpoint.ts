import type { Duration } from "../../core/duration.ts";
import type { CollectError } from "../../core/errors.ts";
import type { Certificate } from "./certificate.ts";
import type { ExpiryOverride } from "./inventory.ts";

/** How TLS begins on a port: at once (`tls`, `https`), or after a few words of the protocol (STARTTLS). */
export const PROTOCOLS = {
  tls: { startTls: false },
  https: { startTls: false, port: 443 },
  smtps: { startTls: false, port: 465 },
  imaps: { startTls: false, port: 993 },
  pop3s: { startTls: false, port: 995 },
  ldaps: { startTls: false, port: 636 },
  ftps: { startTls: false, port: 990 },
  smtp: { startTls: true, port: 25 },
  imap: { startTls: true, port: 143 },
  pop3: { startTls: true, port: 110 },
  ftp: { startTls: true, port: 21 },
  ldap: { startTls: true, port: 389 },
  postgres: { startTls: true, port: 5432 },
  mysql: { startTls: true, port: 3306 },
  xmpp: { startTls: true, port: 5222 },
} as const satisfies Record<string, { startTls: boolean; port?: number }>;

/** One of the keys of {@link PROTOCOLS}, the scheme of an endpoint's URL. */
export type Protocol = keyof typeof PROTOCOLS;

/** An endpoint's URL taken apart. The URL is one that the configuration accepts. */
export function endpointAddress(text: string): Pick<Endpoint, "name" | "protocol" | "host" | "port"> {
  const protocol = text.slice(0, text.indexOf("://")) as Protocol;
  // as https, because WHATWG parses the hosts of unknown schemes in a looser way
  const { hostname, port: written } = new URL(`https${text.slice(protocol.length)}`);
  const usual: { readonly startTls: boolean; readonly port?: number } = PROTOCOLS[protocol];
  // the port that https takes for granted is the one that it leaves out
  const port = written === "" ? (/:443\/*$/.test(text) ? 443 : (usual.port ?? 443)) : Number(written);
  return { name: `${protocol}://${hostname}:${port}`, protocol, host: hostname.replace(/^\[(.*)\]$/, "$1"), port };
}

/** One place that serves a certificate, with everything that a probe needs; files are read. */
export interface Endpoint {
  /** The `endpoint` label: the URL with its port, such as `smtp://mail.lan:587`; unique in the target. */
  readonly name: string;
  readonly protocol: Protocol;
  /** DNS name or IP address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Asked for by SNI and verified; not sent by SNI when it is an IP address. */
  readonly serverName: string;
  /** PEM of the authorities that may have signed; the system's and Node's when absent. */
  readonly ca?: string;
  /** PEM of the certificate and key that are shown to the server. */
  readonly client?: { readonly certificate: string; readonly key: string };
  /** An HTTP proxy that is asked to CONNECT, such as `http://proxy.lan:3128`; no credentials. */
  readonly proxy?: { readonly host: string; readonly port: number };
  readonly ipProtocol: "any" | "ipv4" | "ipv6";
  /** Bound over DNS, connecting, the protocol's words and the handshake. */
  readonly timeout: Duration;
  /** The file whose first leaf it should serve. */
  readonly storedFile?: string;
  readonly expiry?: ExpiryOverride;
}

/** What a server showed in the handshake. */
export interface ServedTls {
  /** Such as `TLS 1.3`, as blackbox_exporter writes it. */
  readonly version: string;
  /**
   * By the name of RFC 8446 or IANA, such as `TLS_AES_128_GCM_SHA256`; its number, such as `0xC02B`, when the handshake
   * failed before.
   */
  readonly cipher: string;
  /**
   * Every certificate of the handshake in the order of the wire, nothing left out; what could not be read is not there.
   */
  readonly served: readonly Certificate[];
  /** How many certificates of the handshake could not be read. */
  readonly unreadable: number;
  /** The encoding (DER) of the OCSP answer that was stapled to the leaf. */
  readonly ocsp?: Uint8Array;
}

/** What one probe of one endpoint brought. Lengths of time are in seconds. */
export interface ProbeResult {
  /** When it ended, in Unix seconds. */
  readonly at: number;
  readonly duration: number;
  /** Absent where it did not come so far. */
  readonly dns?: number;
  readonly connect?: number;
  readonly handshake?: number;
  /** 4 or 6. */
  readonly ipProtocol?: 4 | 6;
  /** Present whenever the server showed a certificate, even when the handshake failed afterwards. */
  readonly tls?: ServedTls;
  /**
   * Why there was no session. A certificate that is not trusted is not one of them: verification comes after the dates.
   */
  readonly error?: CollectError;
}

/** Probes an endpoint once. Never throws, except what `signal` was aborted with. */
export type Probe = (endpoint: Endpoint, signal: AbortSignal) => Promise<ProbeResult>;
