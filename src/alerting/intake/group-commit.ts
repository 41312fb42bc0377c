import { setImmediate, setTimeout as pause } from "node:timers/promises";
import {
  StoreUnavailable,
  type DeliveryStore,
  type GroupWork,
  type GroupWorkResult,
} from "../../core/delivery-store.ts";

/** How many works are written at once, and how many wait. */
export interface GroupCommitOptions {
  readonly store: Pick<DeliveryStore, "changeGroups">;
  /** Works of one transaction, and the bytes of their bodies. */
  readonly mostWorks?: number;
  readonly mostBytes?: number;
  /** Works that wait for theirs, and the bytes of their bodies. */
  readonly mostWaiting?: number;
  readonly mostWaitingBytes?: number;
}

interface Waiting {
  readonly work: GroupWork;
  readonly bytes: number;
  resolve(result: GroupWorkResult): void;
  reject(reason: unknown): void;
}

/** How long the first work waits for others to share its transaction, in milliseconds. */
const GATHER_MS = 2;
const MEBIBYTE = 1024 * 1024;

/**
 * Writes many works in one transaction: a disk makes a few hundred of them durable in a second, however much is in
 * each. What arrives while one runs goes into the next.
 */
export class GroupCommit {
  readonly #store: Pick<DeliveryStore, "changeGroups">;
  readonly #limits: Required<Omit<GroupCommitOptions, "store">>;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor({ store, ...limits }: GroupCommitOptions) {
    this.#store = store;
    this.#limits = {
      mostWorks: 256,
      mostBytes: 8 * MEBIBYTE,
      mostWaiting: 4_096,
      mostWaitingBytes: 64 * MEBIBYTE,
      ...limits,
    };
  }

  /**
   * Writes a work; `bytes` is the size of the body that it was made of. Rejects with `StoreUnavailable` when it could
   * not be written, or when too much waits or the service stops, so that the sender tries again; else with what went
   * wrong in it.
   */
  submit(work: GroupWork, bytes: number): Promise<GroupWorkResult> {
    const isFull =
      this.#waiting.length >= this.#limits.mostWaiting ||
      (this.#waiting.length > 0 && this.#waitingBytes + bytes > this.#limits.mostWaitingBytes);
    if (this.#isClosed) return Promise.reject(new StoreUnavailable("Watchkeeper is stopping"));
    if (isFull) return Promise.reject(new StoreUnavailable("too many notifications wait to be written"));
    const { promise, resolve, reject } = Promise.withResolvers<GroupWorkResult>();
    this.#waiting.push({ work, bytes, resolve, reject });
    this.#waitingBytes += bytes;
    this.#running ??= this.#run();
    return promise;
  }

  /** Takes nothing more, and writes what waits. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    await pause(GATHER_MS);
    while (this.#waiting.length > 0) {
      await this.#write(this.#take());
      // what arrived while a transaction held this thread is still to be read
      await setImmediate();
    }
    this.#running = undefined;
  }

  #take(): readonly Waiting[] {
    let bytes = 0;
    const end = this.#waiting.findIndex((one, index) => {
      bytes += one.bytes;
      return index === this.#limits.mostWorks || (index > 0 && bytes > this.#limits.mostBytes);
    });
    const batch = this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
    for (const one of batch) this.#waitingBytes -= one.bytes;
    return batch;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#store.changeGroups(batch.map(({ work }) => work));
      for (const [index, result] of results.entries()) batch[index]?.resolve(result);
    } catch (thrown) {
      await this.#fail(batch, thrown);
    }
  }

  async #fail(batch: readonly Waiting[], reason: unknown): Promise<void> {
    if (reason instanceof StoreUnavailable) {
      // what waits would fare alike, a few seconds of the store's patience later
      for (const one of [...batch, ...this.#waiting.splice(0)]) one.reject(reason);
      this.#waitingBytes = 0;
    } else if (batch.length === 1) batch[0]?.reject(reason);
    // one work that can not be applied must not take the others with it
    else for (const one of batch) await this.#write([one]);
  }
}
