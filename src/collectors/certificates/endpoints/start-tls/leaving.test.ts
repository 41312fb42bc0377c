import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { createAuthority, type IssuedCertificate } from "../../../../lab/certificates.ts";
import { waitUntil } from "../../../../../test/helpers/wait-until.ts";
import {
  bytes,
  mysqlPacket,
  mysqlGreeting,
  mysqlError,
  STARTTLS_PROTOCOLS,
  stepsOf,
} from "../__fixtures__/dialogues.ts";
import {
  beginTls,
  closeServers,
  endpointAt,
  errorOf,
  playSteps,
  probeOnce,
  startScripted,
  startServer,
} from "../__fixtures__/servers.ts";
import type { Protocol } from "../../endpoint.ts";

let issued: IssuedCertificate;
beforeAll(async () => {
  issued = await (await createAuthority()).issue({ hosts: ["nas.lan"] });
});
afterEach(closeServers);

const tlsOptions = () => ({ cert: issued.certificatePem, key: issued.keyPem });

describe("leaving", () => {
  const FAREWELLS: Partial<Record<Protocol, string>> = {
    smtp: "QUIT\r\n",
    imap: "a2 LOGOUT\r\n",
    pop3: "QUIT\r\n",
    ftp: "QUIT\r\n",
    ldap: "0\x05\x02\x01\x02B\0",
  };

  test.each(STARTTLS_PROTOCOLS.filter((protocol) => protocol !== "mysql"))(
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
      `430000${sequence.toString(16).padStart(2, "0")}${capabilities}000000012d${"00".repeat(23)}`,
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
