import { createServer as createHttpServer } from "node:http";
import type { IncomingMessage, RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import type { TlsOptions } from "node:tls";

/** A server on a free port of the loopback. */
export interface TestServer {
  readonly port: number;
  /** `http://127.0.0.1:<port>` or `https://..`. */
  readonly origin: string;
  /** Method and URL of each request that came, in order. */
  readonly requests: readonly string[];
  /** Each TCP connection that came, open or not. */
  readonly sockets: readonly Socket[];
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

const running = new Set<TestServer>();

/** Closes every server that a test left open. */
export async function closeServers(): Promise<void> {
  await Promise.all([...running].map((server) => server.close()));
}

export async function startHttp(listener: RequestListener): Promise<TestServer> {
  const requests: string[] = [];
  const server = createHttpServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    listener(request, response);
  });
  return listen(server, "http", requests);
}

export async function startHttps(options: TlsOptions, listener: RequestListener): Promise<TestServer> {
  const requests: string[] = [];
  const server = createHttpsServer(options, (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    listener(request, response);
  });
  return listen(server, "https", requests);
}

/** A server that does what it likes with the bytes; a request is what comes first on a connection. */
export async function startTcp(onRequest: (socket: Socket, bytes: Buffer) => void): Promise<TestServer> {
  const requests: string[] = [];
  const server = createTcpServer((socket) => {
    socket.on("data", (bytes) => {
      requests.push(bytes.toString("latin1").split("\r\n")[0] ?? "");
      onRequest(socket, bytes);
    });
  });
  return listen(server, "http", requests);
}

/** A port on which nothing listens. */
export async function findClosedPort(): Promise<number> {
  const server = await startTcp(() => {});
  await server.close();
  return server.port;
}

export async function readRequestBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

async function listen(server: Server, scheme: string, requests: readonly string[]): Promise<TestServer> {
  const sockets: Socket[] = [];
  server.on("connection", (socket) => {
    sockets.push(socket);
    // What a client does to the connection is the test's subject, not the server's fault.
    socket.on("error", () => {});
  });
  server.on("tlsClientError", () => {});
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject).listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const { port } = server.address() as AddressInfo;
  const started: TestServer = {
    port,
    origin: `${scheme}://127.0.0.1:${port}`,
    requests,
    sockets,
    async close() {
      if (!running.delete(started)) return;
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      for (const socket of sockets) socket.destroy();
      await closed.promise;
    },
  };
  running.add(started);
  return started;
}
