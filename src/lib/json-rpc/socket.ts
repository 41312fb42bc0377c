import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { buildConnector } from "undici";
import { WebSocket } from "ws";
import { CollectError } from "../../core/errors.ts";
import { milliseconds, type Duration } from "../../core/duration.ts";
import { decodeText, readBytes } from "../http/body.ts";
import { untilAborted } from "../http/deadline.ts";
import { createNetworkError } from "../http/network-error.ts";
import { describeRequest } from "../http/request-text.ts";
import { createStatusError } from "../http/status-error.ts";

/** What a socket is opened with. */
export interface SocketOptions {
  /** `wss:` URL. */
  readonly url: URL;
  readonly connect: buildConnector.connector;
  readonly maxMessageBytes: number;
  /** The bound that a timeout's message names. */
  readonly within: Duration;
  /** Ends the attempt; its reason is thrown. */
  readonly signal: AbortSignal;
}

/** A WebSocket after its upgrade, paused so that no message is lost before somebody listens. */
export interface OpenSocket {
  readonly ws: WebSocket;
  /** Every byte that came, those of half a message too. */
  bytesRead(): number;
}

/** How long the server may take to close the connection after one side said goodbye. */
const FAREWELL = milliseconds(500);

/** The server's place as messages show it. */
export const placeOf = (url: URL): string => describeRequest("", url).trim();

/**
 * Opens a WebSocket over TLS; no byte of the upgrade leaves before the server's certificate was found to be right.
 * Throws `CollectError` with the same reasons as a request of the HTTP client.
 */
export async function openSocket(options: SocketOptions): Promise<OpenSocket> {
  const { url, signal, within } = options;
  try {
    const socket = await connectTls(options);
    return { ws: await upgrade(socket, options), bytesRead: () => socket.bytesRead };
  } catch (thrown) {
    signal.throwIfAborted();
    throw explain(thrown, placeOf(url), within);
  }
}

async function connectTls({ url, connect, signal }: SocketOptions): Promise<Socket> {
  if (url.protocol !== "wss:") throw new CollectError("internal", "the URL does not begin with wss://");
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const hostname = url.hostname.replaceAll(/^\[|\]$/g, "");
  connect({ hostname, host: url.host, protocol: "https:", port: url.port }, (...[error, socket]) => {
    if (error !== null) return reject(error);
    resolve(socket);
    // nobody waits for one that comes too late
    if (signal.aborted) socket.destroy();
  });
  return untilAborted(promise, signal);
}

async function upgrade(socket: Socket, { url, maxMessageBytes, signal }: SocketOptions): Promise<WebSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
  const options = {
    createConnection: () => socket,
    maxPayload: maxMessageBytes,
    // On a local network compressing costs a server more than it spares the network.
    perMessageDeflate: false,
    headers: { "user-agent": "watchkeeper" },
    // not in the types yet
    closeTimeout: FAREWELL,
  };
  const ws = new WebSocket(url, options);
  // one that comes after the end of the wait would end the process
  ws.on("error", () => {});
  ws.once("error", reject);
  ws.once("unexpected-response", (request: ClientRequest, response: IncomingMessage) => {
    void readRefusal(url, response).then((error) => {
      reject(error);
      request.destroy();
    });
  });
  ws.once("open", () => {
    ws.pause();
    resolve(ws);
  });
  try {
    return await untilAborted(promise, signal);
  } catch (thrown) {
    ws.terminate();
    socket.destroy();
    throw thrown;
  }
}

const MAX_ERROR_BODY_BYTES = 64 * 1024;

async function readRefusal(url: URL, response: IncomingMessage): Promise<CollectError> {
  let body: unknown;
  try {
    body = JSON.parse(decodeText(await readBytes(response, undefined, MAX_ERROR_BODY_BYTES)));
  } catch {
    // the status is the news
  }
  return createStatusError({
    where: placeOf(url),
    url,
    status: response.statusCode ?? 0,
    location: response.headers.location,
    phrase: response.statusMessage,
    body,
    redact: (text) => text,
  });
}

function explain(thrown: unknown, where: string, within: Duration): CollectError {
  const code: unknown = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (thrown instanceof CollectError && thrown.message.startsWith(where)) return thrown;
  if (code === "HPE_INVALID_EOF_STATE") {
    return new CollectError("connection_reset", `${where}: the connection was closed before the answer was complete`);
  }
  if (typeof code === "string" && code.startsWith("HPE_")) {
    return new CollectError("invalid_response", `${where}: the answer is not HTTP (${code})`);
  }
  // ws gives its own faults no code, and their words hold nothing of the answer.
  if (thrown instanceof Error && code === undefined && !(thrown instanceof CollectError)) {
    return new CollectError("invalid_response", `${where}: the answer is no WebSocket's: ${thrown.message}`);
  }
  return createNetworkError(thrown, where, { connect: within, headers: within });
}
