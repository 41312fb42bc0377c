import { isIP, isIPv6, SocketAddress } from "node:net";
import { domainToASCII } from "node:url";
import type { Certificate } from "../certificate.ts";
import { failed, passed, type CheckResult } from "../checks.ts";

/**
 * The check `hostname` by RFC 9525: subject alternative names only, never the common name; a wildcard is the whole
 * first label, stands for exactly one, and has two labels after it; IP addresses match only IP addresses.
 */
export function hostnameCheck(leaf: Certificate, serverName: string): CheckResult {
  if (leaf.dnsNames.length === 0 && leaf.ipAddresses.length === 0) return failed("hostname", "no_names");
  return covers(leaf, serverName) ? passed("hostname") : failed("hostname", "wrong_name");
}

/** Whether the certificate was made for the DNS name or IP address. */
export function covers(leaf: Certificate, serverName: string): boolean {
  const address = normalAddress(serverName);
  if (address !== undefined) return leaf.ipAddresses.some((listed) => normalAddress(listed) === address);
  const name = normalName(serverName);
  return name !== "" && leaf.dnsNames.some((pattern) => matches(normalPattern(pattern), name));
}

/** An IP address as it is written usually, without a zone; undefined for what is none. */
export function normalAddress(text: string): string | undefined {
  const address = text.split("%", 1)[0] ?? "";
  if (isIP(address) === 0) return undefined;
  return isIPv6(address) ? new SocketAddress({ address, family: "ipv6" }).address : address;
}

/** A DNS name in lower case, in A-labels and without the last dot; empty when it can not be one. */
const normalName = (name: string): string => withoutDot(isAscii(name) ? name.toLowerCase() : domainToASCII(name));

/** A DNS name of a certificate, which is in A-labels already (RFC 5280 section 7.2). */
export const normalPattern = (name: string): string => withoutDot(name.toLowerCase());

const withoutDot = (name: string): string => (name.endsWith(".") ? name.slice(0, -1) : name);

// oxlint-disable-next-line no-control-regex
const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

function matches(pattern: string, name: string): boolean {
  if (pattern === name) return !pattern.includes("*");
  if (!pattern.startsWith("*.")) return false;
  const rest = pattern.slice(1);
  const label = name.slice(0, -rest.length);
  return name.endsWith(rest) && label !== "" && !label.includes(".") && hasTwoLabels(rest);
}

/** Whether it is like `.example.org`, with two labels that are not empty and no other wildcard. */
const hasTwoLabels = (rest: string): boolean => /^(?:\.[^.*]+){2,}$/.test(rest);
