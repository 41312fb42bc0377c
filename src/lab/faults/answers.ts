import { STATUS_CODES, type ServerResponse } from "node:http";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setInterval as every } from "node:timers/promises";
import { TLSSocket } from "node:tls";
import { gzipSync } from "node:zlib";
import type { LabAnswer, LabRequest } from "../exchange.ts";
import { sendAnswer } from "../send-answer.ts";
import type { AnswerFault, AnswerFaultKind, AnswerFaultOf, Fault, TextFaultKind } from "./fault.ts";
import { changesText, changeText, CLOCK_OFF_MS } from "./texts.ts";

/** One request under a fault. */
export interface FaultedExchange<K extends AnswerFaultKind> {
  readonly fault: AnswerFaultOf<K>;
  readonly request: LabRequest;
  readonly response: ServerResponse;
  /** Aborted when the connection ends, from whichever side. */
  readonly signal: AbortSignal;
  /** Asks the emulated server for the answer that it would give. */
  readonly answer: () => Promise<LabAnswer>;
  /** The answer that was asked for last before this request; undefined at the first one. */
  readonly previous: LabAnswer | undefined;
}

type Injections = { readonly [K in AnswerFaultKind]: (exchange: FaultedExchange<K>) => void | Promise<void> };

const HUGE_BYTES = 100 * 1024 * 1024;
/** So many objects in each other are an error body of just below 64 KiB, of which clients read a sentence. */
const DEEP_ERROR_LEVELS = 6_000;

const INJECTIONS: Injections = {
  hang: () => {},
  drip: async ({ fault, response, signal, answer }) => {
    const { status, headers, body = "" } = await answer();
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
    response.flushHeaders();
    for (const byte of Buffer.from(body)) {
      response.write(Buffer.of(byte));
      if (!(await nextByte(fault.intervalMs, signal))) return;
    }
    response.end();
  },
  slow_headers: async ({ fault, response, signal }) => {
    response.socket?.write("HTTP/1.1 200 OK\r\nX-Slow: ");
    while (await nextByte(fault.intervalMs, signal)) response.socket?.write("z");
  },
  reset: async (exchange) => {
    await writeHalf(exchange);
    exchange.response.socket?.destroy();
  },
  cut_short: async (exchange) => {
    await writeHalf(exchange);
    exchange.response.socket?.end();
  },
  wrong_length: async ({ response, answer }) => {
    const truly = await answer();
    const half = Math.ceil(Buffer.byteLength(truly.body ?? "") / 2);
    response.socket?.write(rawAnswer(truly, { "content-length": String(half) }));
  },
  huge_body: async ({ fault, response, signal }) => {
    response.writeHead(200, { "content-type": "application/json" });
    await pipeline(Readable.from(hugeBody(fault.bytes ?? HUGE_BYTES)), response, { signal }).catch(() => {});
  },
  status: ({ fault, response }) => sendJson(response, fault.status, { errors: fault.errors ?? [] }, fault.headers),
  deep_error: ({ response }) => {
    const body = `${'{"error":'.repeat(DEEP_ERROR_LEVELS)}"deep"${"}".repeat(DEEP_ERROR_LEVELS)}`;
    return sendAnswer(response, { status: 500, headers: JSON_TYPE, body });
  },
  redirect_loop: ({ request, response }) => {
    const hop = Number(request.query.get("hop") ?? 0) + 1;
    return sendAnswer(response, { status: 307, headers: { location: `${request.path}?hop=${hop}` } });
  },
  redirect_away: ({ response }) => {
    const scheme = response.socket instanceof TLSSocket ? "https" : "http";
    const location = `${scheme}://localhost:${response.socket?.localPort}${AWAY_PATH}`;
    return sendAnswer(response, { status: 307, headers: { location } });
  },
  not_http: ({ response }) => {
    response.socket?.end("\u0000\u0001SSH-2.0-OpenSSH_9.6\r\n");
  },
  encoding_lie: async ({ response, answer }) => {
    const truly = await answer();
    await sendAnswer(response, { ...truly, headers: { ...truly.headers, "content-encoding": "gzip" } });
  },
  gzip_bomb: ({ response }) => {
    response.writeHead(200, { ...JSON_TYPE, "content-encoding": "gzip" });
    response.end(gzipBomb());
  },
  previous_answer: async ({ response, answer, previous }) => {
    const truly = await answer();
    await sendAnswer(response, previous ?? truly);
  },
  truncated_json: sendChanged,
  wrong_types: sendChanged,
  nulls: sendChanged,
  empty_lists: sendChanged,
  doubled_rows: sendChanged,
  duplicate_keys: sendChanged,
  huge_numbers: sendChanged,
  negative_numbers: sendChanged,
  nan_numbers: sendChanged,
  markup: sendChanged,
  deep_nesting: sendChanged,
  clock_off: async ({ answer, ...exchange }) => {
    const date = new Date(Date.now() + CLOCK_OFF_MS).toUTCString();
    const withDate = async (): Promise<LabAnswer> => {
      const truly = await answer();
      return { ...truly, headers: { ...truly.headers, date } };
    };
    await sendChanged({ ...exchange, answer: withDate });
  },
  html: ({ fault, response }) => {
    const headers = { "content-type": "text/html; charset=utf-8" };
    return sendAnswer(response, { status: 200, headers, body: changeText("", fault) });
  },
  empty_object: ({ fault, response }) =>
    sendAnswer(response, { status: 200, headers: JSON_TYPE, body: changeText("", fault) }),
  never_closed: async ({ response, answer }) => {
    const truly = await answer();
    const length = String(Buffer.byteLength(truly.body ?? ""));
    response.socket?.write(rawAnswer(truly, { "content-length": length, connection: "close" }));
  },
};

const JSON_TYPE = { "content-type": "application/json" } as const;

/**
 * Where `redirect_away` leads, at the name localhost: whoever follows it with a credential has shown it to another
 * host.
 */
export const AWAY_PATH = "/elsewhere";

/** Whether the fault changes the answer to a request for the path. */
export function faultsAnswer(fault: Fault | undefined, path: string): fault is AnswerFault {
  return fault !== undefined && fault.kind in INJECTIONS && (!("path" in fault) || path.startsWith(fault.path ?? ""));
}

const TRUE_ELSEWHERE: ReadonlySet<AnswerFaultKind> = new Set(["previous_answer", "never_closed"]);

/** Whether the fault changes only the content of answers, or what comes after them. */
export const isOfTrueAnswers = (fault: AnswerFault): boolean =>
  (changesText(fault) && fault.kind !== "html" && fault.kind !== "empty_object") || TRUE_ELSEWHERE.has(fault.kind);

/** Answers a request as the fault wants; an answer that never ends resolves when the connection has ended. */
export async function injectFault<K extends AnswerFaultKind>(exchange: FaultedExchange<K>): Promise<void> {
  await INJECTIONS[exchange.fault.kind](exchange);
}

/** Sends the true answer with its text changed. */
async function sendChanged<K extends TextFaultKind>({ fault, response, answer }: FaultedExchange<K>): Promise<void> {
  const { body = "", pieces, ...head } = await answer();
  if (pieces === undefined) await sendAnswer(response, { ...head, body: changeText(body, fault) });
  else await sendAnswer(response, { ...head, pieces: changePieces(pieces, fault) });
}

function changePieces<K extends TextFaultKind>(pieces: Readable, fault: AnswerFaultOf<K>): Readable {
  const changing = new Transform({
    transform: (piece: Buffer, _, done) => done(null, changeText(piece.toString("utf8"), fault)),
  });
  changing.once("close", () => pieces.destroy());
  return pieces.on("error", () => changing.destroy()).pipe(changing);
}

async function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers?: Readonly<Record<string, string>>,
): Promise<void> {
  await sendAnswer(response, { status, headers: { ...JSON_TYPE, ...headers }, body: `${JSON.stringify(body)}\n` });
}

/** An answer that Node's own server would not write: it does not heed what its headers say. */
function rawAnswer({ status, statusMessage, headers = {}, body = "" }: LabAnswer, more: LabAnswer["headers"]): string {
  const lines = Object.entries({ ...headers, ...more }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${statusMessage ?? STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`;
}

/** Promises the whole body and sends half of it. */
async function writeHalf({ response, answer }: Pick<FaultedExchange<"reset">, "response" | "answer">): Promise<void> {
  const { status, headers, body = "" } = await answer();
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, "content-length": bytes.length });
  await new Promise((written) => {
    response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), written);
  });
}

/** Waits for the next byte's turn, a second unless given; false when the connection has ended. */
export async function nextByte(intervalMs = 1000, signal: AbortSignal): Promise<boolean> {
  try {
    for await (const _ of every(intervalMs, undefined, { signal })) return true;
  } catch {
    // The abort of the signal is the end of the connection, not a failure.
  }
  return false;
}

/** A JSON object of so many bytes, piece by piece. */
export function* hugeBody(bytes = HUGE_BYTES): Generator<string> {
  const [start, end] = ['{"data":"', '"}\n'];
  const chunk = "x".repeat(64 * 1024);
  yield start;
  for (let left = bytes - start.length - end.length; left > 0; left -= chunk.length) yield chunk.slice(0, left);
  yield end;
}

const MEMBERS = 100;
let bomb: Buffer | undefined;

/** Some 100 KB of gzip that are 100 MiB of spaces: members one after the other are one file (RFC 1952, section 2.2). */
function gzipBomb(): Buffer {
  if (bomb !== undefined) return bomb;
  const member = gzipSync(Buffer.alloc(HUGE_BYTES / MEMBERS, " "));
  return (bomb = Buffer.concat(Array.from({ length: MEMBERS }, () => member)));
}
