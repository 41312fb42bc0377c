import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { milliseconds } from "../../core/duration.ts";
import type { CollectReason } from "../../core/errors.ts";
import { createAuthority } from "../../lab/certificates.ts";
import { failureOf } from "../http/__fixtures__/failures.ts";
import { findClosedPort } from "../http/__fixtures__/servers.ts";
import { closeRpcServers, startRpcServer, type RpcServer } from "../../../test/helpers/rpc-server.ts";
import type { RpcClientOptions } from "./contract.ts";
import { createRpcClient } from "./client.ts";
import { ddpWire } from "./ddp-wire.ts";
import { jsonRpcWire } from "./json-rpc-wire.ts";

let server: RpcServer;
beforeEach(async () => {
  server = await startRpcServer();
});
afterEach(closeRpcServers);

/** How the first call of a client fails. */
const failure = async (options: Partial<RpcClientOptions> = {}) =>
  failureOf(server.client(options).call({ method: "x" }));

const at = (url: string): Partial<RpcClientOptions> => ({ locate: async () => ({ url, wire: jsonRpcWire }) });

describe("an answer in place of the upgrade", () => {
  const HTML = "<!doctype html><title>log in</title>";
  const CASES: readonly (readonly [string, CollectReason, string])[] = [
    [`HTTP/1.1 200 OK\r\ncontent-length: ${HTML.length}\r\n\r\n${HTML}`, "unexpected_status", "status 200"],
    [
      "HTTP/1.1 302 Found\r\nlocation: https://login.example/?token=s3cret\r\n\r\n",
      "unexpected_status",
      "status 302, a redirect to https://login.example",
    ],
    [
      `HTTP/1.1 401 No\r\nconnection: close\r\n\r\n{"message":"who are you"}`,
      "unauthorized",
      "status 401: who are you",
    ],
    ["HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", "forbidden", "status 403"],
    ["HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", "not_found", "status 404"],
    ["HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n", "server_error", "status 502"],
    ["HTTP/1.1 503 Busy\r\ncontent-length: 1000000\r\n\r\n", "server_error", "status 503: Busy"],
    ["SSH-2.0-OpenSSH_9.2\r\n", "invalid_response", "the answer is not HTTP (HPE_INVALID_CONSTANT)"],
    [
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
      "invalid_response",
      "the answer is no WebSocket's: Invalid Upgrade header",
    ],
    [
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: x\r\n\r\n",
      "invalid_response",
      "the answer is no WebSocket's: Invalid Sec-WebSocket-Accept header",
    ],
    ["", "connection_reset", "the connection was closed before the answer was complete (ECONNRESET)"],
  ];

  it.each(CASES)("%j has one reason", async (text, reason, what) => {
    server.onUpgrade = (connection) => {
      connection.end(text);
      return true;
    };
    const error = await failure();
    expect([error.reason, error.message]).toEqual([reason, `${server.url}: ${what}`]);
    expect(error.message).not.toContain("s3cret");
  });

  it("that never comes is a timeout", async () => {
    server.onUpgrade = () => true;
    const error = await failure({ pace: { open: milliseconds(50) } });
    expect([error.reason, error.message]).toEqual(["timeout", `${server.url}: no connection within 50ms`]);
  });
});

describe("TLS", () => {
  it("is checked as everywhere", async () => {
    const other = (await createAuthority()).certificatePem;
    expect((await failure({ ca: other })).reason).toBe("tls_untrusted");
    expect((await failure({ ca: undefined })).reason).toBe("tls_untrusted");
    expect((await failure({ serverName: "nas.example" })).reason).toBe("tls_wrong_host");
    expect((await failure(at(server.url.replace("127.0.0.1", "localhost")))).reason).toBe("tls_wrong_host");
    expect(server.sockets).toHaveLength(0);
  });

  it("with a pin needs no authority, and another certificate gets no byte of the upgrade", async () => {
    const { fingerprint256: fingerprint } = server.certificate;
    const client = server.client({ ca: undefined, fingerprint });
    expect(await client.call({ method: "echo", params: [1] })).toBe(1);
    let requests = 0;
    server.onUpgrade = () => ++requests > 0;
    const error = await failure({ ca: undefined, fingerprint: "ab".repeat(32) });
    expect(error.reason).toBe("tls_pin_mismatch");
    expect(error.message).toContain(`${server.url}: the certificate's SHA-256 is ${fingerprint}`);
    expect(requests).toBe(0);
  });

  it("that is no TLS, or a port that is closed, has its reason", async () => {
    const plain = createHttpServer();
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    const { port } = plain.address() as AddressInfo;
    expect((await failure(at(`wss://127.0.0.1:${port}/`))).reason).toBe("tls_handshake");
    plain.close();
    expect((await failure(at(`wss://127.0.0.1:${await findClosedPort()}/`))).reason).toBe("connection_refused");
    expect((await failure(at(`wss://${"x".repeat(64)}.invalid/`))).reason).toBe("dns_failure");
  });

  it("is a must", async () => {
    const error = await failure(at(server.url.replace("wss:", "ws:")));
    expect([error.reason, error.message]).toEqual(["internal", expect.stringContaining("does not begin with wss://")]);
    expect(server.connections).toHaveLength(0);
  });

  it("with what can not be used is refused when the client is made", () => {
    const options = { locate: async () => ({ url: server.url, wire: jsonRpcWire }), login: async () => {} };
    expect(() => createRpcClient({ ...options, ca: "nonsense" })).toThrow("no file of PEM certificates");
    expect(() => createRpcClient({ ...options, fingerprint: "nonsense" })).toThrow("not a SHA-256");
  });
});

describe("before the first call", () => {
  it("a login that hangs, or a server that can not be found, ends with the bound on opening", async () => {
    server.onLogin = () => {};
    const pace = { open: milliseconds(50) };
    expect((await failure({ pace })).message).toBe(`${server.url}: no connection within 50ms`);
    const error = await failure({ pace, locate: async () => new Promise(() => {}) });
    expect([error.reason, error.message]).toEqual(["timeout", "the server: no connection within 50ms"]);
  });

  it("a socket that is lost in the login fails it", async () => {
    server.onLogin = ({ socket }) => socket.terminate();
    const error = await failure();
    expect([error.reason, error.message]).toEqual([
      "connection_reset",
      `${server.url}: login: the socket was closed before the answer came`,
    ]);
  });

  it("a failed login leaves no socket behind", async () => {
    const closed = Promise.withResolvers<void>();
    server.onLogin = ({ socket, fail }) => {
      socket.once("close", () => closed.resolve());
      fail(-1, "no");
    };
    expect((await failure()).reason).toBe("server_error");
    await closed.promise;
  });

  it("DDP greets, and a server that does not take it is said to", async () => {
    const heard: unknown[] = [];
    const accepts = (socket: { send(text: string): void }, text: string): void => {
      const { msg, id, params } = JSON.parse(text) as { msg: string; id?: string; params?: unknown[] };
      heard.push(msg);
      const reply = msg === "connect" ? { msg: "connected" } : { msg: "result", id, result: params?.[0] };
      socket.send(JSON.stringify(reply));
    };
    const ddp = { locate: async () => ({ url: server.url, wire: ddpWire }) };
    server.onText = accepts;
    expect(await server.client(ddp).call({ method: "echo", params: [1] })).toBe(1);
    expect(heard).toEqual(["connect", "method", "method"]);
    server.onText = (socket) => socket.send(`{"msg":"failed","version":"2"}`);
    expect((await failure(ddp)).message).toBe(`${server.url}: the server does not accept version 1 of DDP`);
  });
});
