import { TempoError } from "./errors.ts";
import type { TempoLimits } from "./limits.ts";
import type { OtlpBatch } from "./otlp.ts";
import { StoredTrace } from "./trace.ts";

/** When and how much of what is stored is seen. */
export interface StoreTimes {
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Milliseconds; `query_frontend.query_end_cutoff`. */
  readonly endCutoffMs: number;
  /** Milliseconds; `live_store.wal.ingestion_time_range_slack`. */
  readonly slackMs: number;
  /** Milliseconds after its last push that a trace is kept. */
  readonly retentionMs: number;
}

/** What one tenant pushed. */
export class TenantStore {
  readonly #traces = new Map<string, StoredTrace>();
  readonly #times: StoreTimes;

  constructor(times: StoreTimes) {
    this.#times = times;
  }

  find(id: string): StoredTrace | undefined {
    return this.#traces.get(id);
  }

  /** Takes spans in; those over a limit of traces are dropped without a word, as Tempo does. */
  push(batches: readonly OtlpBatch[], limits: TempoLimits): void {
    const receivedAt = this.#times.now();
    this.#forgetBefore(receivedAt - this.#times.retentionMs);
    for (const { resource, scope, spans } of batches) {
      for (const span of spans) {
        const known = this.#traces.get(span.traceId);
        if (known === undefined && this.#traces.size >= limits.maxTraces) continue;
        const trace = known ?? new StoredTrace(span.traceId);
        this.#traces.set(span.traceId, trace);
        trace.add({ span, resource, scope, receivedAt });
      }
    }
  }

  #forgetBefore(time: number): void {
    for (const [id, trace] of this.#traces) {
      // The oldest come first.
      if (trace.receivedAt >= time) return;
      this.#traces.delete(id);
    }
  }

  /**
   * Traces that a window in Unix milliseconds reaches. Those that came later than the slack are only found where they
   * arrived, since their block is dated so.
   */
  *within({ from, to }: Window): Generator<StoredTrace> {
    const end = this.clipEnd(to);
    for (const trace of this.#traces.values()) {
      const startsAt = Number(trace.startNs / 1_000_000n);
      const endsAt = Number(trace.endNs / 1_000_000n);
      if (startsAt > end || endsAt < from) continue;
      const isLate = trace.receivedAt - startsAt > this.#times.slackMs;
      if (isLate && (trace.receivedAt < from || trace.receivedAt > to + this.#times.slackMs)) continue;
      yield trace;
    }
  }

  /** The end of a window, before the blind spot. */
  clipEnd(to: number): number {
    return Math.min(to, this.#times.now() - this.#times.endCutoffMs);
  }

  isLate(trace: StoredTrace, startsAt: number): boolean {
    return trace.receivedAt - startsAt > this.#times.slackMs;
  }
}

/** A window in Unix milliseconds. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** What all tenants pushed. */
export class TempoStore {
  readonly #tenants = new Map<string, TenantStore>();
  readonly #times: StoreTimes;

  constructor(times: StoreTimes) {
    this.#times = times;
  }

  get times(): StoreTimes {
    return this.#times;
  }

  tenant(name: string): TenantStore {
    const known = this.#tenants.get(name) ?? new TenantStore(this.#times);
    this.#tenants.set(name, known);
    return known;
  }

  /** Refuses a push over the rate, with Tempo's text. */
  refuseOverRate(tenant: string, bytes: number, { ingestionRate }: TempoLimits): void {
    if (bytes <= ingestionRate) return;
    throw new TempoError(
      429,
      `RATE_LIMITED: batch size (${bytes} bytes) exceeds ingestion limit (local: ${ingestionRate} bytes/s, global: 0 bytes/s, burst: ${ingestionRate} bytes) while adding ${bytes} bytes for user ${tenant}. consider reducing batch size or increasing rate limit.`,
      { "retry-after": "5" },
    );
  }
}
