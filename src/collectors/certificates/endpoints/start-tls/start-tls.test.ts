import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { milliseconds } from "../../../../core/duration.ts";
import { createAuthority, type IssuedCertificate } from "../../../../lab/certificates.ts";
import { waitUntil } from "../../../../../test/helpers/wait-until.ts";
import {
  beginTls,
  closeServers,
  endpointAt,
  errorOf,
  playSteps,
  probeOnce,
  servedNames,
  startScripted,
  startServer,
  type Step,
} from "../__fixtures__/servers.ts";
import type { Protocol } from "../../endpoint.ts";

let issued: IssuedCertificate;
beforeAll(async () => {
  issued = await (await createAuthority()).issue({ hosts: ["nas.lan"] });
});
afterEach(closeServers);

const tlsOptions = () => ({ cert: issued.certificatePem, key: issued.keyPem });
const bytes = (...parts: readonly (string | readonly number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))));

const mysqlPacket = (sequence: number, payload: Buffer): Buffer =>
  bytes([payload.length, 0, 0, sequence], payload.toString("latin1"));
const mysqlGreeting = (capabilities: number): Buffer =>
  mysqlPacket(
    0,
    bytes([10], "8.4.0\0", [1, 0, 0, 0], "saltsalt\0", [capabilities & 0xff, capabilities >> 8, 45, 2, 0], "\0\0"),
  );
const mysqlError = (sequence: number, code: number, text: string): Buffer =>
  mysqlPacket(sequence, bytes([0xff, code & 0xff, code >> 8], text));
const ldapAnswer = (id: number, result: number, text: string): Buffer =>
  bytes([0x30, 12 + text.length, 2, 1, id, 0x78, 7 + text.length, 0x0a, 1, result, 4, 0, 4, text.length], text);
const postgresError = (text: string): Buffer =>
  bytes("E", [0, 0, 0, 4 + 12 + text.length], "SFATAL\0", "M", text, "\0\0\0\0");

/** What clients send before TLS where it is no text: its length, and the beginning as hexadecimal. */
const LDAP_REQUEST = 31;
const POSTGRES_REQUEST = 8;
const MYSQL_REQUEST = 36;
const REQUESTS: Partial<Record<Protocol, string>> = {
  ldap: `301d02010177188016${Buffer.from("1.3.6.1.4.1.1466.20037").toString("hex")}`,
  postgres: "0000000804d2162f",
  mysql: "20000001008a0800000000012d",
};
const features = (inside: string): string =>
  `<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='1'><stream:features>${inside}</stream:features>`;
const XMPP_OFFER = features("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>");

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
const PROTOCOLS = Object.keys(DIALOGUES) as Protocol[];
const stepsOf = (protocol: Protocol): readonly Step[] => DIALOGUES[protocol] ?? [];

/** The same steps with every byte said by itself. */
const dripped = (steps: readonly Step[]): readonly Step[] =>
  steps.flatMap((step): readonly Step[] =>
    "say" in step ? Array.from(Buffer.from(step.say), (byte) => ({ say: Buffer.of(byte) })) : [step],
  );

describe.each(PROTOCOLS)("%s", (protocol) => {
  test("TLS begins after its words", async () => {
    const { port, heard } = await startScripted(stepsOf(protocol), tlsOptions());
    const result = await probeOnce(endpointAt(port, { protocol }));
    expect(errorOf(result)).toBe("none");
    expect(servedNames(result)).toEqual(["nas.lan"]);
    expect(Buffer.from(heard[0] ?? "", "latin1").toString("hex")).toMatch(new RegExp(`^${REQUESTS[protocol] ?? ""}`));
  });

  test("words that come byte by byte are the same", async () => {
    const { port } = await startScripted(dripped(stepsOf(protocol)), tlsOptions());
    const result = await probeOnce(endpointAt(port, { protocol }));
    expect(errorOf(result)).toBe("none");
  });

  test("what is put after the last word is not taken into TLS", async () => {
    const steps = stepsOf(protocol);
    const last = steps.findLastIndex((step) => "say" in step);
    const injected = steps.map((step, i) =>
      i === last && "say" in step ? { say: bytes(Buffer.from(step.say).toString("latin1"), "* injected\r\n") } : step,
    );
    const { port } = await startScripted(injected, tlsOptions());
    const result = await probeOnce(endpointAt(port, { protocol }));
    expect(errorOf(result)).toMatch(/^invalid_response: .*plain text where TLS begins/);
    expect(result.tls).toBeUndefined();
  });

  test("a server that closes instead of speaking is told", async () => {
    const { port } = await startServer((socket) => socket.end());
    const result = await probeOnce(endpointAt(port, { protocol }));
    expect(errorOf(result)).toMatch(
      /^connection_reset: \w+:\/\/127\.0\.0\.1:\d+: .*(?:closed before the|EPIPE|ECONNRESET)/,
    );
  });

  test("megabytes without an end are not read", async () => {
    const { port } = await startServer((socket) => {
      const more = (): void => {
        while (socket.writable && socket.write(Buffer.alloc(65_536, protocol === "xmpp" ? "<a>" : " "))) {}
      };
      socket.on("drain", more);
      more();
    });
    const result = await probeOnce(endpointAt(port, { protocol }));
    expect(errorOf(result)).toMatch(/^invalid_response: /);
  });
});

test.each(PROTOCOLS.filter((protocol) => protocol !== "mysql"))("%s: HTTP on the port is told", async (protocol) => {
  const { port } = await startServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n"));
  const result = await probeOnce(endpointAt(port, { protocol }));
  expect(errorOf(result)).toMatch(/^invalid_response: .* is not \w+: "H/);
});

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

test("a server that falls silent at any word is left at the deadline, and the word is told", async () => {
  const silences = PROTOCOLS.flatMap((protocol) =>
    stepsOf(protocol).flatMap((step, i) => ("say" in step ? [{ protocol, steps: stepsOf(protocol).slice(0, i) }] : [])),
  );
  expect(silences.length).toBeGreaterThan(12);
  const errors = await Promise.all(
    silences.map(async ({ protocol, steps }) => {
      const { port } = await startServer((socket) => playSteps(socket, steps));
      return errorOf(await probeOnce(endpointAt(port, { protocol, timeout: milliseconds(2_000) })));
    }),
  );
  for (const error of errors)
    expect(error).toMatch(
      /^timeout: \w+:\/\/[\d.:]+: the .*(?:greeting|answer|features).* was not complete within 2s$/,
    );
  expect(errors).toContainEqual(expect.stringMatching(/^timeout: smtp:.* the answer to EHLO was/));
});

describe("leaving", () => {
  const FAREWELLS: Partial<Record<Protocol, string>> = {
    smtp: "QUIT\r\n",
    imap: "a2 LOGOUT\r\n",
    pop3: "QUIT\r\n",
    ftp: "QUIT\r\n",
    ldap: "0\x05\x02\x01\x02B\0",
  };

  test.each(PROTOCOLS.filter((protocol) => protocol !== "mysql"))(
    "%s hears what it wants to hear last",
    async (protocol) => {
      const { port, heard } = await startScripted(stepsOf(protocol), tlsOptions());
      await probeOnce(endpointAt(port, { protocol }));
      await waitUntil("the session is closed", () => heard.includes("closed"));
      expect(heard.at(-2)).toBe(FAREWELLS[protocol] ?? heard.at(-2));
    },
  );

  /** A server that answers the login within TLS, as MySQL does. */
  const startMysql = (answers: readonly Buffer[]) =>
    startServer(async (socket, heard) => {
      await playSteps(socket, stepsOf("mysql"));
      const session = beginTls(socket, tlsOptions(), heard);
      let turn = 0;
      session.on("data", () => session.write(answers[turn++] ?? Buffer.alloc(0)));
    });
  /** A login without a password: the head of its packet, capabilities, packet size, character set and 23 zero bytes. */
  const login = (sequence: number, capabilities: string): string =>
    Buffer.from(
      `420000${sequence.toString(16).padStart(2, "0")}${capabilities}000000012d${"00".repeat(23)}`,
      "hex",
    ).toString("latin1") + "watchkeeper\0\0mysql_native_password\0";

  test("mysql gets a login, so that it does not count us as broken off", async () => {
    const { port, heard } = await startMysql([mysqlError(3, 1045, "#28000Access denied")]);
    const result = await probeOnce(endpointAt(port, { protocol: "mysql" }));
    expect(errorOf(result)).toBe("none");
    await waitUntil("the session is closed", () => heard.includes("closed"));
    expect(heard).toEqual([login(2, "008a0800"), "closed"]);
  });

  test.each([
    ["mysql_native_password", "\0\0\0\x04"],
    ["caching_sha2_password", "\x01\0\0\x04\0"],
  ])("mysql that wants %s gets no password in its way", async (plugin, answer) => {
    const { port, heard } = await startMysql([
      mysqlPacket(3, bytes([0xfe], `${plugin}\0saltsaltsaltsaltsalt\0`)),
      mysqlError(5, 1045, "Access denied"),
    ]);
    await probeOnce(endpointAt(port, { protocol: "mysql" }));
    await waitUntil("the session is closed", () => heard.includes("closed"));
    expect(heard).toEqual([login(2, "008a0800"), answer, "closed"]);
  });

  test("mysql that lets everybody in hears that we quit", async () => {
    const { port, heard } = await startMysql([mysqlPacket(3, bytes([0, 0, 0, 2, 0, 0, 0]))]);
    await probeOnce(endpointAt(port, { protocol: "mysql" }));
    await waitUntil("the session is closed", () => heard.includes("closed"));
    expect(heard.slice(1)).toEqual(["\x01\0\0\0\x01", "closed"]);
  });

  test("mysql without TLS gets a login too", async () => {
    const { port, heard } = await startServer((socket, heard) =>
      playSteps(
        socket,
        [
          { say: mysqlGreeting(0xf7ff) },
          { hear: login(1, "00820800").length },
          { say: mysqlError(2, 1045, "Access denied") },
        ],
        heard,
      ),
    );
    const result = await probeOnce(endpointAt(port, { protocol: "mysql" }));
    expect(errorOf(result)).toMatch(/^tls_handshake: .*the server offers none/);
    expect(heard).toEqual([login(1, "00820800")]);
  });

  test("a server that never answers the farewell is not waited for, and cut off soon", async () => {
    let isCut = false;
    const { port } = await startServer(async (socket) => {
      socket.once("close", () => (isCut = true));
      await playSteps(socket, stepsOf("mysql"));
      beginTls(socket, tlsOptions());
    });
    const result = await probeOnce(endpointAt(port, { protocol: "mysql" }));
    expect(errorOf(result)).toBe("none");
    expect(isCut).toBe(false);
    await waitUntil("the connection is cut", () => isCut);
  });
});

test("the name of the server can not break out of the stream's opening", async () => {
  const { port, heard } = await startScripted([{ hear: /streams'>$/ }, { say: XMPP_OFFER }], tlsOptions());
  const probing = probeOnce(endpointAt(port, { protocol: "xmpp", serverName: "a'><b&", timeout: milliseconds(500) }));
  await waitUntil("the stream is opened", () => heard.length > 0);
  expect(heard[0]).toContain("to='a&apos;&gt;&lt;b&amp;'");
  await probing;
});
