import { asCollectError } from "../../core/errors.ts";
import type { ReadingNotes, StoredQuery } from "../../core/telemetry.ts";

/** What was asked and what could not be seen, while a reading comes about. */
export class ReadingLog {
  readonly #source: string;
  readonly #notes = new Set<string>();
  readonly #ofNow = new Set<string>();
  readonly #queries: StoredQuery[] = [];

  constructor(source: "tempo" | "jaeger") {
    this.#source = source;
  }

  /** Keeps a sentence for people; the same one once. */
  note(sentence: string): void {
    this.#notes.add(sentence);
  }

  /** As `note`, of what is so at this moment only: who asks the same later may be answered otherwise. */
  noteOfNow(sentence: string): void {
    this.#ofNow.add(sentence);
  }

  asked(purpose: string, path: string): void {
    this.#queries.push({ source: this.#source, purpose, method: "GET", path });
  }

  /** Does what the reading can do without: when it fails, that is noted and `instead` is what comes of it. */
  async optional<T>(what: string, work: () => Promise<T>, instead: T): Promise<T> {
    return this.half(what, work, () => instead);
  }

  /** As `optional`, where it matters that it failed: `instead` is given the error's message. */
  async half<T>(what: string, work: () => Promise<T>, instead: (why: string) => T): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      const { message } = asCollectError(thrown);
      this.note(`${what} could not be read: ${message}.`);
      return instead(message);
    }
  }

  /** As far as it came. */
  result(): ReadingNotes {
    return { notes: [...this.#ofNow, ...this.#notes], queries: [...this.#queries] };
  }

  /** As far as it came, for what is kept and looked at later: without what is so at this moment only. */
  lastingResult(): ReadingNotes {
    return { ...this.result(), notes: [...this.#notes] };
  }
}
