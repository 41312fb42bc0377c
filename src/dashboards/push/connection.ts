import { setTimeout as pause } from "node:timers/promises";
import pRetry from "p-retry";
import { CollectError } from "../../core/errors.ts";
import { parseJson, firstOf } from "../../lib/http/body.ts";
import { HttpStatusError, type HttpClient, type HttpMethod } from "../../lib/http/client.ts";
import { loginHeaders, type Login } from "../../lib/http/login.ts";
import { explain } from "./explain.ts";

/** How Grafana is reached. */
export interface ConnectionOptions {
  readonly client: HttpClient;
  /** Without a final slash. */
  readonly url: string;
  readonly login: Login;
  readonly orgId?: number | undefined;
  /** Milliseconds before a request is sent again for the first time; 500 unless given. */
  readonly firstPauseMs?: number;
}

/** A request's answer, read as JSON. */
export interface Answer {
  /** Method and URL, for messages. */
  readonly where: string;
  readonly body: unknown;
}

/** Requests to one Grafana, sent again after passing faults. Failures are `CollectError`s that say what to do. */
export interface Connection {
  readonly url: string;
  /** Undefined for 404. */
  get(path: string): Promise<Answer | undefined>;
  /** Of writes it may be that one was done though it is sent again: they name what they expect to change. */
  send(method: HttpMethod, path: string, body?: unknown): Promise<Answer>;
}

/** That it is not there is an answer to these. */
const MAY_MISS: ReadonlySet<HttpMethod> = new Set(["GET", "DELETE"]);

/** Attempts in all are one more. */
const RETRIES = 3;
const LONGEST_WAIT_SECONDS = 30;

/** Opens nothing yet: the first request does. */
export function connect({ client, url, login, orgId, firstPauseMs = 500 }: ConnectionOptions): Connection {
  const attempt = async (method: HttpMethod, path: string, body: unknown): Promise<Answer | undefined> => {
    const where = `${method} ${url}${path.replace(/\?.*$/, "")}`;
    const organisation = orgId === undefined ? {} : { "x-grafana-org-id": String(orgId) };
    const response = await client.request({
      method,
      url: `${url}${path}`,
      headers: { ...(await loginHeaders(login)), ...organisation },
      ...(body === undefined ? {} : { body }),
      accept: (status) =>
        (status >= 200 && status <= 299) || status === 429 || (status === 404 && MAY_MISS.has(method)),
    });
    if (response.status === 429) throw new TooMany(where, firstOf(response.headers["retry-after"]));
    if (response.status === 404) return undefined;
    return { where, body: response.text.trim() === "" ? undefined : parseJson(response, where) };
  };
  const again = async (method: HttpMethod, path: string, body?: unknown): Promise<Answer | undefined> => {
    try {
      return await pRetry(() => attempt(method, path, body), {
        retries: RETRIES,
        minTimeout: firstPauseMs,
        maxTimeout: firstPauseMs * 10,
        randomize: true,
        onFailedAttempt: async ({ error, retriesLeft }) => {
          if (error instanceof TooMany && error.isSoon && retriesLeft > 0) await pause(error.waitSeconds * 1_000);
        },
        shouldRetry: ({ error }) => isPassing(error),
      });
    } catch (thrown) {
      throw explain(thrown);
    }
  };
  return {
    url,
    get: (path) => again("GET", path),
    send: async (method, path, body) =>
      (await again(method, path, body)) ?? { where: `${method} ${url}`, body: undefined },
  };
}

class TooMany extends CollectError {
  readonly waitSeconds: number;
  readonly isSoon: boolean;

  constructor(where: string, retryAfter: string | undefined) {
    const waitSeconds = secondsOf(retryAfter);
    super("rate_limited", `${where}: status 429, come again in ${waitSeconds} s`);
    this.waitSeconds = waitSeconds;
    this.isSoon = waitSeconds <= LONGEST_WAIT_SECONDS;
  }
}

/** Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function secondsOf(retryAfter: string | undefined): number {
  if (retryAfter === undefined) return 1;
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1_000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : 1;
}

const PASSING: ReadonlySet<string> = new Set(["server_error", "connection_reset"]);

function isPassing(error: unknown): boolean {
  if (error instanceof TooMany) return error.isSoon;
  return error instanceof CollectError && PASSING.has(error.reason);
}

/** Whether a write failed because somebody else wrote first. */
export function isConflict(thrown: unknown): boolean {
  const error = thrown instanceof CollectError && thrown.cause instanceof HttpStatusError ? thrown.cause : thrown;
  if (!(error instanceof HttpStatusError)) return false;
  return error.status === 409 || (error.status === 412 && statusOf(error.body) === "version-mismatch");
}

/** The legacy API answers 412 for a title that is taken, too. */
const statusOf = (body: unknown): unknown =>
  typeof body === "object" && body !== null && "status" in body ? body.status : undefined;
