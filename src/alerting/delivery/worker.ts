import type { Claimed, DeliveryStore } from "../../core/delivery-store.ts";
import { StoreUnavailable } from "../../core/delivery-store.ts";
import { formatDuration } from "../../core/duration.ts";
import type { Destination } from "../../core/notifier.ts";
import { attempt, type AttemptContext } from "./attempt.ts";
import { decide } from "./decide.ts";
import { allowance, spend, waitsForPerson } from "./throttle.ts";

/** What one destination's worker runs on. */
export interface WorkerOptions extends AttemptContext {
  /** Names this process among all that use the store. */
  readonly owner: string;
  /** Until when a route tells nothing new; undefined when it does. */
  readonly heldUntil: (route: string, now: number) => number | undefined;
  /** Called before each claim after something new arrived. */
  readonly beforeClaim: (destination: Destination) => Promise<void>;
}

/** Delivers what is due at one destination. */
export interface Worker {
  /** Something may be due. */
  wake(): void;
  /** Whether its loop turned within the last minute. */
  turns(): boolean;
  /** Begins no delivery any more, lets those under way end for so long, and then aborts them. */
  stop(graceMs: number): Promise<void>;
}

/** The store is asked this often though nobody said that something is due: hints may be lost. */
const LONGEST_SLEEP_MS = 1_000;
const THROTTLED_SLEEP_MS = 100;
/** A lease outlives its attempt by the time that the result may take to be written. */
const LEASE_MARGIN_MS = 30_000;

/** Starts the worker of a destination. */
export function startWorker(destination: Destination, options: WorkerOptions): Worker {
  return new DestinationWorker(destination, options);
}

class DestinationWorker implements Worker {
  readonly #destination: Destination;
  readonly #options: WorkerOptions;
  readonly #store: DeliveryStore;
  readonly #inFlight = new Map<string, Promise<void>>();
  readonly #abort = new AbortController();
  readonly #loop: Promise<void>;
  #isStopping = false;
  #isWoken = true;
  #wakeUp: () => void = () => undefined;
  #turnedAt = performance.now();
  #storeFailed = false;

  constructor(destination: Destination, options: WorkerOptions) {
    this.#destination = destination;
    this.#options = options;
    this.#store = options.store;
    this.#loop = this.#run();
  }

  wake(): void {
    this.#isWoken = true;
    this.#wakeUp();
  }

  turns(): boolean {
    return performance.now() - this.#turnedAt < 60_000;
  }

  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.wake();
    await this.#loop;
    const timer = setTimeout(() => this.#abort.abort(new DOMException("the service stops", "AbortError")), graceMs);
    await Promise.allSettled(this.#inFlight.values());
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      this.#turnedAt = performance.now();
      const pause = await this.#turn().catch((thrown: unknown) => this.#explain(thrown));
      if (pause > 0 && !this.#isWoken && !this.#isStopping) await this.#sleep(pause);
      this.#isWoken = false;
    }
  }

  /** Claims what is due and begins to deliver it. Gives how long to sleep, in milliseconds. */
  async #turn(): Promise<number> {
    const free = this.#destination.policy.concurrency - this.#inFlight.size;
    if (free <= 0) return LONGEST_SLEEP_MS;
    await this.#options.beforeClaim(this.#destination);
    const claims = await this.#claim(free);
    this.#storeFailed = false;
    for (const claim of claims) this.#begin(claim);
    if (claims.length > 0) return 0;
    const due = await this.#store.nextDueAt(this.#destination.name);
    if (due === undefined) return LONGEST_SLEEP_MS;
    return Math.min(LONGEST_SLEEP_MS, Math.max(THROTTLED_SLEEP_MS, due - (await this.#store.now())));
  }

  async #claim(limit: number): Promise<readonly Claimed[]> {
    const { name, policy } = this.#destination;
    const { owner, heldUntil, observer } = this.#options;
    let failures = 0;
    let giveUpAfterMs: number = policy.giveUpAfter;
    const left: string[] = [];
    const claims = await this.#store.claim({
      destination: name,
      owner,
      limit,
      leaseMs: policy.timeout + LEASE_MARGIN_MS,
      allowance: (state, now) => {
        failures = state.failures;
        giveUpAfterMs = waitsForPerson(state) ? Number.POSITIVE_INFINITY : policy.giveUpAfter;
        left.length = 0;
        return allowance(state, policy.rate, now);
      },
      spend: (state, count, now) => spend(state, policy.rate, count, now),
      decide: (conversation, group, now) => {
        // its lease may have run out by a clock that jumped, while the attempt goes on here
        if (this.#inFlight.has(conversation.id)) return { next: conversation };
        const decision = decide(conversation, group, {
          now,
          heldUntil: heldUntil(group.route, now),
          giveUpAfterMs,
          destinationFailures: failures,
        });
        if (decision.next.state !== "pending") left.push(decision.next.state);
        return decision;
      },
    });
    for (const state of left) {
      if (state === "settled") observer.superseded(name);
      else this.#died();
    }
    return claims;
  }

  #died(): void {
    const { name, policy } = this.#destination;
    this.#options.observer.died(name);
    const { log } = this.#options;
    log.error(
      { destination: name },
      `a message could not be delivered within ${formatDuration(policy.giveUpAfter)}; see watchkeeper deliveries`,
    );
  }

  #begin(claim: Claimed): void {
    const work = attempt(claim, this.#destination, this.#abort.signal, this.#options).finally(() => {
      this.#inFlight.delete(claim.conversation.id);
      this.wake();
    });
    this.#inFlight.set(claim.conversation.id, work);
  }

  /** A store that can not be written stops all sending: what can not be noted would be sent again and again. */
  #explain(thrown: unknown): number {
    const { log } = this.#options;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    if (!this.#storeFailed || !(thrown instanceof StoreUnavailable))
      log.error({ destination: this.#destination.name }, `nothing is delivered, because the store fails: ${message}`);
    this.#storeFailed = true;
    return LONGEST_SLEEP_MS;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
