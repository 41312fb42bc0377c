import { randomUUID } from "node:crypto";
import type { KeepAlive, ReplicaMember, ReplicaStore, ReplicaView } from "../../core/replica-store.ts";
import { Shares, type Knowledge } from "./shares.ts";
import { createSilenceWatch, type SilenceWatch } from "./silence-watch.ts";

/** How often a replica says that it is there. */
const BEAT_MS = 5_000;
/** How often while it waits for something: targets that another has still to give up, or one that may be dead. */
const EAGER_MS = 1_000;
/** A replica without a beat for so long is taken out by another. */
const SILENCE_MS = 15_000;
const WORRY_MS = 7_000;
/**
 * A replica polls for no longer than this after it sent its last sign of life that was answered. It ends before
 * {@link SILENCE_MS}, which others count from a later moment, by what it takes to end polls and by how much two
 * machines' seconds may differ.
 */
const HOLD_MS = 12_000;

/** What a replica has to do with what it is given. */
export interface MembershipOptions {
  readonly store: ReplicaStore;
  /** Names the replica; no other has it, nor ever had. */
  readonly id: string;
  /** What it could poll. */
  readonly knowledge: () => Knowledge;
  /**
   * Polls these and nothing else from now on: the others are hidden before it returns, and have ended when it resolves.
   */
  readonly poll: (keys: ReadonlySet<string>) => Promise<void>;
  readonly observer: MembershipObserver;
  /** A monotonic clock in milliseconds; `performance.now` unless a test gives another. */
  readonly now?: () => number;
  /** Waits so many milliseconds, or until the signal, and never rejects; a timer unless a test gives another. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Hears what becomes of a replica. */
export interface MembershipObserver {
  /** Its share is another one, or those who divide are others. */
  divided(members: readonly ReplicaMember[], held: ReadonlySet<string>): void;
  /** Others were silent and are taken out. */
  removed(ids: readonly string[]): void;
  /** It no longer knows that its targets are its own, and polls none. */
  lapsed(): void;
  /** The store failed; called each time. */
  failed(error: unknown): void;
}

/** What a replica knows of itself; `members` as of its last beat. */
export interface MembershipStatus {
  readonly id: string;
  /** Whether its targets are surely its own. */
  readonly isMember: boolean;
  readonly members: readonly ReplicaMember[];
  /** Keys of what it polls. */
  readonly held: ReadonlySet<string>;
  /** When its last beat was answered, in Unix milliseconds. */
  readonly renewedAt: number | undefined;
}

/**
 * One of the replicas that divide the targets. It polls what the store has as its own and what it is sure of: a replica
 * that can not renew stops before another may take its targets over, whatever the store and the clocks do.
 */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #now: () => number;
  readonly #wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #watch: SilenceWatch = createSilenceWatch({ silence: SILENCE_MS, worry: WORRY_MS });
  readonly #shares: Shares;
  readonly #stopped = new AbortController();
  readonly #settled = Promise.withResolvers<void>();
  #woken = new AbortController();
  #turning: Promise<void> = Promise.resolve();
  #ending: Promise<void> = Promise.resolve();
  /** Whether the store has it, as far as it knows. */
  #isEntered = false;
  #isGuarded = false;
  #keepAlive: KeepAlive | undefined;
  /** When the newest renewal of its own was sent that was answered; undefined while it may not poll. */
  #renewedFrom: number | undefined;
  #held: ReadonlySet<string> = new Set();
  #members: readonly ReplicaMember[] = [];
  #renewedAt: number | undefined;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#wait = options.wait ?? pause;
    this.#shares = new Shares(options.store);
  }

  /** Joins, and goes on until it is stopped. */
  start(): void {
    this.#turning = this.#turn();
  }

  /** Settles when the replica first had a share, which may be none of the targets. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /**
   * Whether its targets are surely its own at this moment. To be asked before each poll and before anything of them is
   * shown.
   */
  holds(): boolean {
    if (this.#renewedFrom === undefined) return false;
    if (this.#now() < this.#holdsUntil(this.#renewedFrom)) return true;
    this.#lapse();
    return false;
  }

  #holdsUntil(renewedFrom: number): number {
    return Math.max(renewedFrom, this.#keepAlive?.lastSign() ?? renewedFrom) + HOLD_MS;
  }

  status(): MembershipStatus {
    const isMember = this.holds();
    return {
      id: this.#options.id,
      isMember,
      members: isMember ? this.#members : [],
      held: this.#held,
      renewedAt: this.#renewedAt,
    };
  }

  /** Takes up at once that what it could poll has changed. */
  wake(): void {
    this.#woken.abort();
  }

  /** Ends its polls, and leaves its targets to the others. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.wake();
    this.#end();
    await Promise.all([this.#turning, this.#ending, this.#keepAlive?.stop()]);
    // where that fails the others find that it is silent
    if (this.#isEntered) await this.#options.store.leaveReplicas(this.#options.id).catch(() => undefined);
    this.#settled.resolve();
  }

  async #turn(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#woken = new AbortController();
      const { signal } = this.#woken;
      const begun = this.#now();
      let isCalm = false;
      try {
        isCalm = await this.#renew();
      } catch (thrown) {
        this.#options.observer.failed(thrown);
      }
      const rest = (isCalm ? BEAT_MS : EAGER_MS) - (this.#now() - begun);
      if (rest > 0 && !this.#stopped.signal.aborted) await this.#wait(rest, signal);
    }
  }

  /** Gives whether there is nothing to wait for. */
  async #renew(): Promise<boolean> {
    const { store, id, knowledge, observer } = this.#options;
    const own = knowledge();
    const card = { id, beat: randomUUID(), ...own };
    if (!this.#isEntered) {
      await store.joinReplicas(card);
      this.#isEntered = true;
    }
    const asked = this.#now();
    const view = await store.renewReplica(card);
    if (view === undefined) return this.#leftOut();
    this.#renewed(asked);
    const others = view.members.filter((member) => member.id !== id);
    const silent = this.#watch.look(others, [asked, this.#now()]);
    const live = view.members.filter((member) => !silent.some((one) => one.id === member.id));
    const share = await this.#shares.of(id, own, live);
    const before = { members: this.#members, held: this.#held };
    this.#members = live;
    if (!(await this.#divide(share, view, silent))) return this.#leftOut();
    if (!this.holds()) return false;
    if (!sameNames(before.members, live) || !sameKeys(before.held, this.#held)) observer.divided(live, this.#held);
    this.#settled.resolve();
    return this.#held.size === share.size && !this.#watch.suspects(this.#now());
  }

  /** What is not to be its own any more ends first; then it is given up, and then what is free is taken. */
  async #divide(
    share: ReadonlySet<string>,
    { owned }: ReplicaView,
    silent: readonly Pick<ReplicaMember, "id" | "beat">[],
  ): Promise<boolean> {
    const { store, id, observer } = this.#options;
    const kept = new Set(owned.filter((key) => share.has(key)));
    await this.#poll(kept);
    if (silent.length > 0 && (await store.removeReplicas(silent)) > 0) observer.removed(silent.map((one) => one.id));
    const release = owned.filter((key) => !share.has(key));
    const claim = [...share].filter((key) => !kept.has(key));
    if (release.length === 0 && claim.length === 0) return true;
    const now = await store.exchangeTargets(id, { release, claim });
    if (now === undefined) return false;
    await this.#poll(new Set(now.filter((key) => share.has(key))));
    return true;
  }

  async #poll(keys: ReadonlySet<string>): Promise<void> {
    if (!this.holds()) return this.#ending;
    this.#held = keys;
    await this.#options.poll(keys);
  }

  #renewed(asked: number): void {
    if (this.#stopped.signal.aborted) return;
    this.#renewedFrom = asked;
    this.#keepAlive ??= this.#options.store.keepAlive(this.#options.id);
    this.#keepAlive.note();
    this.#renewedAt = Date.now();
    void this.#guard();
  }

  /** Ends the polls in time, also while a question to the store is not answered. */
  async #guard(): Promise<void> {
    if (this.#isGuarded) return;
    this.#isGuarded = true;
    while (this.holds() && !this.#stopped.signal.aborted) {
      const left = this.#holdsUntil(this.#renewedFrom ?? 0) - this.#now();
      await this.#wait(Math.max(1, left), this.#stopped.signal);
    }
    this.#isGuarded = false;
  }

  /** Others took it out: nothing is its own any more. */
  #leftOut(): boolean {
    this.#isEntered = false;
    if (this.#renewedFrom !== undefined) this.#lapse();
    return false;
  }

  #lapse(): void {
    this.#end();
    this.#options.observer.lapsed();
  }

  #end(): void {
    this.#renewedFrom = undefined;
    this.#members = [];
    this.#held = new Set();
    this.#ending = this.#options.poll(this.#held);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end);
  });
}

const sameNames = (one: readonly ReplicaMember[], other: readonly ReplicaMember[]): boolean =>
  one.map(({ id }) => id).join() === other.map(({ id }) => id).join();

const sameKeys = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size === other.size && [...one].every((key) => other.has(key));
