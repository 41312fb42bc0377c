import type { Plan } from "./plan.ts";

const WEAK = "DEFAULT@SECLEVEL=0";

/** Endpoints by how the session is agreed upon. */
export const SESSION_PLANS = {
  tls_1_0: {
    help: "knows TLS 1.0 only",
    session: { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: WEAK },
    isInTarget: true,
    expectation: { failed: { protocol: "old_version" } },
  },
  tls_1_1: {
    help: "knows TLS 1.1 only",
    session: { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: WEAK },
    expectation: { failed: { protocol: "old_version" } },
  },
  tls_1_2: {
    help: "knows TLS 1.2 only",
    session: { maxVersion: "TLSv1.2" },
    expectation: {},
  },
  no_forward_secrecy: {
    help: "knows no key exchange with forward secrecy",
    leaf: { key: "rsa2048" },
    session: { maxVersion: "TLSv1.2", ciphers: "AES128-GCM-SHA256" },
    expectation: { failed: { cipher: "no_forward_secrecy" } },
  },
  no_encryption: {
    help: "agrees only upon sessions that are signed and not encrypted",
    leaf: { key: "rsa2048" },
    session: { maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-NULL-SHA:@SECLEVEL=0" },
    expectation: { reason: "tls_handshake" },
  },
  wants_client_1_2: {
    help: "demands a certificate of the client's, by TLS 1.2",
    wantsClient: true,
    session: { maxVersion: "TLSv1.2" },
    expectation: { reason: "tls_handshake", served: 2 },
  },
  wants_client_1_3: {
    help: "demands a certificate of the client's, by TLS 1.3, which refuses after the handshake",
    wantsClient: true,
    session: { minVersion: "TLSv1.3" },
    expectation: { reason: "tls_handshake", served: 2 },
  },
  plain_http: {
    help: "speaks HTTP without TLS",
    fault: "plain_http",
    isInTarget: true,
    expectation: { reason: "tls_handshake" },
  },
  silent: {
    help: "accepts connections and says nothing",
    fault: "silent",
    isInTarget: true,
    expectation: { reason: "timeout" },
  },
  reset: {
    help: "resets every connection",
    fault: "reset",
    expectation: { reason: "connection_reset" },
  },
  port_closed: {
    help: "refuses connections",
    fault: "port_closed",
    expectation: { reason: "connection_refused" },
  },
} as const satisfies Record<string, Plan>;

/** Endpoints by the protocol in which TLS begins. */
export const PROTOCOL_PLANS = {
  smtp: { help: "a mail server that takes mail", protocol: "smtp", isInTarget: true, expectation: {} },
  imap: { help: "a mail server that gives mail, by IMAP", protocol: "imap", expectation: {} },
  pop3: { help: "a mail server that gives mail, by POP3", protocol: "pop3", expectation: {} },
  ftp: { help: "a file server", protocol: "ftp", expectation: {} },
  ldap: { help: "a directory", protocol: "ldap", expectation: {} },
  postgres: { help: "a PostgreSQL server", protocol: "postgres", isInTarget: true, expectation: {} },
  mysql: { help: "a MySQL server", protocol: "mysql", expectation: {} },
  xmpp: { help: "a chat server", protocol: "xmpp", expectation: {} },
} as const satisfies Record<string, Plan>;
