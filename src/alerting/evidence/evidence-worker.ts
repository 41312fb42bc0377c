import { setTimeout as pause } from "node:timers/promises";
import pLimit from "p-limit";
import type { Logger } from "pino";
import type { AlertGroup } from "../../core/alert-group.ts";
import type { DeliveryStore } from "../../core/delivery-store.ts";
import { minutes, seconds, type Duration } from "../../core/duration.ts";
import type { EvidenceOutcome } from "../../core/evidence-metrics.ts";
import type { GroupEvidence } from "../../core/evidence.ts";
import { whenAborted } from "../../lib/when-aborted.ts";
import { pagedGroups } from "../repair/paged-groups.ts";
import { Agenda, agendaTimes, type AgendaTimes } from "./agenda.ts";
import { attachEvidence } from "./attach-evidence.ts";
import type { EvidenceObserver } from "./observer.ts";

/** What the worker runs on. */
export interface EvidenceWorkerOptions {
  readonly store: DeliveryStore;
  /** Groups that are looked at in a minute; 0 for none. */
  readonly perMinute: number;
  /** From an alert's beginning to the end of the window that is looked at. */
  readonly after: Duration;
  /**
   * Looks for the evidence of a group, about the alert that `evidenceSubject` names; undefined when there is nothing to
   * be told. What it throws is tried again a few times.
   */
  readonly gather: (group: AlertGroup, signal: AbortSignal) => Promise<GroupEvidence | undefined>;
  /** These destinations have something to be told now. */
  readonly onChanged: (destinations: readonly string[]) => void;
  readonly observer: EvidenceObserver;
  readonly log: Logger;
  /** Take the place of the usual times; for tests. */
  readonly times?: Partial<AgendaTimes & { readonly every: Duration; readonly term: Duration }>;
}

/** Looks for evidence by itself. */
export interface EvidenceWorker {
  /** Groups may have changed. */
  wake(): void;
  /** How many groups wait to be looked at for the first time; undefined while another replica looks. */
  waiting(): number | undefined;
  /** Aborts what is looked for, and waits for its end. */
  stop(): Promise<void>;
}

const AT_ONCE = 2;
const LONGEST = minutes(2);
const EVERY = seconds(15);
/** So long one replica looks; its connection may be lost unnoticed, and another one be at it too. */
const TERM = minutes(5);
/** However many notifications arrive, all open groups are not read all the time. */
const LEAST_PAUSE_MS = 1_000;
const SHARE_OF_TIME = 20;

/** Starts to look for the evidence of open groups that have none, in one replica at a time. */
export function startEvidenceWorker(options: EvidenceWorkerOptions): EvidenceWorker {
  return new Worker(options);
}

class Worker implements EvidenceWorker {
  readonly #options: EvidenceWorkerOptions;
  readonly #agenda: Agenda;
  readonly #every: number;
  readonly #term: number;
  readonly #inTurn = pLimit(AT_ONCE);
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;
  #waking = new AbortController();
  #tokens: number;
  #refilledAt = performance.now();
  #isLeading = false;
  #hasFailed = false;

  constructor(options: EvidenceWorkerOptions) {
    const { every = EVERY, term = TERM, ...times } = options.times ?? {};
    this.#options = options;
    this.#agenda = new Agenda({ ...agendaTimes(options.after), ...times });
    this.#every = every;
    this.#term = term;
    this.#tokens = options.perMinute;
    this.#loop = options.perMinute > 0 ? this.#run() : Promise.resolve();
  }

  wake(): void {
    this.#waking.abort();
  }

  waiting(): number | undefined {
    return this.#isLeading ? this.#agenda.waiting : undefined;
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new DOMException("stopped", "AbortError"));
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { store, log } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        await store.exclusively("evidence", () => this.#lead());
        this.#hasFailed = false;
      } catch (thrown) {
        if (!this.#hasFailed) log.warn({ err: thrown }, "evidence is not looked for, because the store fails");
        this.#hasFailed = true;
      }
      await this.#sleep(this.#every);
    }
  }

  async #lead(): Promise<void> {
    const end = performance.now() + this.#term;
    try {
      while (!this.#stopping.signal.aborted && performance.now() < end) {
        const rest = await this.#turn();
        this.#isLeading = true;
        await this.#sleep(rest.least);
        await this.#sleep(rest.most - rest.least, this.#waking.signal);
      }
    } finally {
      this.#isLeading = false;
    }
  }

  /** Looks at all open groups, and for the evidence of the most urgent. Gives how long to rest, in milliseconds. */
  async #turn(): Promise<{ readonly least: number; readonly most: number }> {
    const begun = performance.now();
    this.#waking = new AbortController();
    const due = await this.#look();
    const took = performance.now() - begun;
    const chosen = due.slice(0, this.#affordable());
    this.#tokens -= chosen.length;
    await Promise.all(chosen.map((group) => this.#inTurn(() => this.#work(group))));
    const least = Math.max(Math.min(LEAST_PAUSE_MS, this.#every), took * SHARE_OF_TIME);
    const untilToken = due.length > chosen.length ? 60_000 / this.#options.perMinute : Number.POSITIVE_INFINITY;
    const untilNext = this.#agenda.nextAt - (await this.#options.store.now());
    const isMore = chosen.length > 0 && due.length === chosen.length;
    return { least, most: isMore ? least : Math.max(least, Math.min(this.#every, untilToken, untilNext)) };
  }

  async #look(): Promise<readonly AlertGroup[]> {
    const { store } = this.#options;
    const now = await store.now();
    this.#agenda.begin();
    for await (const page of pagedGroups(store, { openOnly: true })) {
      if (this.#stopping.signal.aborted) return [];
      for (const group of page) this.#agenda.show(group, now);
    }
    return this.#agenda.end();
  }

  #affordable(): number {
    const { perMinute } = this.#options;
    const now = performance.now();
    this.#tokens = Math.min(perMinute, this.#tokens + ((now - this.#refilledAt) / 60_000) * perMinute);
    this.#refilledAt = now;
    return Math.floor(this.#tokens);
  }

  async #work(group: AlertGroup): Promise<void> {
    const { store, observer, log } = this.#options;
    if (this.#stopping.signal.aborted) return;
    const begun = performance.now();
    let outcome: EvidenceOutcome;
    try {
      outcome = await this.#gather(group);
      this.#agenda.looked(group, await store.now());
    } catch (thrown) {
      if (this.#stopping.signal.aborted) return;
      outcome = "failed";
      const isLast = !this.#agenda.failed(group, await store.now());
      log.warn({ err: thrown, group: group.id, isLast }, "evidence about an alert could not be looked for");
    }
    observer.gathered(outcome, (performance.now() - begun) / 1000);
  }

  async #gather(group: AlertGroup): Promise<EvidenceOutcome> {
    const { gather, store, onChanged } = this.#options;
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(LONGEST)]);
    const evidence = await Promise.race([gather(group, signal), whenAborted(signal)]);
    if (evidence === undefined) return "nothing";
    const [result] = await store.changeGroups([{ changes: [attachEvidence(group, evidence)] }]);
    if (result === undefined || result.changed === 0) return "unchanged";
    onChanged(result.destinations);
    return "attached";
  }

  async #sleep(ms: number, waking?: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, ...(waking === undefined ? [] : [waking])]);
    if (ms > 0) await pause(ms, undefined, { signal }).catch(() => undefined);
  }
}
