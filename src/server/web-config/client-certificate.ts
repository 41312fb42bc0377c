import { isIPv6, SocketAddress, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { CLIENT_AUTH_TYPES } from "./tls-names.ts";
import type { TlsSettings } from "./web-config.ts";

type ClientRules = Pick<TlsSettings, "clientAuth" | "clientAllowedSans">;

/** Why a connection's client certificate, or the lack of one, is not enough; undefined when it is. */
export function clientCertificateFault(socket: Socket, rules: ClientRules): string | undefined {
  const { request, require, verify } = CLIENT_AUTH_TYPES[rules.clientAuth];
  if (!request) return undefined;
  const tls = socket instanceof TLSSocket ? socket : undefined;
  const certificate = tls?.getPeerX509Certificate();
  if (certificate === undefined) return require ? "the client showed no certificate" : undefined;
  if (verify && !tls?.authorized) return "the client's certificate does not come from the configured roots";
  if (rules.clientAllowedSans === undefined) return undefined;
  const names = readAltNames(certificate.subjectAltName ?? "");
  const allowed = new Set(rules.clientAllowedSans.map(canonical));
  return names.some((name) => allowed.has(name)) ? undefined : "the client's certificate has no name that is allowed";
}

const KINDS = new Set(["DNS", "IP Address", "email", "URI"]);

/**
 * One name and what parts it from the next; Node quotes a value that has a comma or quote in it, in the way of JSON.
 */
const NAME = /([A-Za-z][A-Za-z0-9 ]*):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;

/**
 * Reads the DNS names, addresses, e-mail addresses and URIs of subject alternative names in the text that Node gives;
 * other kinds are left out. A text of another form gives no name at all, so that nobody gets in by it.
 * Source: https://nodejs.org/api/crypto.html#x509subjectaltname
 */
export function readAltNames(text: string): readonly string[] {
  const names: string[] = [];
  const pattern = new RegExp(NAME);
  while (pattern.lastIndex < text.length) {
    const [, kind, value] = pattern.exec(text) ?? [];
    if (kind === undefined || value === undefined) return [];
    const name = value.startsWith('"') ? unquoted(value) : value;
    if (name === undefined) return [];
    if (KINDS.has(kind)) names.push(canonical(name));
  }
  return names;
}

function unquoted(value: string): string | undefined {
  try {
    const text: unknown = JSON.parse(value);
    return typeof text === "string" ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Node writes an IPv6 address with all its zeros, people without. */
const canonical = (name: string): string =>
  isIPv6(name) ? new SocketAddress({ address: name, family: "ipv6" }).address : name;
