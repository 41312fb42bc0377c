import pLimit from "p-limit";
import { formatDuration, milliseconds, minutes, seconds, type Duration } from "../../core/duration.ts";
import { asCollectError, CollectError } from "../../core/errors.ts";
import { untilAborted } from "../../lib/http/deadline.ts";
import type { RenewalInfo } from "./acme/renewal-info.ts";
import type { Certificate } from "./certificate.ts";
import type { Endpoint, Probe, ProbeResult, ServedTls } from "./endpoint.ts";
import type { Bundle, SourceReading, StoredSource } from "./inventory.ts";
import { Authorities } from "./judge/authorities.ts";
import type { EndpointJudgement, Judge } from "./judge/judge.ts";

/** What is known of one endpoint. */
export interface EndpointState {
  readonly endpoint: Endpoint;
  /** The newest probe; undefined before the first one ended. */
  readonly probe?: ProbeResult;
  /**
   * What it last served, and how that was judged; `at` is by the clock that never jumps. Dropped after three intervals
   * without a look at it.
   */
  readonly shown?: { readonly tls: ServedTls; readonly judgement: EndpointJudgement; readonly at: number };
}

/** What is known of one source of stored certificates. */
export interface SourceState {
  readonly source: StoredSource;
  /** Whether the newest look succeeded; undefined before the first one ended. */
  readonly up?: boolean;
  /** Why not. */
  readonly error?: CollectError;
  /** The newest reading that is not older than three intervals. */
  readonly reading?: SourceReading;
  /** What could not be read since the start, by reason. */
  readonly errorCounts: ReadonlyMap<string, number>;
}

/** What a {@link Keeper} looks at, and how. */
export interface KeeperOptions {
  readonly endpoints: readonly Endpoint[];
  readonly sources: readonly StoredSource[];
  readonly renewalInfo: RenewalInfo | undefined;
  readonly probe: Probe;
  readonly judge: Judge;
  /** Factor on every interval. */
  readonly pace: number;
  readonly probeEvery: Duration;
  readonly probeConcurrency: number;
  /** Called last when the keeper is closed. */
  close(): Promise<void>;
}

/**
 * An endpoint is probed at least once in this share of its leaf's lifetime, so that a certificate of a day is seen in
 * time.
 */
const SHARE_OF_LIFE = 0.02;
const SOONEST_PROBE = seconds(10);
/** What failed is tried again so soon, so that one lost packet is no alert where the interval is long. */
const AGAIN_AFTER = minutes(1);
/** Intervals after which what was seen is not taken for true any more. */
const STALE_AFTER = 3;
/** One refresh waits so long at most; what is not done by then goes on, and the next one has it. */
const PATIENCE = seconds(20);
const SOURCE_DEADLINE = minutes(2);
/**
 * After that much of a source's interval it is due, so that a tick that comes a little early does not cost a whole
 * round.
 */
const EARLY = 0.9;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type EndpointEntry = Mutable<EndpointState> & { dueAt: number; running: boolean };
type SourceEntry = Mutable<Omit<SourceState, "errorCounts">> & {
  readonly errorCounts: Map<string, number>;
  dueAt: number;
  readAt: number;
  running: boolean;
};

/**
 * Looks at every endpoint and source when each is due, and keeps what was seen. Everything is asked once, whoever wants
 * to know.
 */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #endpoints: readonly EndpointEntry[];
  readonly #sources: readonly SourceEntry[];
  readonly #stopped = new AbortController();
  readonly #work = new Set<Promise<void>>();
  readonly #limit;
  #refreshing: Promise<void> | undefined;
  #authorities: Authorities | undefined;
  #bundles: readonly Bundle[] | undefined;
  readonly #renewal = { running: false };
  #renewalFaults: SourceReading["missing"] = [];

  constructor(options: KeeperOptions) {
    this.#options = options;
    // else what waits for its turn never ends, and close() neither
    this.#limit = pLimit({ concurrency: options.probeConcurrency, rejectOnClear: true });
    this.#endpoints = options.endpoints.map((endpoint) => ({ endpoint, dueAt: 0, running: false }));
    this.#sources = options.sources.map((source) => ({
      source,
      errorCounts: new Map(),
      dueAt: 0,
      readAt: 0,
      running: false,
    }));
  }

  /** Looks at all that is due; ends when that is done, or after 20 seconds while the rest goes on. */
  async refresh(signal: AbortSignal): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined));
    await this.#refreshing;
    signal.throwIfAborted();
  }

  get endpoints(): readonly EndpointState[] {
    return this.#endpoints;
  }

  get sources(): readonly SourceState[] {
    return this.#sources;
  }

  /** Everything that is stored and not stale; the same list while nothing changes. */
  get bundles(): readonly Bundle[] {
    this.#bundles ??= this.#sources.flatMap(({ reading }) => reading?.bundles ?? []);
    return this.#bundles;
  }

  /** What ACME authorities could not be asked. */
  get renewalFaults(): SourceReading["missing"] {
    return this.#renewalFaults;
  }

  /** Every authority that was found, served or stored. */
  get authorities(): Authorities {
    this.#authorities ??= new Authorities(this.#certificates().filter(({ role }) => role !== "leaf"));
    return this.#authorities;
  }

  /** End of the window in which the leaf's ACME authority suggests to renew it, in Unix seconds. */
  windowEnd(leaf: Certificate): number | undefined {
    return this.#options.renewalInfo?.windowEnd(leaf);
  }

  async close(): Promise<void> {
    this.#stopped.abort(new DOMException("stopped", "AbortError"));
    this.#limit.clearQueue();
    await Promise.allSettled(this.#work);
    await Promise.all(this.#sources.map(({ source }) => source.close()));
    await this.#options.renewalInfo?.close();
    await this.#options.close();
  }

  async #refresh(): Promise<void> {
    const now = performance.now();
    const until = now + PATIENCE;
    this.#dropStale(now);
    for (const entry of this.#endpoints) if (entry.dueAt <= now) this.#start(entry, () => this.#look(entry));
    for (const entry of this.#sources) if (entry.dueAt <= now) this.#start(entry, () => this.#read(entry));
    await this.#wait(until);
    this.#start(this.#renewal, () => this.#askRenewal());
    await this.#wait(until);
  }

  #start(entry: { running: boolean }, job: () => Promise<void>): void {
    if (entry.running) return;
    entry.running = true;
    const work = job()
      .catch(() => undefined)
      .finally(() => {
        entry.running = false;
        this.#work.delete(work);
      });
    this.#work.add(work);
  }

  async #wait(until: number): Promise<void> {
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, Math.max(0, until - performance.now()));
    await Promise.race([Promise.allSettled(this.#work), patience.promise]);
    clearTimeout(timer);
  }

  async #look(entry: EndpointEntry): Promise<void> {
    const { endpoint } = entry;
    const signal = this.#stopped.signal;
    // the first ones came all at once: from now on they are spread over the interval
    const share = entry.probe === undefined ? 0.5 + Math.random() / 2 : 0.95 + Math.random() / 10;
    try {
      entry.probe = await this.#limit(() => this.#options.probe(endpoint, signal));
      await this.#judge(entry, entry.probe, signal);
    } catch (thrown) {
      if (signal.aborted) return;
      entry.probe = { at: Date.now() / 1000, duration: 0, error: asCollectError(thrown) };
    }
    const interval = this.#interval(entry);
    entry.dueAt = performance.now() + share * (entry.probe.error === undefined ? interval : this.#again(interval));
  }

  async #judge(entry: EndpointEntry, { tls, at }: ProbeResult, signal: AbortSignal): Promise<void> {
    if (tls === undefined || tls.served.length === 0) return;
    const judgement = await this.#options.judge.endpoint(entry.endpoint, tls, at, signal);
    // not only when the leaf is another: others of the chain may be, and which authorities are valid depends on the
    // hour
    this.#authorities = undefined;
    entry.shown = { tls, judgement, at: performance.now() };
  }

  #interval({ shown }: EndpointEntry): Duration {
    const leaf = shown?.tls.served[0];
    const life = leaf === undefined ? Number.POSITIVE_INFINITY : (leaf.notAfter - leaf.notBefore) * 1000;
    const wanted = Math.min(this.#options.probeEvery, Math.max(SOONEST_PROBE, life * SHARE_OF_LIFE));
    return milliseconds(wanted * this.#options.pace);
  }

  async #read(entry: SourceEntry): Promise<void> {
    const begun = performance.now();
    entry.dueAt = begun + EARLY * this.#sourceInterval(entry);
    const deadline = AbortSignal.timeout(SOURCE_DEADLINE);
    try {
      const signal = AbortSignal.any([this.#stopped.signal, deadline]);
      const reading = await untilAborted(entry.source.read(signal), signal);
      entry.reading = reading;
      entry.readAt = begun;
      // what it holds may change sooner than was known before
      entry.dueAt = begun + EARLY * this.#sourceInterval(entry);
      // a source of which no piece could be read is not up, though each piece was told by itself
      entry.up = reading.bundles.length > 0 || reading.missing.length === 0;
      delete entry.error;
      this.#forget();
      for (const { error } of reading.missing) countUp(entry, error.reason);
      for (const { faults } of reading.bundles) for (const { reason } of faults) countUp(entry, reason);
    } catch (thrown) {
      if (this.#stopped.signal.aborted) return;
      entry.dueAt = begun + EARLY * this.#again(this.#sourceInterval(entry));
      entry.error = thrown === deadline.reason ? lateError(entry) : asCollectError(thrown);
      entry.up = false;
      countUp(entry, entry.error.reason);
    }
  }

  #sourceInterval = ({ source }: SourceEntry): number => source.every * this.#options.pace;

  #again(interval: number): number {
    return Math.min(interval, AGAIN_AFTER * this.#options.pace);
  }

  #dropStale(now: number): void {
    for (const entry of this.#endpoints) {
      if (entry.shown !== undefined && now - entry.shown.at > STALE_AFTER * this.#interval(entry)) {
        delete entry.shown;
        this.#authorities = undefined;
      }
    }
    for (const entry of this.#sources) {
      if (entry.reading !== undefined && now - entry.readAt > STALE_AFTER * this.#sourceInterval(entry)) {
        delete entry.reading;
        this.#forget();
      }
    }
  }

  async #askRenewal(): Promise<void> {
    const { renewalInfo } = this.#options;
    if (renewalInfo === undefined) return;
    const leaves = [...new Set(this.#certificates().filter(({ role }) => role === "leaf"))];
    this.#renewalFaults = await renewalInfo.refresh(leaves, Date.now() / 1000, this.#stopped.signal);
  }

  #forget(): void {
    this.#authorities = undefined;
    this.#bundles = undefined;
  }

  #certificates(): Certificate[] {
    const served = this.#endpoints.flatMap(({ shown }) => shown?.tls.served ?? []);
    return [...served, ...this.bundles.flatMap((bundle) => bundle.certificates)];
  }
}

const lateError = ({ source: { name } }: SourceEntry): CollectError =>
  new CollectError("timeout", `${name}: not read within ${formatDuration(SOURCE_DEADLINE)}`);

function countUp({ errorCounts }: SourceEntry, reason: string): void {
  errorCounts.set(reason, (errorCounts.get(reason) ?? 0) + 1);
}
