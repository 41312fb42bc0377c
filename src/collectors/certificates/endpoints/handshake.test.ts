import { generateKeyPairSync, randomBytes } from "node:crypto";
import { Duplex } from "node:stream";
import { createSecureContext, createServer, type TlsOptions } from "node:tls";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { milliseconds } from "../../../core/duration.ts";
import { type Authority, createAuthority, type IssuedCertificate } from "../../../lab/certificates.ts";
import { waitUntil } from "../../../../test/helpers/wait-until.ts";
import {
  beginTls,
  closeServers,
  endpointAt,
  errorOf,
  probeOnce,
  servedNames,
  startScripted,
  startServer,
} from "./__fixtures__/servers.ts";

let authority: Authority;
let leaf: IssuedCertificate;
let other: IssuedCertificate;
beforeAll(async () => {
  authority = await createAuthority({ commonName: "Root" });
  leaf = await authority.issue({ hosts: ["nas.lan"] });
  other = await authority.issue({ hosts: ["other.lan"] });
});
afterEach(closeServers);

const VERSIONS = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;
const SHOWN = { TLSv1: "TLS 1.0", "TLSv1.1": "TLS 1.1", "TLSv1.2": "TLS 1.2", "TLSv1.3": "TLS 1.3" };

const tlsOnly = (version: (typeof VERSIONS)[number], over: TlsOptions = {}): TlsOptions => ({
  cert: leaf.certificatePem,
  key: leaf.keyPem,
  minVersion: version,
  maxVersion: version,
  ciphers: "DEFAULT@SECLEVEL=0",
  ...over,
});

describe.each(VERSIONS)("%s", (version) => {
  test("certificates are told in the order of the wire, extra and twice", async () => {
    const chain = [leaf.certificatePem, other.certificatePem, authority.certificatePem, other.certificatePem].join("");
    const { port } = await startScripted([], tlsOnly(version, { cert: chain }));
    const result = await probeOnce(endpointAt(port));
    expect(errorOf(result)).toBe("none");
    expect(servedNames(result)).toEqual(["nas.lan", "other.lan", "Root", "other.lan"]);
    expect(result.tls).toMatchObject({
      version: SHOWN[version],
      cipher: expect.stringMatching(/^TLS_/),
      unreadable: 0,
    });
    expect(result).toMatchObject({ handshake: expect.any(Number), connect: expect.any(Number), ipProtocol: 4 });
    expect(result.dns).toBeUndefined();
  });

  test("a server that wants a client certificate shows its own, and says so", async () => {
    const { port } = await startScripted(
      [],
      tlsOnly(version, { requestCert: true, rejectUnauthorized: true, ca: authority.certificatePem }),
    );
    const result = await probeOnce(endpointAt(port));
    expect(errorOf(result)).toMatch(/^tls_handshake: .*the server wants a client certificate \(ERR_SSL_/);
    expect(servedNames(result)).toEqual(["nas.lan", "Root"]);
    expect(result.tls).toMatchObject({ version: SHOWN[version], cipher: expect.stringMatching(/^TLS_/) });
  });

  test("a client certificate is shown, and a refused one is told", async () => {
    const client = await authority.issue({ hosts: ["client.lan"], client: true });
    const stranger = await (await createAuthority()).issue({ hosts: ["client.lan"], client: true });
    const port = await startNode(
      tlsOnly(version, { requestCert: true, rejectUnauthorized: true, ca: authority.certificatePem }),
    );
    const show = ({ certificatePem, keyPem }: IssuedCertificate) =>
      probeOnce(endpointAt(port, { client: { certificate: certificatePem, key: keyPem } }));
    expect(errorOf(await show(client))).toBe("none");
    const refused = await show(stranger);
    expect(errorOf(refused)).toMatch(
      /^tls_handshake: .*the server closes the connection once it has asked for a client/,
    );
    expect(servedNames(refused)).toEqual(["nas.lan", "Root"]);
  });

  test("the certificate is that of the name that is asked for, and an address is no name", async () => {
    const named = createSecureContext({ cert: other.certificatePem, key: other.keyPem });
    const asked: string[] = [];
    const SNICallback: TlsOptions["SNICallback"] = (name, done) => {
      asked.push(name);
      done(null, name === "other.lan" ? named : undefined);
    };
    const port = await startNode(tlsOnly(version, { SNICallback }));
    expect(servedNames(await probeOnce(endpointAt(port)))).toEqual(["nas.lan"]);
    expect(servedNames(await probeOnce(endpointAt(port, { serverName: "other.lan" })))).toEqual(["other.lan"]);
    expect(servedNames(await probeOnce(endpointAt(port, { serverName: "127.0.0.1" })))).toEqual(["nas.lan"]);
    expect(asked).toEqual(["nas.lan", "other.lan"]);
  });

  test("a stapled OCSP answer is told, and its absence", async () => {
    const answer = randomBytes(500);
    const stapling = await startNode(tlsOnly(version), answer);
    expect(Buffer.from((await probeOnce(endpointAt(stapling))).tls?.ocsp ?? []).equals(answer)).toBe(true);
    const { port } = await startScripted([], tlsOnly(version));
    expect((await probeOnce(endpointAt(port))).tls).not.toHaveProperty("ocsp");
  });
});

test("a refusal is seen when the server first hands out tickets", async () => {
  const { port } = await startServer((socket) => {
    const session = beginTls(socket, tlsOnly("TLSv1.3", { requestCert: true, ca: authority.certificatePem }));
    session.once("secure", () => setTimeout(() => session.destroy(), 50));
  });
  const client = { certificate: other.certificatePem, key: other.keyPem };
  expect(errorOf(await probeOnce(endpointAt(port, { client })))).toMatch(
    /^tls_handshake: .*the server closes the connection/,
  );
});

/** Node's own server, for what needs its events. */
async function startNode(options: TlsOptions, ocsp?: Buffer): Promise<number> {
  const server = createServer(options);
  if (ocsp !== undefined)
    server.on("OCSPRequest", (_certificate, _issuer, done: (e: null, r: Buffer) => void) => done(null, ocsp));
  const { port } = await startServer((socket) => server.emit("connection", socket));
  return port;
}

test.each(["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"])(
  "%s: the wire is read",
  async (cipher) => {
    const cert = [leaf, other, leaf].map((one) => one.certificatePem).join("");
    const { port } = await startScripted([], { cert, key: leaf.keyPem, minVersion: "TLSv1.3", ciphers: cipher });
    const result = await probeOnce(endpointAt(port));
    expect(servedNames(result)).toEqual(["nas.lan", "other.lan", "nas.lan"]);
    expect(result.tls?.cipher).toBe(cipher);
  },
);

test("a server that wants another group first is read after its HelloRetryRequest", async () => {
  const cert = leaf.certificatePem + other.certificatePem;
  const { port } = await startScripted([], { cert, key: leaf.keyPem, minVersion: "TLSv1.3", ecdhCurve: "P-384" });
  const result = await probeOnce(endpointAt(port));
  expect(errorOf(result)).toBe("none");
  expect(servedNames(result)).toEqual(["nas.lan", "other.lan"]);
  expect(result.tls?.version).toBe("TLS 1.3");
});

test.each(["TLSv1.2", "TLSv1.3"] as const)("%s: a chain over many records is read whole", async (version) => {
  const cert = leaf.certificatePem + other.certificatePem.repeat(150);
  const { port } = await startScripted([], tlsOnly(version, { cert }));
  const result = await probeOnce(endpointAt(port));
  expect(errorOf(result)).toBe("none");
  expect(result.tls?.served).toHaveLength(151);
});

test.each(["TLSv1.2", "TLSv1.3"] as const)(
  "%s: a chain beyond 100 KiB fails and shows its first ones",
  async (version) => {
    const cert = leaf.certificatePem + other.certificatePem.repeat(400);
    const { port } = await startScripted([], tlsOnly(version, { cert }));
    const result = await probeOnce(endpointAt(port));
    expect(errorOf(result)).toMatch(/^tls_handshake: .*more than 100 KiB of certificates/);
    expect(servedNames(result)?.[0]).toBe("nas.lan");
  },
);

test("bytes that are cut anywhere are read the same", async () => {
  const { port } = await startServer((socket) => {
    const dripping = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, done) => {
        for (let at = 0; at < chunk.length; at += 7) socket.write(chunk.subarray(at, at + 7));
        done();
      },
    });
    socket.on("data", (chunk) => dripping.push(chunk)).on("close", () => dripping.destroy());
    beginTls(dripping, { cert: leaf.certificatePem, key: leaf.keyPem });
  });
  const result = await probeOnce(endpointAt(port));
  expect(errorOf(result)).toBe("none");
  expect(servedNames(result)).toEqual(["nas.lan"]);
});

test("a certificate that nobody can trust is no failure", async () => {
  const expired = await authority.issue({ hosts: ["old.lan"], notAfter: new Date(Date.now() - 86_400_000) });
  const { port } = await startScripted([], { cert: expired.certificatePem, key: expired.keyPem });
  const result = await probeOnce(endpointAt(port));
  expect(errorOf(result)).toBe("none");
  expect(servedNames(result)).toEqual(["old.lan"]);
});

test("https asks for HTTP, and another protocol for none", async () => {
  const asked: unknown[] = [];
  const ALPNCallback: TlsOptions["ALPNCallback"] = ({ protocols }) => {
    asked.push(protocols);
    return protocols[0];
  };
  const port = await startNode(tlsOnly("TLSv1.3", { ALPNCallback }));
  expect(errorOf(await probeOnce(endpointAt(port)))).toBe("none");
  expect(errorOf(await probeOnce(endpointAt(port, { protocol: "https" })))).toBe("none");
  expect(asked).toEqual([["http/1.1", "h2"]]);
});

test("the session is closed by its own words, without waiting for the server", async () => {
  const { port, heard } = await startScripted([], { cert: leaf.certificatePem, key: leaf.keyPem });
  await probeOnce(endpointAt(port));
  await waitUntil("the session is closed", () => heard.includes("closed"));
  expect(heard).toEqual(["closed"]);
});

describe("what is no TLS", () => {
  test.each([
    ["HTTP", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", /^tls_handshake: .*no TLS on that port/],
    ["SSH", "SSH-2.0-OpenSSH_9.9\r\n", /^tls_handshake: /],
    ["zero bytes", Buffer.alloc(100), /^tls_handshake: /],
    ["a cut off record", Buffer.from("160303ffff02", "hex"), /^(?:tls_handshake|connection_reset): /],
    ["a refusal of the version", Buffer.from("15030100020246", "hex"), /^tls_handshake: .*no TLS version in common/],
    [
      "a refusal of the name",
      Buffer.from("15030300020270", "hex"),
      /^tls_handshake: .*does not know the name nas\.lan/,
    ],
    [
      "a refusal of the ciphers",
      Buffer.from("15030300020228", "hex"),
      /^tls_handshake: .*no cipher or kind of key in common/,
    ],
  ])("%s", async (_, said, error) => {
    const { port } = await startServer((socket) => socket.once("data", () => socket.end(said)));
    const result = await probeOnce(endpointAt(port));
    expect(errorOf(result)).toMatch(error);
    expect(result.tls).toBeUndefined();
    expect(result.handshake).toBeUndefined();
  });

  test("an end instead of an answer", async () => {
    const { port } = await startServer((socket) => socket.once("data", () => socket.end()));
    expect(errorOf(await probeOnce(endpointAt(port)))).toMatch(/^tls_handshake: .*closed during the TLS handshake/);
  });

  test("a reset instead of an answer", async () => {
    const { port } = await startServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
    expect(errorOf(await probeOnce(endpointAt(port)))).toMatch(/^connection_reset: /);
  });

  test("silence, and a caller that gives up", async () => {
    const { port } = await startServer((socket) => socket.resume());
    const result = await probeOnce(endpointAt(port, { timeout: milliseconds(300) }));
    expect(errorOf(result)).toBe(`timeout: tls://127.0.0.1:${port}: the TLS handshake was not complete within 300ms`);
    const controller = new AbortController();
    const probing = probeOnce(endpointAt(port), controller.signal);
    controller.abort(new Error("shutting down"));
    await expect(probing).rejects.toThrow("shutting down");
    await expect(probeOnce(endpointAt(port), controller.signal)).rejects.toThrow("shutting down");
  });
});

test("a certificate that can not be read is counted, and the others are told", async () => {
  const broken = Buffer.from("30820003020101", "hex");
  const flight = serverFlight12([derOf(leaf), broken]);
  const { port } = await startServer((socket) => socket.once("data", () => socket.write(flight)));
  const result = await probeOnce(endpointAt(port, { timeout: milliseconds(1_000) }));
  expect(result.error).toBeDefined();
  expect(servedNames(result)).toEqual(["nas.lan"]);
  expect(result.tls).toMatchObject({ unreadable: 1, version: "TLS 1.2", cipher: "0xC02B" });
});

const derOf = ({ certificatePem }: IssuedCertificate): Buffer =>
  Buffer.from(certificatePem.replaceAll(/-----.*-----|\s/g, ""), "base64");

/** ServerHello and Certificate of TLS 1.2. */
function serverFlight12(certificates: readonly Buffer[]): Buffer {
  const sized = (bytes: Buffer, width: number): Buffer => {
    const length = Buffer.alloc(width);
    length.writeUIntBE(bytes.length, 0, width);
    return Buffer.concat([length, bytes]);
  };
  const message = (type: number, body: Buffer): Buffer => Buffer.concat([Buffer.of(type), sized(body, 3)]);
  const hello = Buffer.concat([Buffer.of(3, 3), randomBytes(32), Buffer.of(0, 0xc0, 0x2b, 0)]);
  const list = sized(Buffer.concat(certificates.map((der) => sized(der, 3))), 3);
  return Buffer.concat([Buffer.of(22, 3, 3), sized(Buffer.concat([message(2, hello), message(11, list)]), 2)]);
}

test("a client certificate that can not be used is told, without its key", async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const { port } = await startScripted([], { cert: leaf.certificatePem, key: leaf.keyPem });
  const mismatch = await probeOnce(endpointAt(port, { client: { certificate: leaf.certificatePem, key } }));
  expect(errorOf(mismatch)).toMatch(/^credential_unreadable: .*the client certificate and its key can not be used/);
  const garbage = await probeOnce(endpointAt(port, { client: { certificate: "garbage", key: "garbage" } }));
  expect(errorOf(garbage)).toMatch(/^credential_unreadable: /);
});
