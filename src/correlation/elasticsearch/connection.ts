import type { BaseConnection } from "@elastic/elasticsearch";
import { CollectError, SERVER_REASONS } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import type { StoredQuery } from "../../core/telemetry.ts";
import { decodeText } from "../../lib/http/body.ts";
import type { HttpClient, HttpMethod } from "../../lib/http/client.ts";
import { redact } from "../../lib/http/request-text.ts";

/** What became of one request, written while it runs: the client's own errors do not tell it. */
export interface Trail {
  sent?: Pick<StoredQuery, "method" | "path" | "body"> & { readonly where: string };
  status?: number;
  /** Bytes of the answer. */
  bytes?: number;
  /** The last failure of the network. */
  failure?: CollectError;
  redact?: (text: string) => string;
}

/** How a request goes out. */
export interface Wire {
  readonly http: HttpClient;
  /** Called at each request, so that a rotated secret counts at once. */
  readonly login: () => Promise<Readonly<Record<string, Secret>>>;
}

/** What this needs of `@elastic/elasticsearch`, which is loaded late. */
export interface ClientParts {
  readonly BaseConnection: typeof BaseConnection;
  readonly errors: { readonly ConnectionError: new (message: string) => Error };
}

type Params = Parameters<BaseConnection["request"]>[0];
type Options = Omit<Parameters<BaseConnection["request"]>[1], "asStream">;

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/**
 * A connection of Elasticsearch's client that goes over the HTTP client of the house: certificates, pins, bounds and
 * words of errors are the same as everywhere, and no secret is held by the client.
 */
export function connectionClass({ BaseConnection: Base, errors }: ClientParts, wire: Wire): typeof BaseConnection {
  return class HouseConnection extends Base {
    constructor(options: ConstructorParameters<typeof BaseConnection>[0]) {
      super(options);
      // its declared type promises streams too, which nobody asks for here
      Object.defineProperty(this, "request", {
        value: (params: Params, more: Options) => send(wire, this, params, more, errors.ConnectionError),
      });
    }

    /** The HTTP client is shared by all connections, and closed by who opened it. */
    override close(): Promise<void> {
      return Promise.resolve();
    }
  };
}

async function send(
  { http, login }: Wire,
  { url, headers }: Pick<BaseConnection, "url" | "headers">,
  params: Params,
  { context, signal, maxResponseSize }: Options,
  ConnectionError: ClientParts["errors"]["ConnectionError"],
): Promise<Answer> {
  const { trail = {} } = (context ?? {}) as { readonly trail?: Trail };
  const path = `${params.path}${params.querystring === undefined || params.querystring === "" ? "" : `?${params.querystring}`}`;
  const target = new URL(`${url.pathname.replace(/\/$/, "")}${path}`, url.origin);
  const body = typeof params.body === "string" && params.body !== "" ? params.body : undefined;
  const method = params.method as HttpMethod;
  trail.sent = {
    method: method === "GET" ? "GET" : "POST",
    path,
    where: `${method} ${target.origin}${target.pathname}`,
    ...(body !== undefined && { body }),
  };
  try {
    const secrets = await login();
    trail.redact = (text) => redact(text, Object.values(secrets), target);
    const answer = await http.requestBytes({
      method,
      url: target,
      headers: { ...texts({ ...headers, ...params.headers }), ...secrets },
      text: body,
      // Elasticsearch redirects nobody, and its client would take one for an answer
      accept: (status) => status < 300 || status >= 400,
      signal,
      maxBodyBytes: maxResponseSize,
    });
    trail.status = answer.status;
    trail.bytes = answer.bytes.byteLength;
    return { statusCode: answer.status, headers: answer.headers, body: decodeText(answer.bytes) };
  } catch (thrown) {
    if (!(thrown instanceof CollectError)) throw thrown;
    trail.failure = thrown;
    // the next node may do better; a larger answer it would give as well
    const isNodes = SERVER_REASONS.has(thrown.reason) && thrown.reason !== "body_too_large";
    throw isNodes ? new ConnectionError(thrown.message) : thrown;
  }
}

/** The length is the HTTP client's business. */
function texts(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === "string" && name.toLowerCase() !== "content-length" ? [[name, value]] : [],
    ),
  );
}
