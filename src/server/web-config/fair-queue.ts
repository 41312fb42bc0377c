/** How much a {@link FairQueue} does and holds. */
export interface FairQueueLimits {
  /** Jobs that run at once. */
  readonly concurrency: number;
  /** Jobs of one client that wait. */
  readonly perClient: number;
  /** Jobs of all clients that wait. */
  readonly total: number;
}

/** A queue without room for another job. */
export class QueueFullError extends Error {
  override readonly name = "QueueFullError";
}

/** Runs jobs a few at a time, one of each client in turn, so that a client with many does not hold up the others. */
export class FairQueue {
  readonly #limits: FairQueueLimits;
  /** Waiting jobs by client; the first client is the next. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #running = 0;
  #total = 0;

  constructor(limits: FairQueueLimits) {
    this.#limits = limits;
  }

  /** Runs a job when it is its client's turn. Throws {@link QueueFullError} at once when too many wait. */
  async run<T>(client: string, job: () => Promise<T>): Promise<T> {
    await this.#turn(client);
    try {
      return await job();
    } finally {
      this.#running--;
      this.#startNext();
    }
  }

  #turn(client: string): Promise<void> {
    const own = this.#waiting.get(client) ?? [];
    const { concurrency, perClient, total } = this.#limits;
    if (this.#running >= concurrency && (own.length >= perClient || this.#total >= total))
      return Promise.reject(new QueueFullError("too many jobs wait"));
    const { promise, resolve } = Promise.withResolvers<void>();
    own.push(resolve);
    this.#total++;
    this.#waiting.set(client, own);
    this.#startNext();
    return promise;
  }

  #startNext(): void {
    const next = this.#waiting.entries().next().value;
    if (next === undefined || this.#running >= this.#limits.concurrency) return;
    const [client, jobs] = next;
    const start = jobs.shift();
    this.#waiting.delete(client);
    if (jobs.length > 0) this.#waiting.set(client, jobs);
    this.#running++;
    this.#total--;
    start?.();
  }
}
