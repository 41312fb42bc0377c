import type { Dispatcher } from "undici";
import { seconds, type Duration } from "../../../../core/duration.ts";
import { CollectError } from "../../../../core/errors.ts";
import { Secret } from "../../../../core/secret.ts";
import { decodeText, discardBody, firstOf, parseJson, readBytes } from "../../../../lib/http/body.ts";
import { startDeadline, untilAborted } from "../../../../lib/http/deadline.ts";
import { createNetworkError } from "../../../../lib/http/network-error.ts";
import { describeRequest, redact } from "../../../../lib/http/request-text.ts";
import { createStatusError } from "../../../../lib/http/status-error.ts";
import type { Link } from "./connection.ts";

/** A request to the API. */
export interface ApiCall {
  readonly method?: "GET" | "POST";
  /** From the root of the API, such as `/api/v1/secrets`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly signal: AbortSignal;
}

/** The API server refuses for a while and says for how long. */
export class ApiBusy extends CollectError {
  /** As it was told, which may be for ever. */
  readonly wait: Duration;

  constructor({ reason, message }: CollectError, wait: Duration) {
    super(reason, message);
    this.wait = wait;
  }
}

const TIMEOUTS = { connect: seconds(10), headers: seconds(30) };
const CALL_DEADLINE = seconds(60);
/** A page of a list; a single object has 1.5 MB at most, which is etcd's own bound. */
const MAX_PAGE_BYTES = 64 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;
const MAX_LINE_CHARACTERS = 16 * 1024 * 1024;

/**
 * Asks once and gives the JSON of the answer. Throws {@link CollectError}, also when no answer is complete in a minute.
 */
export async function callApi(link: Link, call: ApiCall): Promise<unknown> {
  const where = whereOf(link, call);
  const timeout = () => new CollectError("timeout", `${where}: no complete answer within a minute`);
  const { signal, stop } = startDeadline(CALL_DEADLINE, call.signal, timeout);
  try {
    const { body, headers } = await open(link, { ...call, signal });
    return parseJson({ text: await readBody(body, headers, MAX_PAGE_BYTES), headers }, where);
  } catch (thrown) {
    throw explain(thrown, where, signal);
  } finally {
    stop();
  }
}

/** One event of a watch: its `type` and `object` as they came. */
export interface WatchEvent {
  readonly type: string;
  readonly object: unknown;
}

/** How a watch is held. */
export interface WatchOptions {
  /** It ends by itself after so long, since a connection that died without a word tells nothing. */
  readonly lasts: Duration;
  /** Called when the server has begun to answer. */
  readonly opened: () => void;
}

/** Opens a watch and gives its events, until the server or its time ends it. Throws {@link CollectError}. */
export async function* watchApi(link: Link, call: ApiCall, options: WatchOptions): AsyncGenerator<WatchEvent> {
  const where = whereOf(link, call);
  const over = new CollectError("timeout", `${where}: the watch did not end when it should`);
  const { signal, stop } = startDeadline(options.lasts, call.signal, () => over);
  let isOpen = false;
  try {
    const { body } = await open(link, { ...call, signal });
    isOpen = true;
    options.opened();
    for await (const line of linesOf(body)) yield readEvent(line, where);
  } catch (thrown) {
    if (isOpen && signal.reason === over) return;
    throw explain(thrown, where, signal);
  } finally {
    stop();
  }
}

/** What to throw: the signal's own reason, or an error that says where. */
function explain(thrown: unknown, where: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const says = thrown instanceof CollectError && thrown.message.startsWith(where);
  return says ? thrown : createNetworkError(thrown, where, TIMEOUTS);
}

async function open(link: Link, call: ApiCall): Promise<Dispatcher.ResponseData> {
  const url = urlOf(link, call);
  const answer = await untilAborted(send(link, call, url), call.signal);
  if (answer.statusCode >= 200 && answer.statusCode <= 299) return answer;
  const body = await readRefusal(answer);
  const secrets = Object.values(link.headers).filter((value) => value instanceof Secret);
  const error = createStatusError({
    where: whereOf(link, call),
    url,
    status: answer.statusCode,
    location: firstOf(answer.headers.location),
    phrase: answer.statusText,
    body,
    redact: (text) => redact(text, secrets, new URL(url.origin)),
  });
  const wait = Number(firstOf(answer.headers["retry-after"]));
  if ((error.status === 429 || error.status === 503) && wait > 0) throw new ApiBusy(error, seconds(wait));
  throw error;
}

async function send(link: Link, { method = "GET", body, signal }: ApiCall, url: URL): Promise<Dispatcher.ResponseData> {
  const headers = Object.entries(link.headers).map(([name, value]) => [
    name,
    value instanceof Secret ? value.reveal() : value,
  ]);
  return link.dispatcher.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method,
    headers: {
      accept: "application/json",
      "accept-encoding": "identity",
      "user-agent": "watchkeeper",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...Object.fromEntries(headers),
    },
    body: body === undefined ? null : JSON.stringify(body),
    headersTimeout: TIMEOUTS.headers,
    // A watch is silent as long as nothing changes.
    bodyTimeout: 0,
    signal,
  });
}

async function readRefusal({ body, headers }: Dispatcher.ResponseData): Promise<unknown> {
  try {
    return JSON.parse(await readBody(body, headers, MAX_ERROR_BYTES));
  } catch {
    return undefined;
  }
}

type Body = Dispatcher.ResponseData["body"];

async function readBody(body: Body, headers: Dispatcher.ResponseData["headers"], maxBytes: number): Promise<string> {
  const length = firstOf(headers["content-length"]);
  return decodeText(await readBytes(body, length === undefined ? undefined : Number(length), maxBytes));
}

function urlOf({ server }: Link, { path, query = {} }: ApiCall): URL {
  const url = new URL(`${server}${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

const whereOf = (link: Link, call: ApiCall): string => describeRequest(call.method ?? "GET", urlOf(link, call));

async function* linesOf(body: Body): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of body) {
      rest += decoder.decode(chunk as Uint8Array, { stream: true });
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > MAX_LINE_CHARACTERS)
        throw new CollectError("body_too_large", "an event of the watch has no end");
      for (const line of lines) if (line !== "") yield line;
    }
  } finally {
    discardBody(body);
  }
}

function readEvent(line: string, where: string): WatchEvent {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    // Neither the parser's message, which quotes the text, nor a cause may go out.
    throw new CollectError("invalid_response", `${where}: an event of the watch is not JSON`);
  }
  if (typeof event !== "object" || event === null || !("type" in event) || typeof event.type !== "string")
    throw new CollectError("unexpected_shape", `${where}: an event of the watch has no type`);
  return { type: event.type, object: "object" in event ? event.object : undefined };
}
