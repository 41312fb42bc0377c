import { once } from "node:events";
import { WebSocket } from "ws";
import type { TrueNasLab } from "./contract.ts";

/** A message as it came. */
export type RawMessage = Readonly<Record<string, unknown>>;

/** A socket on which a test says what it wants. */
export interface RawClient {
  /** All messages so far, parsed; what is no JSON as a text. */
  readonly messages: readonly unknown[];
  /** Resolves with the code and the reason when the socket has ended. */
  readonly closed: Promise<readonly [code: number, reason: string]>;
  send(message: unknown): void;
  /** Sends these characters as they are. */
  sendText(text: string | Buffer): void;
  /** The next message that nobody took yet and that fits. */
  next(fits: (message: RawMessage) => boolean): Promise<RawMessage>;
  /** Calls by JSON-RPC; resolves with the whole answer. */
  call(method: string, ...params: readonly unknown[]): Promise<RawMessage>;
  close(): void;
}

/** Opens a socket of the emulated server; rejects with the HTTP status when it is none. */
export async function openRaw({ url, caPem }: Pick<TrueNasLab, "url" | "caPem">, path: string): Promise<RawClient> {
  const socket = new WebSocket(`${url.replace("https", "wss")}${path}`, { ca: caPem });
  const messages: unknown[] = [];
  const waiting = new Set<() => void>();
  socket.on("message", (data: Buffer) => {
    messages.push(parse(data.toString()));
    for (const wake of waiting) wake();
  });
  const closed = new Promise<readonly [number, string]>((resolve) => {
    socket.on("close", (code: number, reason: Buffer) => resolve([code, reason.toString()]));
  });
  await once(socket, "open");
  socket.on("error", () => {});
  let calls = 0;
  const client: RawClient = {
    messages,
    closed,
    send: (message) => socket.send(JSON.stringify(message)),
    sendText: (text) => socket.send(text),
    next: (fits) => take(messages, waiting, fits),
    call: (method, ...params) => {
      calls += 1;
      const id = calls;
      client.send({ jsonrpc: "2.0", id, method, params });
      return client.next((message) => message["id"] === id);
    },
    close: () => socket.terminate(),
  };
  return client;
}

function take(
  messages: unknown[],
  waiting: Set<() => void>,
  fits: (message: RawMessage) => boolean,
): Promise<RawMessage> {
  return new Promise((resolve) => {
    const look = (): void => {
      const at = messages.findIndex((message) => isMessage(message) && fits(message));
      const found = messages[at];
      if (!isMessage(found)) return;
      messages.splice(at, 1);
      waiting.delete(look);
      resolve(found);
    };
    waiting.add(look);
    look();
  });
}

const isMessage = (message: unknown): message is RawMessage => typeof message === "object" && message !== null;

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
