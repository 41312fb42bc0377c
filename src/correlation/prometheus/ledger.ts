import type { z } from "zod";
import { asCollectError, type CollectError, type CollectReason } from "../../core/errors.ts";
import type { StoredQuery } from "../../core/telemetry.ts";
import { askPrometheus, type PrometheusRequest, type PrometheusTarget } from "../../lib/prometheus/ask.ts";
import { queryRange, rangeSearch, type Matrix } from "../../lib/prometheus/query-range.ts";
import { clip, oneLine } from "../../lib/text.ts";

/** Reasons for which no other query will be answered either. */
const LOST: ReadonlySet<CollectReason> = new Set<CollectReason>([
  "dns_failure",
  "connection_refused",
  "connection_failed",
  "timeout",
  "tls_untrusted",
  "tls_expired",
  "tls_wrong_host",
  "tls_pin_mismatch",
  "tls_handshake",
  "unauthorized",
  "forbidden",
  "rate_limited",
  "credential_unreadable",
]);
const MOST_NOTES = 10;
const MOST_NOTE = 300;

/**
 * The server's word for a bound that was asked for, and hints on how a query is written, which say nothing of the
 * answer.
 */
const NO_NEWS = /truncated due to limit|^PromQL info/i;

/** Asks a Prometheus for one reading, and keeps what was asked and what is to be said of it. */
export class Ledger {
  readonly #target: PrometheusTarget;
  readonly #queries: StoredQuery[] = [];
  readonly #notes = new Set<string>();
  /** One for each message. */
  readonly #failed = new Map<string, { readonly error: CollectError; times: number }>();

  constructor(target: PrometheusTarget) {
    this.#target = target;
  }

  get queries(): readonly StoredQuery[] {
    return this.#queries;
  }

  get notes(): readonly string[] {
    return [...this.#notes].slice(0, MOST_NOTES);
  }

  /** The first failure, if there was any. */
  get failure(): CollectError | undefined {
    return this.#failed.values().next().value?.error;
  }

  note(text: string): void {
    this.#notes.add(clip(oneLine(text), MOST_NOTE));
  }

  async ask<T>(purpose: string, request: PrometheusRequest, shape: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    this.#keep(purpose, request.path, request.search);
    return askPrometheus(this.#target, request, shape, { signal });
  }

  /** Over a span of time in Unix seconds; see `queryRange`. */
  async range(
    purpose: string,
    query: string,
    span: { readonly from: number; readonly to: number },
    { step, signal }: { readonly step: number; readonly signal: AbortSignal },
  ): Promise<Matrix> {
    this.#keep(purpose, "query_range", rangeSearch(query, span, step));
    const matrix = await queryRange(this.#target, query, span, { step, signal });
    this.heed(matrix.warnings);
    return matrix;
  }

  /** Takes warnings of the server for notes. */
  heed(warnings: readonly string[]): void {
    for (const text of warnings) if (!NO_NEWS.test(text)) this.note(`Prometheus says: ${text}`);
  }

  /** Gives what `work` does, or undefined when it fails; the failure is kept. */
  async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (thrown) {
      const error = asCollectError(thrown);
      const known = this.#failed.get(error.message);
      if (known === undefined) this.#failed.set(error.message, { error, times: 1 });
      else known.times += 1;
      return undefined;
    }
  }

  /** Whether the server itself could not be asked, so that nothing else will be answered either. */
  get isLost(): boolean {
    return [...this.#failed.values()].some(({ error }) => LOST.has(error.reason));
  }

  /** Notes what failed, and how often. */
  tellFailures(): void {
    for (const [message, { times }] of this.#failed)
      this.note(`${times === 1 ? "a query" : `${times} queries`} of metrics failed: ${message}`);
  }

  #keep(purpose: string, path: string, search: URLSearchParams): void {
    const text = search.toString();
    this.#queries.push({
      source: "prometheus",
      purpose,
      method: "GET",
      path: `/api/v1/${path}${text === "" ? "" : `?${text}`}`,
    });
  }
}
