import pRetry from "p-retry";
import type { Agent } from "undici";
import { CollectError } from "../../core/errors.ts";
import { formatDuration, seconds } from "../../core/duration.ts";
import type { Duration } from "../../core/duration.ts";
import { createAgent } from "./agent.ts";
import { decodeText, parseJson } from "./body.ts";
import type {
  HttpBytesResponse,
  HttpClient,
  HttpClientOptions,
  HttpJsonResponse,
  HttpMethod,
  HttpRequest,
  HttpResponse,
} from "./contract.ts";
import { startDeadline } from "./deadline.ts";
import { exchange } from "./exchange.ts";
import { prepareRequest } from "./prepare.ts";
import type { PreparedRequest } from "./prepare.ts";
import { HttpStatusError } from "./status-error.ts";

export { HttpStatusError } from "./status-error.ts";
export type * from "./contract.ts";

const DEFAULT_MAX_BODY_BYTES = 16 * 1024 * 1024;
const IDEMPOTENT: ReadonlySet<HttpMethod> = new Set(["GET", "HEAD", "OPTIONS"]);
const RETRY_DELAY = { minTimeout: 100, maxTimeout: 1_000, randomize: true } as const;

/**
 * Makes the client of one target. It follows no redirect and asks for no compression. Throws {@link CollectError} when
 * the certificates, the key or the fingerprint are unusable.
 */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  return new PooledHttpClient(options);
}

class PooledHttpClient implements HttpClient {
  readonly #options: HttpClientOptions;
  readonly #timeouts: { readonly connect: Duration; readonly headers: Duration; readonly total: Duration };
  readonly #agent: Agent;
  readonly #running = new Set<Promise<HttpBytesResponse>>();
  /** Whether the target's port was open at the last attempt. */
  #isListening = false;
  #closing: Promise<void> | undefined;

  constructor(options: HttpClientOptions) {
    const { connect = seconds(5), headers = seconds(10), total = seconds(15) } = options.timeouts ?? {};
    this.#options = options;
    this.#timeouts = { connect, headers, total };
    this.#agent = createAgent({ ...options, connectTimeout: connect });
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    return asText(await this.requestBytes(request));
  }

  async requestBytes(request: HttpRequest): Promise<HttpBytesResponse> {
    return this.#run(request, prepareRequest(request));
  }

  async requestJson(request: HttpRequest): Promise<HttpJsonResponse> {
    const prepared = prepareRequest(request);
    const response = asText(await this.#run(request, prepared));
    return { ...response, body: response.status === 204 ? undefined : parseJson(response, prepared.where) };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Undici would fail those that wait to be sent again.
    await Promise.allSettled(this.#running);
    // Nothing is asked any more: to close politely would wait for a connection that nobody needs, as long as it may
    // take.
    await this.#agent.destroy();
  }

  async #run(request: HttpRequest, prepared: PreparedRequest): Promise<HttpBytesResponse> {
    if (this.#closing !== undefined) throw new CollectError("internal", `${prepared.where}: the client is closed`);
    const work = this.#send(request, prepared);
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  async #send(request: HttpRequest, prepared: PreparedRequest): Promise<HttpBytesResponse> {
    const { total } = this.#timeouts;
    const maxBodyBytes = request.maxBodyBytes ?? this.#options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
    const { signal, stop } = startDeadline(total, request.signal, (whose) =>
      createTimeout(prepared.where, whose, total),
    );
    // A target that stays down is asked once per request, not twice.
    const wasListening = this.#isListening;
    try {
      return await pRetry(() => this.#attempt(prepared, maxBodyBytes, signal), {
        ...RETRY_DELAY,
        retries: IDEMPOTENT.has(prepared.method) ? (this.#options.retries ?? 1) : 0,
        signal,
        shouldRetry: ({ error }) => isPassing(error, wasListening),
      });
    } finally {
      stop();
    }
  }

  async #attempt(request: PreparedRequest, maxBodyBytes: number, signal: AbortSignal): Promise<HttpBytesResponse> {
    try {
      const response = await exchange(request, { agent: this.#agent, timeouts: this.#timeouts, maxBodyBytes, signal });
      this.#isListening = true;
      return response;
    } catch (error) {
      this.#isListening = !(error instanceof CollectError && error.reason === "connection_refused");
      throw error;
    }
  }
}

const asText = ({ bytes, ...response }: HttpBytesResponse): HttpResponse => ({ ...response, text: decodeText(bytes) });

function createTimeout(where: string, whose: "own" | "caller", total: Duration): CollectError {
  const when = whose === "own" ? `within ${formatDuration(total)}` : "before the caller's deadline";
  return new CollectError("timeout", `${where}: no complete answer ${when}`);
}

function isPassing(error: Error, wasListening: boolean): boolean {
  if (error instanceof HttpStatusError) return error.status === 502 || error.status === 504;
  if (!(error instanceof CollectError)) return false;
  return error.reason === "connection_reset" || (error.reason === "connection_refused" && wasListening);
}
