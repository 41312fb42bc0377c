import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { milliseconds } from "../../../core/duration.ts";
import { createAuthority, type IssuedCertificate } from "../../../lab/certificates.ts";
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

let leaf: IssuedCertificate;
beforeAll(async () => {
  leaf = await (await createAuthority()).issue({ hosts: ["nas.lan"] });
});
afterEach(closeServers);

const tlsOptions = () => ({ cert: leaf.certificatePem, key: leaf.keyPem });

/** A port where nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test("a name is resolved, and how long it took is told", async () => {
  const { port } = await startScripted([], tlsOptions());
  const result = await probeOnce(endpointAt(port, { host: "localhost" }));
  expect(errorOf(result)).toBe("none");
  expect(result).toMatchObject({ dns: expect.any(Number), connect: expect.any(Number), ipProtocol: 4 });
  expect(result.at).toBeCloseTo(Date.now() / 1_000, -1);
});

test("a name that nobody knows", async () => {
  const result = await probeOnce(endpointAt(443, { host: "nowhere.invalid" }));
  expect(errorOf(result)).toMatch(/^dns_failure: tls:\/\/nowhere\.invalid:443: the host name can not be resolved/);
  expect(result.connect).toBeUndefined();
});

test("a port where nothing listens", async () => {
  const port = await freePort();
  const result = await probeOnce(endpointAt(port, { host: "localhost" }));
  expect(errorOf(result)).toMatch(/^connection_refused: /);
  expect(result).toMatchObject({ dns: expect.any(Number), duration: expect.any(Number) });
  expect(result.connect).toBeUndefined();
});

test("an address of a family that is not wanted", async () => {
  const result = await probeOnce(endpointAt(443, { ipProtocol: "ipv6" }));
  expect(errorOf(result)).toMatch(/^connection_failed: .*127\.0\.0\.1 is not an address of the ip_protocol ipv6/);
});

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));

test("IPv6, or its absence, is told", async () => {
  // a machine without ::1 shows the other half: that it is a failure of the network
  const port = hasIpv6 ? (await startServer((socket) => beginTls(socket, tlsOptions()), "::1")).port : 443;
  const result = await probeOnce(endpointAt(port, { host: "::1", ipProtocol: "ipv6" }));
  expect([errorOf(result).split(":")[0], result.ipProtocol]).toEqual(
    hasIpv6 ? ["none", 6] : ["connection_failed", undefined],
  );
});

test("a caller that gives up before the connection stands", async () => {
  const controller = new AbortController();
  const probing = probeOnce(endpointAt(443, { host: "localhost" }), controller.signal);
  controller.abort(new Error("shutting down"));
  await expect(probing).rejects.toThrow("shutting down");
});

describe("by a proxy", () => {
  /** A proxy that opens tunnels to the loopback. */
  const startProxy = (answer = "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n") =>
    startServer((client, heard) => {
      client.once("data", (head: Buffer) => {
        heard.push(head.toString("latin1"));
        const [, port] = /^CONNECT [^ ]+:(\d+) /.exec(head.toString("latin1")) ?? [];
        const upstream = connect(Number(port), "127.0.0.1", () => {
          client.write(answer);
          client.pipe(upstream).pipe(client);
        });
        upstream.on("error", () => client.destroy());
        client.on("close", () => upstream.destroy());
      });
    });
  const through = (port: number) => ({ proxy: { host: "127.0.0.1", port } });

  test("TLS goes through its tunnel, by the name that the proxy resolves", async () => {
    const { port } = await startScripted([], tlsOptions());
    const proxy = await startProxy();
    const result = await probeOnce(endpointAt(port, { host: "nas.invalid", ...through(proxy.port) }));
    expect(errorOf(result)).toBe("none");
    expect(servedNames(result)).toEqual(["nas.lan"]);
    expect(proxy.heard).toEqual([`CONNECT nas.invalid:${port} HTTP/1.1\r\nHost: nas.invalid:${port}\r\n\r\n`]);
    expect(result.dns).toBeUndefined();
    expect(result.ipProtocol).toBeUndefined();
    expect(result.connect).toBeGreaterThan(0);
  });

  test("an IPv6 address is written in brackets", async () => {
    const proxy = await startServer((client, heard) => client.once("data", (head) => heard.push(String(head))));
    await probeOnce(endpointAt(443, { host: "fd00::2", timeout: milliseconds(300), ...through(proxy.port) }));
    expect(proxy.heard[0]).toMatch(/^CONNECT \[fd00::2\]:443 HTTP/);
  });

  test("a greeting that comes together with the proxy's answer is not lost", async () => {
    const { port } = await startScripted([{ hear: /STLS\r\n/ }, { say: "+OK\r\n" }], tlsOptions());
    const proxy = await startProxy("HTTP/1.0 200 OK\r\n\r\n+OK ready\r\n");
    const result = await probeOnce(endpointAt(port, { protocol: "pop3", ...through(proxy.port) }));
    expect(errorOf(result)).toBe("none");
  });

  test("a server that speaks first where TLS begins is told", async () => {
    const { port } = await startScripted([], tlsOptions());
    const proxy = await startProxy("HTTP/1.0 200 OK\r\n\r\nSSH-2.0-OpenSSH\r\n");
    expect(errorOf(await probeOnce(endpointAt(port, through(proxy.port))))).toMatch(/^invalid_response: .*"SSH-2\.0/);
  });

  test.each([
    [
      "HTTP/1.1 403 Forbidden\r\n\r\n",
      /^forbidden: .* by the proxy 127\.0\.0\.1:\d+: the proxy refuses CONNECT with 403 Forbidden$/,
    ],
    ["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", /^unauthorized: /],
    ["HTTP/1.1 502 Bad Gateway\r\nX: y\r\n\r\n<html>", /^server_error: .*502 Bad Gateway$/],
    ["HTTP/1.1 301\r\n\r\n", /^unexpected_status: .*301$/],
    ["SSH-2.0-OpenSSH_9.9\r\n", /^invalid_response: .*is not HTTP: "SSH-2\.0/],
    ["HTTP/1.1 two hundred\r\n\r\n", /^invalid_response: .*is not HTTP/],
    [Buffer.from("15030300020228", "hex"), /^invalid_response: .*is not HTTP: bytes 1503/],
    ["HTTP/1.1 200 OK\r\n", /^connection_reset: /],
  ])("an answer %j is told", async (answer, error) => {
    const proxy = await startServer((client) => client.once("data", () => client.end(answer)));
    expect(errorOf(await probeOnce(endpointAt(443, through(proxy.port))))).toMatch(error);
  });

  test("a proxy that is silent, and one that is not there", async () => {
    const proxy = await startServer((client) => client.resume());
    const silent = await probeOnce(endpointAt(443, { timeout: milliseconds(300), ...through(proxy.port) }));
    expect(errorOf(silent)).toMatch(/^timeout: .*the proxy's answer to CONNECT was not complete within 300ms$/);
    const absent = await probeOnce(endpointAt(443, through(await freePort())));
    expect(errorOf(absent)).toMatch(/^connection_refused: .* by the proxy 127\.0\.0\.1:/);
  });
});
