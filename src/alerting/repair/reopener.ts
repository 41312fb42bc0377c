import type { AlertGroup } from "../../core/alert-group.ts";
import type { Route } from "../../core/routing.ts";
import type { JudgeContext } from "./reconcile.ts";
import { judgeReopening, type Reopening } from "./reopen.ts";
import { isRouted } from "./routed.ts";
import { twinKey } from "./twins.ts";

/** What is to be opened again in one group. */
export interface ReopenedGroup {
  readonly group: AlertGroup;
  /** By fingerprint. */
  readonly reopenings: ReadonlyMap<string, Reopening>;
}

interface Candidate {
  readonly group: AlertGroup;
  readonly fingerprint: string;
  readonly seenAt: number;
  readonly reopening: Reopening;
}

/**
 * Finds closed alerts that Alertmanager has active. To look through all that was ever closed is costly, so that it is
 * done only when Alertmanager has an active alert that fires nowhere here and was not looked for before. Of several
 * groups that may hold an alert the one that was told of it last opens it.
 */
export class Reopener {
  readonly #root: Route;
  /** What fires here, as `fingerprint receiver`. */
  readonly #held = new Set<string>();
  /** What Alertmanager has active and does not fire here. */
  #wanted: ReadonlySet<string> = new Set();
  /** What was looked for, and is not here to be opened: alerts of other receivers, mostly. */
  #settled: ReadonlySet<string> = new Set();
  readonly #undecided = new Set<string>();
  readonly #candidates = new Map<string, Candidate>();

  constructor(root: Route) {
    this.#root = root;
  }

  /** Begins a round. */
  begin(): void {
    this.#held.clear();
    this.#undecided.clear();
    this.#candidates.clear();
  }

  /** Notes what fires in an open group. */
  noteOpen({ alerts, receiver }: AlertGroup): void {
    for (const { state, fingerprint } of alerts) if (state === "firing") this.#held.add(`${fingerprint} ${receiver}`);
  }

  /** Whether closed groups are to be looked through in this round; after every open one was noted. */
  isNeeded({ view, now, graces }: JudgeContext): boolean {
    const wanted = new Set<string>();
    for (const [fingerprint, { startsAt, places }] of view.alerts)
      // A younger one is only about to be told of for the first time.
      if (now - startsAt >= graces.fresh)
        for (const { receiver, standing } of places)
          if (standing.isActive && !this.#held.has(`${fingerprint} ${receiver}`))
            wanted.add(`${fingerprint} ${receiver}`);
    this.#wanted = wanted;
    this.#settled = new Set([...this.#settled].filter((key) => wanted.has(key)));
    return this.#settled.size < wanted.size;
  }

  look(group: AlertGroup, context: JudgeContext): void {
    const root = this.#root;
    const { reopenings, undecided } = judgeReopening(group, {
      isWanted: (fingerprint) => this.#wanted.has(`${fingerprint} ${group.receiver}`),
      isRouted: (alert) => isRouted(group, alert, root),
      context,
    });
    for (const fingerprint of undecided) this.#undecided.add(`${fingerprint} ${group.receiver}`);
    for (const [fingerprint, reopening] of reopenings) {
      const key = `${fingerprint} ${twinKey(group)}`;
      const seenAt = group.alerts.find((alert) => alert.fingerprint === fingerprint)?.seenAt ?? 0;
      if ((this.#candidates.get(key)?.seenAt ?? -1) < seenAt)
        this.#candidates.set(key, { group, fingerprint, seenAt, reopening });
    }
  }

  /**
   * Ends a round in which closed groups were looked through; what is opened is looked for again if that should fail.
   */
  conclude(): readonly ReopenedGroup[] {
    const found = [...this.#candidates.values()];
    const open = new Set([
      ...this.#undecided,
      ...found.map(({ fingerprint, group }) => `${fingerprint} ${group.receiver}`),
    ]);
    this.#settled = new Set([...this.#wanted].filter((key) => !open.has(key)));
    return [...Map.groupBy(found, ({ group }) => group.id).values()].flatMap((ofGroup) => {
      const [first] = ofGroup;
      if (first === undefined) return [];
      const reopenings = new Map(ofGroup.map(({ fingerprint, reopening }) => [fingerprint, reopening]));
      return [{ group: first.group, reopenings }];
    });
  }
}
