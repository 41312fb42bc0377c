import type { RevocationList } from "../certificate.ts";
import type { CertificateReader } from "../x509/certificate-reader.ts";
import { SharedWork } from "./shared-work.ts";

/** Gets the bytes behind a URL; rejects when they can not be had. */
export type Fetch = (url: string, signal: AbortSignal) => Promise<Uint8Array>;

/** How lists are kept. Lengths of time are in seconds. */
const LIMITS = {
  /** A list is fetched again after its own end, but so often at least and at most. */
  longest: 6 * 3600,
  shortest: 300,
  /** Bound over one fetch. */
  patience: 10,
  /** All lists together; with what is read of them they take about four times as much memory. */
  bytes: 16 * 1024 ** 2,
  count: 1_000,
} as const;

interface Entry {
  /** The newest one that could be had, which may be older than the last attempt. */
  readonly list?: RevocationList;
  /** When it has to be fetched again. */
  readonly until: number;
}

/**
 * Revocation lists by URL, fetched once for all who ask; a failure is remembered too, so that a dead server is not
 * asked at every probe.
 */
export class ListStore {
  readonly #reader: CertificateReader;
  readonly #fetch: Fetch;
  readonly #entries = new Map<string, Entry>();
  readonly #running = new Map<string, SharedWork<Entry>>();

  constructor(reader: CertificateReader, fetch: Fetch) {
    this.#reader = reader;
    this.#fetch = fetch;
  }

  /**
   * The newest list, which may have ended; undefined when it could not be had. Rejects only with the signal's reason.
   */
  async get(url: string, now: number, signal: AbortSignal): Promise<RevocationList | undefined> {
    const known = this.#entries.get(url);
    if (known !== undefined && now < known.until) {
      this.#touch(url, known);
      return known.list;
    }
    return (await this.#refresh(url, now, signal)).list;
  }

  #refresh(url: string, now: number, signal: AbortSignal): Promise<Entry> {
    const running = this.#running.get(url);
    if (running?.abandoned === false) return running.wait(signal);
    const work = new SharedWork((abandoned) =>
      this.#load(url, now, abandoned).finally(() => {
        if (this.#running.get(url) === work) this.#running.delete(url);
      }),
    );
    this.#running.set(url, work);
    return work.wait(signal);
  }

  async #load(url: string, now: number, abandoned: AbortSignal): Promise<Entry> {
    const list = await this.#read(url, AbortSignal.any([abandoned, AbortSignal.timeout(LIMITS.patience * 1000)]));
    abandoned.throwIfAborted();
    const last = list ?? this.#entries.get(url)?.list;
    const until = list === undefined ? now + LIMITS.shortest : refreshAt(list, now);
    const entry = last === undefined ? { until } : { list: last, until };
    this.#touch(url, entry);
    this.#forgetOldest(url);
    return entry;
  }

  async #read(url: string, signal: AbortSignal): Promise<RevocationList | undefined> {
    try {
      const { revocationLists } = await this.#reader.read(await this.#fetch(url, signal));
      return revocationLists[0];
    } catch {
      return undefined;
    }
  }

  #touch(url: string, entry: Entry): void {
    this.#entries.delete(url);
    this.#entries.set(url, entry);
  }

  #forgetOldest(newest: string): void {
    const sizes = [...this.#entries].map(([url, { list }]) => ({ url, bytes: list?.der.length ?? 0 }));
    let bytes = sizes.reduce((sum, entry) => sum + entry.bytes, 0);
    for (const entry of sizes) {
      if (entry.url === newest || (this.#entries.size <= LIMITS.count && bytes <= LIMITS.bytes)) return;
      this.#entries.delete(entry.url);
      bytes -= entry.bytes;
    }
  }
}

const refreshAt = ({ nextUpdate }: RevocationList, now: number): number =>
  Math.min(Math.max(nextUpdate ?? 0, now + LIMITS.shortest), now + LIMITS.longest);
