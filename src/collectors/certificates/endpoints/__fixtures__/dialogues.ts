import type { Protocol } from "../../endpoint.ts";
import type { Step } from "./servers.ts";

export const bytes = (...parts: readonly (string | readonly number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))));

export const mysqlPacket = (sequence: number, payload: Buffer): Buffer =>
  bytes([payload.length, 0, 0, sequence], payload.toString("latin1"));
export const mysqlGreeting = (capabilities: number): Buffer =>
  mysqlPacket(
    0,
    bytes([10], "8.4.0\0", [1, 0, 0, 0], "saltsalt\0", [capabilities & 0xff, capabilities >> 8, 45, 2, 0], "\0\0"),
  );
export const mysqlError = (sequence: number, code: number, text: string): Buffer =>
  mysqlPacket(sequence, bytes([0xff, code & 0xff, code >> 8], text));
export const ldapAnswer = (id: number, result: number, text: string): Buffer =>
  bytes([0x30, 12 + text.length, 2, 1, id, 0x78, 7 + text.length, 0x0a, 1, result, 4, 0, 4, text.length], text);
export const postgresError = (text: string): Buffer =>
  bytes("E", [0, 0, 0, 4 + 12 + text.length], "SFATAL\0", "M", text, "\0\0\0\0");

/** What clients send before TLS where it is no text: its length, and the beginning as hexadecimal. */
export const LDAP_REQUEST = 31;
export const POSTGRES_REQUEST = 8;
const MYSQL_REQUEST = 36;
export const features = (inside: string): string =>
  `<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='1'><stream:features>${inside}</stream:features>`;
export const XMPP_OFFER = features("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>");

/** A whole dialogue of each protocol, with the texts of real servers. */
const DIALOGUES: Partial<Record<Protocol, readonly Step[]>> = {
  smtp: [
    { say: "220-mail.lan ESMTP\r\n220 at your service\r\n" },
    { hear: /^EHLO \[127\.0\.0\.1\]\r\n$/ },
    { say: "250-mail.lan\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 8BITMIME\r\n" },
    { hear: /^STARTTLS\r\n$/ },
    { say: "220 2.0.0 Ready to start TLS\r\n" },
  ],
  imap: [
    { say: "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready.\r\n" },
    { hear: /^a1 STARTTLS\r\n$/ },
    { say: "* CAPABILITY IMAP4rev1\r\na1 OK Begin TLS negotiation now.\r\n" },
  ],
  pop3: [{ say: "+OK ready\r\n" }, { hear: /^STLS\r\n$/ }, { say: "+OK Begin TLS negotiation now.\r\n" }],
  ftp: [
    { say: "120 soon\r\n220-Welcome\r\n 220 is not the end\r\nnor this\r\n220 ready\r\n" },
    { hear: /^AUTH TLS\r\n$/ },
    { say: "234 AUTH TLS successful\r\n" },
  ],
  ldap: [{ hear: LDAP_REQUEST }, { say: ldapAnswer(1, 0, "") }],
  postgres: [{ hear: POSTGRES_REQUEST }, { say: "S" }],
  mysql: [{ say: mysqlGreeting(0xffff) }, { hear: MYSQL_REQUEST }],
  xmpp: [
    { hear: /<stream:stream to='nas\.lan'[^>]*xmlns='jabber:client'[^>]*>/ },
    { say: XMPP_OFFER },
    { hear: /^<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'\/>$/ },
    { say: "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" },
  ],
};
export const STARTTLS_PROTOCOLS = Object.keys(DIALOGUES) as Protocol[];
export const stepsOf = (protocol: Protocol): readonly Step[] => DIALOGUES[protocol] ?? [];
