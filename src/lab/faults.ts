import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setInterval as every } from "node:timers/promises";
import type { LabAnswer, LabRequest } from "./exchange.ts";
import { withNulls, withWrongTypes } from "./wrong-body.ts";

interface OnPaths {
  /** Only requests whose path begins so are faulted; all of them without it. */
  readonly path?: string;
}

interface Interval extends OnPaths {
  /** Milliseconds between two bytes; 1000 unless given. */
  readonly intervalMs?: number;
}

interface Nulls extends OnPaths {
  /** From which depth on values are null; 1 is the members of the outermost object. Only leaves without it. */
  readonly depth?: number;
}

interface HugeBody extends OnPaths {
  /** 100 MiB unless given. */
  readonly bytes?: number;
}

interface Status extends OnPaths {
  readonly status: number;
  /** The texts of the `errors` list in the body; none unless given. */
  readonly errors?: readonly string[];
  /** Such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What each fault in an answer can be given. */
interface AnswerFaultOptions {
  hang: OnPaths;
  drip: Interval;
  slow_headers: Interval;
  reset: OnPaths;
  cut_short: OnPaths;
  truncated_json: OnPaths;
  html: OnPaths;
  wrong_types: OnPaths;
  nulls: Nulls;
  empty_object: OnPaths;
  huge_body: HugeBody;
  status: Status;
  redirect_loop: OnPaths;
  not_http: OnPaths;
}

/** The faults of single answers; they can be limited to paths. */
export type AnswerFaultKind = keyof AnswerFaultOptions;

/** The faults of whole connections: no request is seen, or none is trusted. */
export type ConnectionFaultKind =
  "hang_handshake" | "refused" | "expired_certificate" | "untrusted_certificate" | "wrong_host_certificate";

/** The name of a fault. */
export type FaultKind = AnswerFaultKind | ConnectionFaultKind;

type AnswerFaultOf<K extends AnswerFaultKind> = { readonly kind: K } & AnswerFaultOptions[K];

/** A fault in answers, with its options. */
export type AnswerFault = { [K in AnswerFaultKind]: AnswerFaultOf<K> }[AnswerFaultKind];

/** A fault that a lab server can be put under. */
export type Fault = AnswerFault | { readonly kind: ConnectionFaultKind };

/** One request under a fault. */
export interface FaultedExchange<K extends AnswerFaultKind> {
  readonly fault: AnswerFaultOf<K>;
  readonly request: LabRequest;
  readonly response: ServerResponse;
  /** Aborted when the connection ends, from whichever side. */
  readonly signal: AbortSignal;
  /** Asks the emulated server for the answer that it would give. */
  readonly answer: () => Promise<LabAnswer>;
}

type Injections = { readonly [K in AnswerFaultKind]: (exchange: FaultedExchange<K>) => void | Promise<void> };

/** One sentence about each fault, for lists on a screen. */
export const FAULTS: Readonly<Record<FaultKind, string>> = {
  hang: "accepts the request and never answers it",
  drip: "answers truly, but one byte a second",
  slow_headers: "begins the headers of an answer and goes on with them for ever, one byte a second",
  reset: "drops the connection in the middle of the true body",
  cut_short: "ends the connection politely after half of the body that content-length promised",
  truncated_json: "answers with the first half of the true body as if it were the whole",
  html: "answers 200 with the HTML of a login page",
  wrong_types: "answers truly, with every number and boolean as a string and every string as a number",
  nulls: "answers truly, with every value null",
  empty_object: "answers 200 with an empty JSON object",
  huge_body: "answers with a body of 100 MiB",
  status: "answers with a chosen status and a list of errors",
  redirect_loop: "redirects to itself without end",
  not_http: "answers with bytes that are no HTTP",
  hang_handshake: "accepts connections and never answers the TLS handshake, as a frozen process does",
  refused: "refuses connections, and keeps its port for later",
  expired_certificate: "shows a certificate that expired an hour ago",
  untrusted_certificate: "shows a certificate of an authority that nobody trusts",
  wrong_host_certificate: "shows a certificate for another host",
};

const INJECTIONS: Injections = {
  hang: () => {},
  drip: async ({ fault, response, signal, answer }) => {
    const { status, headers, body = "" } = await answer();
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
    response.flushHeaders();
    for (const byte of Buffer.from(body)) {
      response.write(Buffer.of(byte));
      if (!(await tick(fault, signal))) return;
    }
    response.end();
  },
  slow_headers: async ({ fault, response, signal }) => {
    response.socket?.write("HTTP/1.1 200 OK\r\nX-Slow: ");
    while (await tick(fault, signal)) response.socket?.write("z");
  },
  reset: async (exchange) => {
    await writeHalf(exchange);
    exchange.response.socket?.destroy();
  },
  cut_short: async (exchange) => {
    await writeHalf(exchange);
    exchange.response.socket?.end();
  },
  truncated_json: async ({ response, answer }) => {
    const { status, headers, body = "" } = await answer();
    send(response, { status, ...(headers && { headers }), body: body.slice(0, Math.ceil(body.length / 2)) });
  },
  html: ({ response }) =>
    send(response, { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: LOGIN_PAGE }),
  wrong_types: async ({ response, answer }) => {
    const truly = await answer();
    send(response, { ...truly, body: withWrongTypes(truly.body ?? "") });
  },
  nulls: async ({ fault, response, answer }) => {
    const truly = await answer();
    send(response, { ...truly, body: withNulls(truly.body ?? "", fault.depth) });
  },
  empty_object: ({ response }) => sendJson(response, 200, {}),
  huge_body: async ({ fault, response, signal }) => {
    response.writeHead(200, { "content-type": "application/json" });
    await pipeline(Readable.from(hugeBody(fault.bytes ?? 100 * 1024 * 1024)), response, { signal }).catch(() => {});
  },
  status: ({ fault, response }) => sendJson(response, fault.status, { errors: fault.errors ?? [] }, fault.headers),
  redirect_loop: ({ request, response }) => {
    const hop = Number(request.query.get("hop") ?? 0) + 1;
    send(response, { status: 307, headers: { location: `${request.path}?hop=${hop}` } });
  },
  not_http: ({ response }) => {
    response.socket?.end("\u0000\u0001SSH-2.0-OpenSSH_9.6\r\n");
  },
};

const LOGIN_PAGE = `<!doctype html>
<html lang="en"><head><title>Sign in</title></head>
<body><form method="post" action="/login"><label>User <input name="user"></label>
<label>Password <input name="password" type="password"></label><button>Sign in</button></form></body></html>
`;

/** Whether the fault changes the answer to a request for the path. */
export function faultsAnswer(fault: Fault | undefined, path: string): fault is AnswerFault {
  return fault !== undefined && fault.kind in INJECTIONS && (!("path" in fault) || path.startsWith(fault.path ?? ""));
}

/** Answers a request as the fault wants; an answer that never ends resolves when the connection has ended. */
export async function injectFault<K extends AnswerFaultKind>(exchange: FaultedExchange<K>): Promise<void> {
  await INJECTIONS[exchange.fault.kind](exchange);
}

/** Writes an answer with its length. */
export function send(response: ServerResponse, { status, statusMessage, headers, body = "" }: LabAnswer): void {
  if (statusMessage !== undefined) response.statusMessage = statusMessage;
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, bodiless ? { ...headers } : { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(bodiless ? undefined : body);
}

function sendJson(response: ServerResponse, status: number, body: object, headers?: Readonly<Record<string, string>>) {
  send(response, {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: `${JSON.stringify(body)}\n`,
  });
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

/** Waits for the next byte's turn; false when the connection has ended. */
async function tick({ intervalMs = 1000 }: Interval, signal: AbortSignal): Promise<boolean> {
  try {
    for await (const _ of every(intervalMs, undefined, { signal })) return true;
  } catch {
    // The abort of the signal is the end of the connection, not a failure.
  }
  return false;
}

function* hugeBody(bytes: number): Generator<string> {
  const [start, end] = ['{"data":"', '"}\n'];
  const chunk = "x".repeat(64 * 1024);
  yield start;
  for (let left = bytes - start.length - end.length; left > 0; left -= chunk.length) yield chunk.slice(0, left);
  yield end;
}
