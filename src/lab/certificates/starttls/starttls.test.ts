import { once } from "node:events";
import * as net from "node:net";
import * as tls from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startCertificatesLab } from "../certificates-lab.ts";
import type { CertificatesLab } from "../contract.ts";
import type { StartTlsProtocol } from "./dialogues.ts";

let lab: CertificatesLab;

beforeAll(async () => {
  lab = await startCertificatesLab();
});
afterAll(() => lab.close());

/** What a client says, and what it waits for before that. */
interface Step {
  readonly hears?: RegExp;
  readonly says: string | Buffer;
}

interface Client {
  /** In which form what it hears is matched; Latin-1 text unless given. */
  readonly encoding?: "hex";
  /** Up to the wish to begin TLS. */
  readonly steps: readonly Step[];
  readonly consent?: RegExp;
  readonly missing: RegExp;
  readonly refused: RegExp;
}

const LDAP_START_TLS = Buffer.from(`301d02010577188016${Buffer.from("1.3.6.1.4.1.1466.20037").toString("hex")}`, "hex");
const POSTGRES_SSL_REQUEST = Buffer.from("0000000804d2162f", "hex");
const MYSQL_SSL_REQUEST = Buffer.concat([
  Buffer.from([32, 0, 0, 1, 0x00, 0x8a, 0x08, 0x00, 0, 0, 0, 1, 45]),
  Buffer.alloc(23),
]);
/** The first packet: protocol 10, version 8.4.0. */
const MYSQL_GREETING = /^..0000000a382e342e30/;
const XMPP_OPEN =
  "<stream:stream to='xmpp.lab.test' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";
const XMPP_START = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

const CLIENTS: Readonly<Record<StartTlsProtocol, Client>> = {
  smtp: {
    steps: [
      { hears: /^220 .*\r\n$/, says: "EHLO client\r\n" },
      { hears: /^250 .*\r\n$/m, says: "STARTTLS\r\n" },
    ],
    consent: /^220 .*\r\n/,
    missing: /^502 /m,
    refused: /^454 /m,
  },
  imap: {
    steps: [
      { hears: /^\* OK \[CAPABILITY .*\r\n$/, says: "a1 CAPABILITY\r\n" },
      { hears: /^a1 OK .*\r\n$/m, says: "a2 STARTTLS\r\n" },
    ],
    consent: /^a2 OK .*\r\n/,
    missing: /^a2 BAD /m,
    refused: /^a2 NO /m,
  },
  pop3: {
    steps: [
      { hears: /^\+OK .*\r\n$/, says: "CAPA\r\n" },
      { hears: /^\.\r\n$/m, says: "STLS\r\n" },
    ],
    consent: /^\+OK .*\r\n/,
    missing: /^-ERR /m,
    refused: /^-ERR /m,
  },
  ftp: {
    steps: [
      { hears: /^220 .*\r\n$/m, says: "FEAT\r\n" },
      { hears: /^211 .*\r\n$/m, says: "AUTH TLS\r\n" },
    ],
    consent: /^234 .*\r\n/,
    missing: /^502 /m,
    refused: /^431 /m,
  },
  ldap: {
    encoding: "hex",
    steps: [{ says: LDAP_START_TLS }],
    consent: /^30..02010578..0a0100/,
    missing: /^30..02010578..0a0102/,
    refused: /^30..02010578..0a0134/,
  },
  postgres: {
    encoding: "hex",
    steps: [{ says: POSTGRES_SSL_REQUEST }],
    consent: /^53/,
    missing: /^4e$/,
    refused: /^4500/,
  },
  mysql: {
    encoding: "hex",
    steps: [{ hears: MYSQL_GREETING, says: MYSQL_SSL_REQUEST }],
    // a greeting whose capabilities are without the bit 0x0800
    missing: /^..0000000a(?:..)+?00.{8}736372616d626c650000?82/,
    // an error packet: 1040
    refused: /^..000000ff1004/,
  },
  xmpp: {
    steps: [
      { says: XMPP_OPEN },
      { hears: /<starttls [^>]*><required\/><\/starttls>.*<\/stream:features>$/s, says: XMPP_START },
    ],
    consent: /^<proceed [^>]*\/>/,
    missing: /<failure /,
    refused: /<failure /,
  },
};
const PROTOCOLS = Object.keys(CLIENTS) as readonly StartTlsProtocol[];

/** Waits until what was heard since it last spoke matches, and gives it. */
async function hear(socket: net.Socket, pattern: RegExp, encoding: "latin1" | "hex" = "latin1"): Promise<string> {
  let heard = "";
  for (;;) {
    const bytes = socket.read() as Buffer | null;
    heard += bytes?.toString(encoding) ?? "";
    if (pattern.test(heard)) return heard;
    if (bytes === null) await once(socket, "readable", { signal: AbortSignal.timeout(10_000) });
  }
}

async function talk(protocol: StartTlsProtocol, steps: readonly Step[]): Promise<net.Socket> {
  const socket = net.connect(lab.endpoints[protocol].port, "127.0.0.1");
  for (const { hears, says } of steps) {
    if (hears !== undefined) await hear(socket, hears, CLIENTS[protocol].encoding);
    socket.write(says);
  }
  return socket;
}

async function fingerprintOver(socket: net.Socket, servername: string): Promise<string> {
  const session = tls.connect({ socket, ca: lab.caPem, servername });
  await once(session, "secureConnect");
  const { fingerprint256 } = session.getPeerCertificate();
  session.destroy();
  return fingerprint256.replaceAll(":", "").toLowerCase();
}

test.for(PROTOCOLS)("%s begins TLS after its own words, and shows a trusted certificate", async (protocol) => {
  const { steps, consent, encoding } = CLIENTS[protocol];
  const socket = await talk(protocol, steps);
  if (consent !== undefined) await hear(socket, consent, encoding);
  const { fingerprint } = await lab.endpoints[protocol].leaf();
  expect(await fingerprintOver(socket, lab.endpoints[protocol].serverName)).toBe(fingerprint);
});

test.for(
  PROTOCOLS.flatMap((protocol) => [
    { protocol, fault: "starttls_missing", words: CLIENTS[protocol].missing } as const,
    { protocol, fault: "starttls_refused", words: CLIENTS[protocol].refused } as const,
  ]),
)("$protocol under $fault says so in its own words", async ({ protocol, fault, words }) => {
  await lab.break(protocol, fault);
  // A MySQL server has said it all before its client speaks; the others are told what a client wants that waits for
  // nothing.
  const socket = await talk(
    protocol,
    protocol === "mysql" ? [] : CLIENTS[protocol].steps.map(({ says }) => ({ says })),
  );
  expect(await hear(socket, words, CLIENTS[protocol].encoding)).toMatch(words);
  socket.destroy();
  await lab.break(protocol, undefined);
});

test("words in the clear come right behind the consent", async () => {
  await lab.break("smtp", "starttls_injects");
  const socket = await talk("smtp", CLIENTS.smtp.steps);
  expect(await hear(socket, /Ok\r\n$/)).toBe("220 2.0.0 Ready to start TLS\r\n250 2.0.0 Ok\r\n");
  socket.destroy();
  await lab.break("smtp", undefined);
});

test("a MySQL client that does not wait with its handshake loses no byte of it", async () => {
  const { port, serverName } = lab.endpoints.mysql;
  const socket = net.connect(port, "127.0.0.1");
  await hear(socket, MYSQL_GREETING, "hex");
  socket.cork();
  socket.write(MYSQL_SSL_REQUEST);
  const fingerprint = fingerprintOver(socket, serverName);
  setImmediate(() => socket.uncork());
  expect(await fingerprint).toBe((await lab.endpoints.mysql.leaf()).fingerprint);
});
