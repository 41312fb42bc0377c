import { hash } from "node:crypto";
import type { ReplicaMember, ReplicaStore } from "../../core/replica-store.ts";
import { ownerOf } from "./rendezvous.ts";

/** What a replica could poll, with its fingerprint. */
export interface Knowledge {
  readonly targets: readonly string[];
  readonly fingerprint: string;
}

/** The knowledge of keys in any order. */
export function knowledgeOf(keys: readonly string[]): Knowledge {
  const targets = keys.toSorted();
  return { targets, fingerprint: hash("sha256", JSON.stringify(targets), "hex") };
}

type Member = Pick<ReplicaMember, "id" | "fingerprint">;

/**
 * Finds which of the own keys a replica is to have: each goes to one of the members that know it, so that replicas with
 * different configurations leave no target out.
 */
export class Shares {
  readonly #store: Pick<ReplicaStore, "knownTargets">;
  #known: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  #last: { readonly question: string; readonly share: ReadonlySet<string> } | undefined;

  constructor(store: Pick<ReplicaStore, "knownTargets">) {
    this.#store = store;
  }

  /** The share of the replica of this id, which is among the members. Rejects with `StoreUnavailable`. */
  async of(id: string, own: Knowledge, members: readonly Member[]): Promise<ReadonlySet<string>> {
    const question = JSON.stringify([own.fingerprint, ...members.flatMap((one) => [one.id, one.fingerprint])]);
    if (this.#last?.question !== question) {
      const known = await this.#knowledge(own, members);
      const isMine = (key: string): boolean => ownerOf(key, whoKnows(key, members, known)) === id;
      this.#last = { question, share: new Set(own.targets.filter(isMine)) };
    }
    return this.#last.share;
  }

  async #knowledge(own: Knowledge, members: readonly Member[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const fingerprints = [...new Set(members.map(({ fingerprint }) => fingerprint))];
    const unread = fingerprints.filter((one) => one !== own.fingerprint && !this.#known.has(one));
    const read = await this.#store.knownTargets(unread);
    const lists = new Map([...read, [own.fingerprint, own.targets]]);
    // a list that was not found is asked for again, since another replica may come with it
    this.#known = new Map(
      fingerprints.flatMap((one) => {
        const targets = this.#known.get(one) ?? (lists.has(one) ? new Set(lists.get(one)) : undefined);
        return targets === undefined ? [] : [[one, targets]];
      }),
    );
    return this.#known;
  }
}

/** A replica whose list could not be found any more has gone meanwhile, and counts for nothing. */
const whoKnows = (
  key: string,
  members: readonly Member[],
  known: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] => members.filter(({ fingerprint }) => known.get(fingerprint)?.has(key)).map(({ id }) => id);
