import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { WebSocketServer, type WebSocket } from "ws";
import { createAuthority, type IssuedCertificate } from "../../src/lab/certificates.ts";
import { milliseconds } from "../../src/core/duration.ts";
import { createRpcClient } from "../../src/lib/json-rpc/client.ts";
import type { RpcClient, RpcClientOptions, RpcPace } from "../../src/lib/json-rpc/contract.ts";
import { jsonRpcWire } from "../../src/lib/json-rpc/json-rpc-wire.ts";

/** A call as the server got it. */
export interface ServerCall {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
  readonly socket: WebSocket;
  /** How many sockets there were when it came, its own included. */
  readonly nth: number;
  answer(result: unknown): void;
  fail(code: number, message: string, data?: unknown): void;
}

/** A real server of JSON-RPC over TLS on a free port of the loopback. */
export interface RpcServer {
  readonly url: string;
  readonly ca: string;
  readonly certificate: IssuedCertificate;
  /** Every socket that was upgraded, open or not. */
  readonly sockets: readonly WebSocket[];
  /** Every TLS connection that came. */
  readonly connections: readonly TLSSocket[];
  /** Every call but `login` and `core.subscribe`, in order. */
  readonly calls: readonly ServerCall[];
  readonly subscriptions: readonly string[];
  /** Answers a call; unless set, with its first parameter. */
  onCall: (call: ServerCall) => void;
  onLogin: (call: ServerCall) => void;
  onSubscribe: (call: ServerCall) => void;
  /** Does something at once with a socket that was upgraded. */
  onSocket: (socket: WebSocket) => void;
  /** Set for a server of another protocol. */
  onText: ((socket: WebSocket, text: string) => void) | undefined;
  /** Answers an upgrade in another way when it gives true. */
  onUpgrade: (connection: Duplex) => boolean;
  tell(name: string, fields: unknown): void;
  /** Sends this text on the newest socket. */
  say(text: string): void;
  /** Resolves when the client has read all that was sent on the newest socket. */
  heard(): Promise<void>;
  drop(): void;
  /** A client with the server's authority; `close` closes it. */
  client(options?: Partial<RpcClientOptions>): RpcClient;
  close(): Promise<void>;
}

const running = new Set<RpcServer>();

/** Closes every server, and its clients, that a test left open. */
export async function closeRpcServers(): Promise<void> {
  await Promise.all([...running].map((server) => server.close()));
}

/** Waits of a few milliseconds, and a generous budget. */
const QUICK: Partial<RpcPace> = {
  firstWait: milliseconds(1),
  lastWait: milliseconds(20),
  openings: 1_000,
  window: milliseconds(1_000),
};

const authority = createAuthority();
const leaf = authority.then((authority) => authority.issue({ hosts: ["127.0.0.1"] }));

export async function startRpcServer(): Promise<RpcServer> {
  const certificate = await leaf;
  const https = createServer({ cert: certificate.certificatePem, key: certificate.keyPem });
  const seen: Seen = { sockets: [], connections: [], calls: [], subscriptions: [] };
  https.on("secureConnection", (connection) => seen.connections.push(connection.on("error", () => {})));
  const listening = Promise.withResolvers<void>();
  https.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const url = `wss://127.0.0.1:${(https.address() as AddressInfo).port}/api`;
  const server = new ScriptedServer({ url, ca: (await authority).certificatePem, certificate, https, seen });
  takeUpgrades(https, server, seen);
  running.add(server);
  return server;
}

interface Seen {
  readonly sockets: WebSocket[];
  readonly connections: TLSSocket[];
  readonly calls: ServerCall[];
  readonly subscriptions: string[];
}

interface Started extends Pick<RpcServer, "url" | "ca" | "certificate"> {
  readonly https: Server;
  readonly seen: Seen;
}

function takeUpgrades(https: Server, server: RpcServer, seen: Seen): void {
  const upgrades = new WebSocketServer({ noServer: true });
  https.on("upgrade", (request, connection, head) => {
    if (server.onUpgrade(connection)) return;
    upgrades.handleUpgrade(request, connection, head, (socket) => {
      const nth = seen.sockets.push(socket);
      socket.on("error", () => {});
      server.onSocket(socket);
      socket.on("message", (data: Buffer) => {
        if (server.onText === undefined) return take(server, seen, readCall(data, socket, nth));
        server.onText(socket, data.toString());
      });
    });
  });
}

function take(server: RpcServer, seen: Seen, call: ServerCall): void {
  if (call.method === "login") return server.onLogin(call);
  if (call.method === "core.subscribe") {
    seen.subscriptions.push(String(call.params[0]));
    return server.onSubscribe(call);
  }
  seen.calls.push(call);
  server.onCall(call);
}

class ScriptedServer implements RpcServer {
  readonly url: string;
  readonly ca: string;
  readonly certificate: IssuedCertificate;
  readonly sockets: readonly WebSocket[];
  readonly connections: readonly TLSSocket[];
  readonly calls: readonly ServerCall[];
  readonly subscriptions: readonly string[];
  readonly #https: Server;
  readonly #clients: RpcClient[] = [];
  onCall = (call: ServerCall): void => call.answer(call.params[0] ?? null);
  onLogin = (call: ServerCall): void => call.answer(true);
  onSubscribe = (call: ServerCall): void => call.answer("subscribed");
  onSocket: RpcServer["onSocket"] = () => {};
  onText: RpcServer["onText"] = undefined;
  onUpgrade: RpcServer["onUpgrade"] = () => false;

  constructor({ url, ca, certificate, https, seen }: Started) {
    this.url = url;
    this.ca = ca;
    this.certificate = certificate;
    this.#https = https;
    this.sockets = seen.sockets;
    this.connections = seen.connections;
    this.calls = seen.calls;
    this.subscriptions = seen.subscriptions;
  }

  tell(collection: string, fields: unknown): void {
    const params = { msg: "changed", collection, fields };
    this.say(JSON.stringify({ jsonrpc: "2.0", method: "collection_update", params }));
  }

  say(text: string): void {
    this.sockets.at(-1)?.send(text);
  }

  async heard(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.sockets.at(-1)?.once("pong", () => resolve());
    this.sockets.at(-1)?.ping();
    await promise;
  }

  drop(): void {
    this.sockets.at(-1)?.terminate();
  }

  client(options: Partial<RpcClientOptions> = {}): RpcClient {
    const client = createRpcClient({
      ca: this.ca,
      locate: async () => ({ url: this.url, wire: jsonRpcWire }),
      login: async (call) => void (await call("login", ["the-key-of-this-test"])),
      ...options,
      pace: { ...QUICK, ...options.pace },
    });
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    if (!running.delete(this)) return;
    await Promise.all(this.#clients.map((client) => client.close()));
    const closed = Promise.withResolvers<void>();
    this.#https.close(() => closed.resolve());
    for (const connection of this.connections) connection.destroy();
    await closed.promise;
  }
}

function readCall(data: Buffer, socket: WebSocket, nth: number): ServerCall {
  const { id, method, params } = JSON.parse(data.toString()) as ServerCall;
  const send = (rest: object): void => socket.send(JSON.stringify({ jsonrpc: "2.0", id, ...rest }));
  return {
    id,
    method,
    params,
    socket,
    nth,
    answer: (result) => send({ result }),
    fail: (code, message, data) => send({ error: { code, message, data } }),
  };
}
