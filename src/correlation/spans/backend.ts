import { setTimeout as pause } from "node:timers/promises";
import { seconds } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import type { TracesConfig } from "../../core/evidence-config.ts";
import type { Secret } from "../../core/secret.ts";
import { firstOf } from "../../lib/http/body.ts";
import { createHttpClient, type HttpClient, type HttpResponse } from "../../lib/http/client.ts";
import { loginHeaders, readAuthorities } from "../../lib/http/login.ts";
import { printable, redact } from "../../lib/http/request-text.ts";
import { createStatusError } from "../../lib/http/status-error.ts";
import { nameStrangers, type StrangerNames } from "../../lib/http/who-answers.ts";

/** The caller's deadline is the one that counts. */
const TIMEOUTS = { headers: seconds(60), total: seconds(60) };
/** A trace of 5 MB is three to four times that in JSON. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** Pause before a request that was refused for now is sent again, in milliseconds, where the server says no other. */
const USUAL_PAUSE_MS = 500;
/** Longest pause before a request that was refused for now is sent again, in milliseconds. */
const LONGEST_PAUSE_MS = 5_000;

/** An answer whose status was looked for. */
export interface BackendAnswer {
  readonly status: number;
  readonly text: string;
  /** Method and URL, for messages. */
  readonly where: string;
  /** How far the server's clock is ahead of ours, in milliseconds; undefined when it does not say its time. */
  readonly clockAheadMs: number | undefined;
}

/** Requests to one Tempo or Jaeger. Failures are `CollectError`s with the server's own words. */
export interface Backend extends StrangerNames {
  /** `path` with its query, from the root of the source; `also` are statuses that are answers beside 200. */
  get(path: string, signal: AbortSignal, also?: readonly number[]): Promise<BackendAnswer>;
  close(): Promise<void>;
}

/** Reads the certificates; opens no connection yet. Throws `CollectError` when they are unusable. */
export async function openBackend(config: TracesConfig): Promise<Backend> {
  const client = createHttpClient({
    ca: await readAuthorities(config.caFile),
    fingerprint: config.fingerprint,
    serverName: config.serverName,
    timeouts: TIMEOUTS,
    maxBodyBytes: MAX_BODY_BYTES,
  });
  const wanted = config.kind === "tempo" ? "Tempo" : "Jaeger";
  const { url } = config;
  return {
    ...nameStrangers(wanted, [{ client, url, headers: () => headersOf(config) }]),
    get: (path, signal, also = []) => get(client, config, { path, signal, also }),
    close: () => client.close(),
  };
}

async function headersOf({ login, tenant }: TracesConfig): Promise<Readonly<Record<string, string | Secret>>> {
  return { ...(await loginHeaders(login)), ...(tenant !== undefined && { "x-scope-orgid": tenant }) };
}

interface Ask {
  readonly path: string;
  readonly signal: AbortSignal;
  readonly also: readonly number[];
}

async function get(client: HttpClient, config: TracesConfig, ask: Ask): Promise<BackendAnswer> {
  const url = `${config.url}${ask.path}`;
  const login = await loginHeaders(config.login);
  const headers = { ...login, ...(config.tenant !== undefined && { "x-scope-orgid": config.tenant }) };
  // errors of these servers are text, which the client does not quote
  const accept = (status: number): boolean => status !== 502 && status !== 504;
  const send = async (): Promise<HttpResponse> => client.request({ url, headers, accept, signal: ask.signal });
  let response = await send();
  if (response.status === 429) {
    await pause(pauseOf(response), undefined, { signal: ask.signal }).catch(() => undefined);
    response = await send();
  }
  const where = `GET ${config.url}${ask.path.replace(/\?.*$/s, "")}`;
  if (response.status !== 200 && !ask.also.includes(response.status)) {
    throw refusal(response, where, new URL(url), Object.values(login));
  }
  const { status, text } = response;
  return { status, text, where, clockAheadMs: clockAhead(response) };
}

function pauseOf({ headers }: HttpResponse): number {
  const after = Number(firstOf(headers["retry-after"]));
  return after >= 0 ? Math.min(LONGEST_PAUSE_MS, after * 1_000) : USUAL_PAUSE_MS;
}

function refusal(response: HttpResponse, where: string, url: URL, secrets: readonly Secret[]): CollectError {
  const { status, text, headers } = response;
  const hide = (words: string): string => redact(words, secrets, new URL(url.origin));
  if (status === 503 && /timeout/i.test(text)) {
    return new CollectError("timeout", `${where}: status 503: ${printable(hide(text))}`);
  }
  const location = firstOf(headers["location"]);
  return createStatusError({ where, url, status, location, phrase: undefined, body: readBody(text), redact: hide });
}

function readBody(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    return body;
  } catch {
    // a login page says nothing to people
    return text.trimStart().startsWith("<") ? undefined : text;
  }
}

/** The `date` header has whole seconds. */
function clockAhead({ headers, sentAt, receivedAt }: HttpResponse): number | undefined {
  const at = Date.parse(firstOf(headers["date"]) ?? "");
  if (Number.isNaN(at)) return undefined;
  if (at + 1_000 < sentAt.getTime()) return at - sentAt.getTime();
  return at > receivedAt.getTime() ? at - receivedAt.getTime() : 0;
}
