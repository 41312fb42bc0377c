import { afterEach, expect, test } from "vitest";
import {
  bytes,
  mysqlPacket,
  mysqlError,
  ldapAnswer,
  postgresError,
  features,
  XMPP_OFFER,
  STARTTLS_PROTOCOLS,
  LDAP_REQUEST,
  POSTGRES_REQUEST,
} from "../__fixtures__/dialogues.ts";
import {
  closeServers,
  endpointAt,
  errorOf,
  playSteps,
  probeOnce,
  startServer,
  type Step,
} from "../__fixtures__/servers.ts";
import type { Protocol } from "../../endpoint.ts";

afterEach(closeServers);

test.each(STARTTLS_PROTOCOLS.filter((protocol) => protocol !== "mysql"))(
  "%s: HTTP on the port is told",
  async (protocol) => {
    const { port } = await startServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n"));
    const result = await probeOnce(endpointAt(port, { protocol }));
    expect(errorOf(result)).toMatch(/^invalid_response: .* is not \w+: "H/);
  },
);

interface Refusal {
  readonly protocol: Protocol;
  readonly steps: readonly Step[];
  readonly error: RegExp;
}

const HELLO: Step = { hear: /EHLO/ };
const REFUSALS: readonly Refusal[] = [
  {
    protocol: "smtp",
    steps: [{ say: "554 no service\r\n" }],
    error: /^server_error: .*turns the connection away: "554 no service"$/,
  },
  { protocol: "smtp", steps: [{ say: "421 too busy\r\n" }], error: /^server_error: .*"421 too busy"$/ },
  {
    protocol: "smtp",
    steps: [{ say: "220 hi\r\n" }, HELLO, { say: "502 what\r\n" }],
    error: /^tls_handshake: .*answers EHLO with "502 what"$/,
  },
  { protocol: "smtp", steps: [{ say: "220 hi\r\n" }, HELLO, { say: "421 bye\r\n" }], error: /^server_error: / },
  {
    protocol: "smtp",
    steps: [{ say: "220 hi\r\n" }, HELLO, { say: "250-mail.lan\r\n250-XSTARTTLS\r\n250 HELP\r\n" }],
    error: /^tls_handshake: .*offers no STARTTLS$/,
  },
  {
    protocol: "smtp",
    steps: [
      { say: "220 hi\r\n" },
      HELLO,
      { say: "250-m\r\n250 STARTTLS\r\n" },
      { hear: /STARTTLS/ },
      { say: "454 not now\r\n" },
    ],
    error: /^tls_handshake: .*refuses STARTTLS with "454 not now"$/,
  },
  {
    protocol: "smtp",
    steps: [{ say: "SSH-2.0-OpenSSH_9.9\r\n" }],
    error: /^invalid_response: .*the greeting is not SMTP: "SSH-2.0-OpenSSH_9.9"$/,
  },
  { protocol: "imap", steps: [{ say: "* BYE full\r\n" }], error: /^server_error: .*"\* BYE full"$/ },
  { protocol: "imap", steps: [{ say: "* PREAUTH hi\r\n" }], error: /^tls_handshake: .*PREAUTH/ },
  {
    protocol: "imap",
    steps: [{ say: "* OK hi\r\n" }, { hear: /a1/ }, { say: "a1 BAD what\r\n" }],
    error: /^tls_handshake: .*refuses STARTTLS with "a1 BAD what"$/,
  },
  {
    protocol: "imap",
    steps: [{ say: "* OK hi\r\n" }, { hear: /a1/ }, { say: "* BYE late\r\n" }],
    error: /^server_error: /,
  },
  {
    protocol: "imap",
    steps: [{ say: "* OK hi\r\n" }, { hear: /a1/ }, { say: "b7 OK\r\n" }],
    error: /^invalid_response: /,
  },
  { protocol: "pop3", steps: [{ say: "-ERR down\r\n" }], error: /^server_error: .*"-ERR down"$/ },
  {
    protocol: "pop3",
    steps: [{ say: "+OK\r\n" }, { hear: /STLS/ }, { say: "-ERR unknown\r\n" }],
    error: /^tls_handshake: .*refuses STLS with "-ERR unknown"$/,
  },
  { protocol: "ftp", steps: [{ say: "421 too many\r\n" }], error: /^server_error: / },
  {
    protocol: "ftp",
    steps: [{ say: "220 hi\r\n" }, { hear: /AUTH/ }, { say: "530 Please login\r\n" }],
    error: /^tls_handshake: .*refuses AUTH TLS with "530 Please login"$/,
  },
  {
    protocol: "ldap",
    steps: [{ hear: LDAP_REQUEST }, { say: ldapAnswer(1, 2, "unsupported") }],
    error: /^tls_handshake: .*result 2 \(protocolError: it does not know StartTLS\): "unsupported"$/,
  },
  {
    protocol: "ldap",
    steps: [{ hear: LDAP_REQUEST }, { say: ldapAnswer(1, 80, "") }],
    error: /^tls_handshake: .*result 80: ""$/,
  },
  {
    protocol: "ldap",
    steps: [{ hear: LDAP_REQUEST }, { say: ldapAnswer(0, 52, "going down") }],
    error: /^server_error: .*"going down"$/,
  },
  {
    protocol: "ldap",
    steps: [{ hear: LDAP_REQUEST }, { say: bytes([0x30, 3, 2, 1, 1]) }],
    error: /^invalid_response: /,
  },
  {
    protocol: "ldap",
    steps: [{ hear: LDAP_REQUEST }, { say: bytes([0x30, 0x80, 0, 0]) }],
    error: /^invalid_response: /,
  },
  {
    protocol: "postgres",
    steps: [{ hear: POSTGRES_REQUEST }, { say: "N" }],
    error: /^tls_handshake: .*its TLS is off$/,
  },
  {
    protocol: "postgres",
    steps: [{ hear: POSTGRES_REQUEST }, { say: postgresError("sorry, too many clients already") }],
    error: /^server_error: .*"sorry, too many clients already"$/,
  },
  { protocol: "postgres", steps: [{ hear: POSTGRES_REQUEST }, { say: "HTTP/1.1 400" }], error: /^invalid_response: / },
  {
    protocol: "postgres",
    steps: [{ hear: POSTGRES_REQUEST }, { say: "EFATAL: bare text" }],
    error: /^invalid_response: /,
  },
  {
    protocol: "mysql",
    steps: [{ say: mysqlError(0, 1129, "Host 'x' is blocked because of many connection errors") }],
    error: /^server_error: .*"1129 Host 'x' is blocked/,
  },
  {
    protocol: "mysql",
    steps: [{ say: mysqlPacket(0, bytes([9], "3.20\0")) }],
    error: /^invalid_response: .*is not MySQL/,
  },
  {
    protocol: "xmpp",
    steps: [{ hear: /<stream/ }, { say: features("<mechanisms/>") }],
    error: /^tls_handshake: .*offers no starttls$/,
  },
  {
    protocol: "xmpp",
    steps: [{ hear: /<stream/ }, { say: "<stream:stream><stream:features/>" }],
    error: /^tls_handshake: .*offers no starttls$/,
  },
  {
    protocol: "xmpp",
    steps: [{ hear: /<stream/ }, { say: "<stream:stream><stream:error><host-unknown/></stream:error>" }],
    error: /^server_error: .*host-unknown/,
  },
  {
    protocol: "xmpp",
    steps: [
      { hear: /<stream/ },
      { say: XMPP_OFFER },
      { hear: /<starttls/ },
      { say: "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" },
    ],
    error: /^tls_handshake: .*refuses starttls/,
  },
];

test.each(REFUSALS)("$protocol: a refusal is told: $error", async ({ protocol, steps, error }) => {
  const { port } = await startServer((socket) => playSteps(socket, steps));
  const result = await probeOnce(endpointAt(port, { protocol }));
  expect(errorOf(result)).toMatch(error);
  expect(result).toMatchObject({ ipProtocol: 4, connect: expect.any(Number) });
  expect(result.handshake).toBeUndefined();
});
