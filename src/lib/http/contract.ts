import type { Duration } from "../../core/duration.ts";
import type { Secret } from "../../core/secret.ts";
import type { AgentOptions } from "./agent.ts";

/** How a client reaches its target and how long and how much it takes. */
export interface HttpClientOptions extends Omit<AgentOptions, "connectTimeout"> {
  readonly timeouts?:
    | {
        /** Bound on resolving, connecting and the TLS handshake together; default 5 s. */
        readonly connect?: Duration | undefined;
        /** Bound on the wait for an answer's first line and headers; default 10 s. */
        readonly headers?: Duration | undefined;
        /** Deadline over the whole request: waiting for a connection, every attempt and the last byte; default 15 s. */
        readonly total?: Duration | undefined;
      }
    | undefined;
  /** Largest answer; default 16 MiB. */
  readonly maxBodyBytes?: number | undefined;
  /**
   * How often a GET, HEAD or OPTIONS is sent again after a passing fault: a connection that was reset, one refused
   * though the last request was answered, and 502 and 504 where they are not accepted. Default 1.
   */
  readonly retries?: number | undefined;
}

/** The methods a client sends; the first three are the ones that it may send again. */
export type HttpMethod = "GET" | "HEAD" | "OPTIONS" | "POST" | "PUT" | "PATCH" | "DELETE";

/** One request to the target. */
export interface HttpRequest {
  /** Default GET. */
  readonly method?: HttpMethod | undefined;
  /**
   * `http:` or `https:`, without user info. Of a secret one, such as an incoming webhook's, messages show the origin
   * only.
   */
  readonly url: string | URL | Secret;
  /** Win over the defaults: accept and content-type of JSON. */
  readonly headers?: Readonly<Record<string, string | Secret>> | undefined;
  /** Sent as JSON, the secrets in it included. */
  readonly body?: unknown;
  /**
   * Sent as it is in place of `body`, for a request whose very bytes are signed; `content-type` stays JSON unless
   * given.
   */
  readonly text?: string | undefined;
  /** The statuses that are data, instead of 200 to 299. Every other one is thrown as `HttpStatusError`. */
  readonly accept?: readonly number[] | ((status: number) => boolean) | undefined;
  /** Ends the request early. A reason named TimeoutError is thrown as `timeout`, any other as it is. */
  readonly signal?: AbortSignal | undefined;
  /** Largest answer to this request. */
  readonly maxBodyBytes?: number | undefined;
}

/** An answer whose status was accepted, read to its end, with its body as it came. */
export interface HttpBytesResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Uint8Array;
  /** Wall clock before the attempt that was answered, connecting included. */
  readonly sentAt: Date;
  /** Wall clock at the headers of the answer; the server wrote its `date` header between these two. */
  readonly receivedAt: Date;
  /** From `sentAt` to the last byte, by a clock that never jumps. */
  readonly durationMs: number;
}

/** An {@link HttpBytesResponse} whose body is text. */
export interface HttpResponse extends Omit<HttpBytesResponse, "bytes"> {
  /** The body as UTF-8. */
  readonly text: string;
}

/** An {@link HttpResponse} with its parsed JSON; `body` is undefined for status 204. */
export interface HttpJsonResponse extends HttpResponse {
  readonly body: unknown;
}

/** The client of one target. Each failure is a `CollectError` with one reason, except a caller's own abort. */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResponse>;
  /** As `request`, for a body that is not text. */
  requestBytes(request: HttpRequest): Promise<HttpBytesResponse>;
  /** As `request`; an answer that is not JSON fails with `invalid_response`. */
  requestJson(request: HttpRequest): Promise<HttpJsonResponse>;
  /** Lets running requests end, then closes the connections. */
  close(): Promise<void>;
}
