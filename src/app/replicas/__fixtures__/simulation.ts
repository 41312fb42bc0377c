import { setImmediate } from "node:timers/promises";
import { StoreUnavailable } from "../../../core/delivery-store.ts";
import type { ReplicaStore } from "../../../core/replica-store.ts";
import { Membership } from "../membership.ts";
import { knowledgeOf } from "../shares.ts";
import { createMemoryStore } from "./memory-store.ts";

/** What may happen to a replica; `for` in milliseconds. */
export type Trouble =
  | { readonly kind: "crash" | "stop" | "start" }
  | { readonly kind: "pause" | "cut" | "unanswered"; readonly for: number }
  | { readonly kind: "learn"; readonly targets: readonly string[] };

/** How long an end of polls takes, and a question to a store that can not be reached. */
const END_MS = 200;
const TIMEOUT_MS = 5_000;

/**
 * Replicas over one store in simulated time: each has its own clock, and may be frozen, cut off, killed and started.
 */
export class Simulation {
  /** Milliseconds since the beginning. */
  now = 0;
  readonly random: () => number;
  readonly store = createMemoryStore();
  readonly #events: { readonly at: number; readonly run: () => void }[] = [];
  readonly replicas: SimulatedReplica[] = [];

  constructor(random: () => number) {
    this.random = random;
  }

  at(ms: number, run: () => void): void {
    this.#events.push({ at: ms, run });
  }

  start(targets: readonly string[], rate = 1): SimulatedReplica {
    const replica = new SimulatedReplica(this, `replica-${this.replicas.length}`, targets, rate);
    this.replicas.push(replica);
    return replica;
  }

  /** Goes on until that time, and calls back after each event. */
  async runUntil(end: number, look: () => void): Promise<void> {
    for (;;) {
      // a stable choice of the earliest
      const next = this.#events.reduce((best, event, i) => (event.at < (this.#events[best]?.at ?? end) ? i : best), -1);
      const [event] = next === -1 ? [] : this.#events.splice(next, 1);
      if (event === undefined || event.at > end) break;
      this.now = Math.max(this.now, event.at);
      event.run();
      await setImmediate();
      look();
    }
    this.now = end;
  }

  /** Who polls the target at this moment. */
  pollers(target: string): readonly string[] {
    return this.replicas.filter((replica) => replica.polls(target)).map(({ id }) => id);
  }
}

/** One replica of a {@link Simulation}. */
export class SimulatedReplica {
  readonly id: string;
  readonly membership: Membership;
  targets: readonly string[];
  isGone = false;
  readonly #world: Simulation;
  readonly #rate: number;
  readonly #offset: number;
  readonly #ending = new Set<string>();
  #held: ReadonlySet<string> = new Set();
  #frozenUntil = Number.NEGATIVE_INFINITY;
  #cutUntil = 0;
  #unansweredUntil = 0;
  #late: (() => void)[] = [];

  constructor(world: Simulation, id: string, targets: readonly string[], rate: number) {
    this.#world = world;
    this.id = id;
    this.targets = targets;
    this.#rate = rate;
    this.#offset = world.random() * 1e6;
    this.membership = new Membership({
      store: this.#remote(),
      id,
      knowledge: () => knowledgeOf(this.targets),
      poll: (keys) => this.#poll(keys),
      observer: { divided: () => {}, removed: () => {}, lapsed: () => {}, failed: () => {} },
      now: () => this.#now(),
      wait: (ms, signal) => this.#wait(ms, signal),
    });
    this.membership.start();
  }

  /** A poll that is due asks first; one that is under way goes on until it has ended. */
  polls(target: string): boolean {
    if (this.isGone || this.#isFrozen()) return false;
    return this.#ending.has(target) || (this.#held.has(target) && this.membership.holds());
  }

  suffer(trouble: Trouble): void {
    const world = this.#world;
    if (this.isGone) return;
    switch (trouble.kind) {
      case "crash":
        this.isGone = true;
        break;
      case "stop":
        void this.membership.stop().then(() => (this.isGone = true));
        break;
      case "pause":
        this.#frozenUntil = Math.max(this.#frozenUntil, world.now + trouble.for);
        // what was under way was sent before
        this.#ending.clear();
        world.at(this.#frozenUntil, () => this.#thaw());
        break;
      case "cut":
        this.#cutUntil = Math.max(this.#cutUntil, world.now + trouble.for);
        break;
      case "unanswered":
        this.#unansweredUntil = Math.max(this.#unansweredUntil, world.now + trouble.for);
        break;
      case "learn":
        this.targets = trouble.targets;
        this.membership.wake();
        break;
      case "start":
    }
  }

  #now(): number {
    return this.#offset + this.#world.now * this.#rate;
  }

  #isFrozen(): boolean {
    return this.#world.now < this.#frozenUntil;
  }

  #thaw(): void {
    if (this.#isFrozen()) return;
    const late = this.#late;
    this.#late = [];
    for (const run of late) run();
  }

  /** Runs something of the replica after a while, or later when it stands still then. */
  #after(ms: number, run: () => void): void {
    this.#world.at(this.#world.now + ms, () => {
      if (this.isGone) return;
      if (this.#isFrozen()) this.#late.push(run);
      else run();
    });
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
    this.#after(ms / this.#rate, resolve);
    return promise;
  }

  async #poll(keys: ReadonlySet<string>): Promise<void> {
    const gone = [...this.#held].filter((key) => !keys.has(key));
    this.#held = keys;
    if (gone.length === 0) return;
    // what a freeze interrupted was sent before it
    const wasFrozen = this.#world.now - this.#frozenUntil < END_MS;
    for (const key of wasFrozen ? [] : gone) this.#ending.add(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#after(this.#world.random() * END_MS, () => {
      for (const key of gone) this.#ending.delete(key);
      resolve();
    });
    await promise;
  }

  /** The store as it is reached from here: every question and every answer takes its time, and may be lost. */
  #remote(): ReplicaStore {
    const ask = <T>(question: () => Promise<T>): Promise<T> => {
      const world = this.#world;
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const timeout = (): void => this.#after(TIMEOUT_MS, () => reject(new StoreUnavailable("cut off")));
      if (world.now < this.#cutUntil) {
        timeout();
        return promise;
      }
      // what was sent arrives, whatever becomes of the sender
      world.at(world.now + world.random() * 400, () => {
        const isUnanswered = world.now < this.#unansweredUntil;
        question().then(
          (answer) => (isUnanswered ? timeout() : this.#after(world.random() * 400, () => resolve(answer))),
          (error: unknown) => reject(error as Error),
        );
      });
      return promise;
    };
    const { store } = this.#world;
    return {
      joinReplicas: (card) => ask(() => store.joinReplicas(card)),
      keepAlive: (id) => {
        const stopped = new AbortController();
        let lastSign: number | undefined;
        const give = async (): Promise<void> => {
          for (let count = 0; !stopped.signal.aborted; count += 1) {
            const asked = this.#now();
            const isIn = await ask(() => store.beat(id, `sign ${count}`)).catch(() => false);
            if (isIn) lastSign = asked;
            await this.#wait(3_000, stopped.signal);
          }
        };
        void give();
        return { lastSign: () => lastSign, note: () => undefined, stop: async () => stopped.abort() };
      },
      renewReplica: (card) => ask(() => store.renewReplica(card)),
      knownTargets: (fingerprints) => ask(() => store.knownTargets(fingerprints)),
      removeReplicas: (silent) => ask(() => store.removeReplicas(silent)),
      exchangeTargets: (id, exchange) => ask(() => store.exchangeTargets(id, exchange)),
      leaveReplicas: (id) => ask(() => store.leaveReplicas(id)),
      targetOwners: () => ask(() => store.targetOwners()),
    };
  }
}
