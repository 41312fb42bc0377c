import { z } from "zod";
import { seconds } from "../../../core/duration.ts";
import { CollectError } from "../../../core/errors.ts";
import type { HttpClient, HttpResponse } from "../../../lib/http/client.ts";
import { readShape } from "../../../lib/answers/read-shape.ts";
import type { CertificatesConfig } from "../config.ts";
import { openHttp } from "../open-http.ts";
import { LONGEST_WAIT, readSuggestion, retryAfter, USUAL_WAIT, type Suggestion } from "./renewal-answer.ts";

type Entry = CertificatesConfig["acme"][number];

const BOUNDS = {
  timeouts: { connect: seconds(5), headers: seconds(10), total: seconds(10) },
  maxBodyBytes: 64 * 1024,
};

/** Source: https://www.rfc-editor.org/rfc/rfc9773#section-3 */
const directoryShape = z.object({ renewalInfo: z.url({ protocol: /^https?$/ }).optional() });

/** What an authority said of one certificate, and how many seconds later it may be asked again. */
export interface RenewalAnswer {
  /** Undefined when it does not know the certificate. */
  readonly suggestion: Suggestion | undefined;
  readonly wait: number;
}

/** The authority takes no questions for now; `wait` is for how many seconds, where it says so. */
export class Refusal extends CollectError {
  readonly wait: number | undefined;

  constructor(status: number, where: string, wait: number | undefined) {
    super(status === 429 ? "rate_limited" : "server_error", `${where}: status ${status}`);
    this.wait = wait;
  }
}

/** Asks one ACME authority for its renewal information, which needs no account (RFC 9773). */
export class AriClient {
  readonly #entry: Entry;
  #http: HttpClient | undefined;

  constructor(entry: Entry) {
    this.#entry = entry;
  }

  /**
   * The URL to ask at, without a final slash; undefined when the authority has no renewal information. Throws
   * `CollectError`.
   */
  async findUrl(now: number, signal: AbortSignal): Promise<string | undefined> {
    const url = this.#entry.directory;
    const answer = await this.#get(url, [200], now, signal);
    return readShape(directoryShape, parseJson(answer, url), `GET ${url}`).renewalInfo?.replace(/\/+$/, "");
  }

  /**
   * What the authority says of a certificate at `now` (Unix seconds). Throws {@link Refusal} or another `CollectError`.
   */
  async ask(url: string, now: number, signal: AbortSignal): Promise<RenewalAnswer> {
    const answer = await this.#get(url, [200, 404], now, signal);
    if (answer.status === 404) return { suggestion: undefined, wait: LONGEST_WAIT };
    const suggestion = readSuggestion(parseJson(answer, url), `GET ${url}`);
    return { suggestion, wait: retryAfter(answer.headers["retry-after"], now) ?? USUAL_WAIT };
  }

  async close(): Promise<void> {
    await this.#http?.close();
  }

  async #get(url: string, accept: readonly number[], now: number, signal: AbortSignal): Promise<HttpResponse> {
    // only now, so that an authority's file that can not be read is this authority's fault alone
    this.#http ??= await openHttp(this.#entry, BOUNDS);
    const isRefusal = (status: number): boolean => status === 429 || status >= 500;
    const answer = await this.#http.request({
      url,
      accept: (status) => accept.includes(status) || isRefusal(status),
      signal,
    });
    if (!isRefusal(answer.status)) return answer;
    throw new Refusal(answer.status, `GET ${url}`, retryAfter(answer.headers["retry-after"], now));
  }
}

function parseJson({ text }: HttpResponse, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // the parser's own message quotes the text
    throw new CollectError("invalid_response", `GET ${url}: not JSON`);
  }
}
