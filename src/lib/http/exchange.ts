import type { Agent, Dispatcher } from "undici";
import { CollectError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { inSpan } from "../tracing.ts";
import { decodeText, discardBody, firstOf, readBytes } from "./body.ts";
import type { HttpBytesResponse } from "./contract.ts";
import { untilAborted } from "./deadline.ts";
import { createNetworkError } from "./network-error.ts";
import type { PhaseTimeouts } from "./network-error.ts";
import type { PreparedRequest } from "./prepare.ts";
import { createStatusError } from "./status-error.ts";

/** An error body is read for the sentence in it only. */
const MAX_ERROR_BODY_BYTES = 64 * 1024;

/** What one attempt needs beside the request. */
export interface ExchangeOptions {
  readonly agent: Agent;
  readonly timeouts: PhaseTimeouts;
  readonly maxBodyBytes: number;
  /** Ends the attempt; its reason is what is thrown then. */
  readonly signal: AbortSignal;
}

/** One attempt at a request: the accepted answer, or a {@link CollectError}, or the signal's reason. */
export function exchange(request: PreparedRequest, options: ExchangeOptions): Promise<HttpBytesResponse> {
  const { method, url, shownUrl } = request;
  // no `traceparent` is sent: what is polled is watched, and its own traces are not to be full of that
  const attributes = {
    "http.request.method": method,
    "server.address": url.hostname,
    "server.port": Number(url.port || (url.protocol === "https:" ? 443 : 80)),
    "url.full": shownUrl,
  };
  return inSpan(method, { kind: "client", attributes, isOnlyChild: true }, (span) =>
    converse(request, options, (status) => span.setAttribute("http.response.status_code", status)),
  );
}

async function converse(
  request: PreparedRequest,
  options: ExchangeOptions,
  answered: (status: number) => void,
): Promise<HttpBytesResponse> {
  const { signal } = options;
  const sentAt = new Date();
  const start = performance.now();
  let answer: Dispatcher.ResponseData;
  try {
    // Undici looks at a signal only once a request has a connection, so that one that waits for a connection would
    // outlive its deadline.
    answer = await untilAborted(send(request, options), signal);
    answered(answer.statusCode);
    if (request.accepts(answer.statusCode)) {
      const receivedAt = new Date();
      const bytes = await readAnswer(request, answer, options.maxBodyBytes);
      const { statusCode: status, headers } = answer;
      return { status, headers, bytes, sentAt, receivedAt, durationMs: performance.now() - start };
    }
  } catch (error) {
    signal.throwIfAborted();
    throw createNetworkError(error, request.where, options.timeouts);
  }
  const body = await readErrorBody(request, answer);
  signal.throwIfAborted();
  const { where, url, redact } = request;
  const location = firstOf(answer.headers.location);
  const { statusCode: status, statusText: phrase } = answer;
  throw createStatusError({ where, url, status, location, phrase, body, redact });
}

async function send(request: PreparedRequest, options: ExchangeOptions): Promise<Dispatcher.ResponseData> {
  const { url, headers } = request;
  return options.agent.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: request.method,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]),
    ),
    body: request.body ?? null,
    headersTimeout: options.timeouts.headers,
    signal: options.signal,
  });
}

async function readAnswer(
  request: PreparedRequest,
  answer: Dispatcher.ResponseData,
  maxBytes: number,
): Promise<Uint8Array> {
  const encoding = firstOf(answer.headers["content-encoding"]);
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    discardBody(answer.body);
    throw new CollectError("invalid_response", "the answer is compressed, which was not asked for");
  }
  const announced = firstOf(answer.headers["content-length"]);
  // The answer to HEAD announces the length of a body that does not come.
  const length = announced === undefined || request.method === "HEAD" ? undefined : Number(announced);
  return readBytes(answer.body, length, maxBytes);
}

/** The parsed body of an answer that failed already, undefined when it is of no use: its fault is not the news. */
async function readErrorBody(request: PreparedRequest, answer: Dispatcher.ResponseData): Promise<unknown> {
  try {
    return JSON.parse(decodeText(await readAnswer(request, answer, MAX_ERROR_BODY_BYTES)));
  } catch {
    return undefined;
  }
}
