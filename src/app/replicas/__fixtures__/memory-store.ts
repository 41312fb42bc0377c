import type { ReplicaCard, ReplicaStore } from "../../../core/replica-store.ts";

/** A store of replicas in memory, which does each thing at once. */
export interface MemoryStore extends ReplicaStore {
  /** Notes a beat as a sign of life does; whether the replica is in. */
  beat(id: string, beat: string): Promise<boolean>;
}

/** Makes an empty one; its `keepAlive` does nothing. */
export function createMemoryStore(): MemoryStore {
  const replicas = new Map<string, ReplicaCard & { readonly joinedAt: number }>();
  const owners = new Map<string, string>();
  const ownedBy = (id: string): string[] => [...owners].filter(([, owner]) => owner === id).map(([key]) => key);
  const takeOut = (id: string): void => {
    replicas.delete(id);
    for (const key of ownedBy(id)) owners.delete(key);
  };
  return {
    async joinReplicas(card) {
      replicas.set(card.id, { ...card, joinedAt: replicas.get(card.id)?.joinedAt ?? replicas.size });
    },
    async renewReplica(card) {
      const before = replicas.get(card.id);
      if (before === undefined) return undefined;
      replicas.set(card.id, { ...card, joinedAt: before.joinedAt });
      return { members: [...replicas.values()], owned: ownedBy(card.id) };
    },
    keepAlive: () => ({ lastSign: () => undefined, note: () => undefined, stop: async () => undefined }),
    async knownTargets(fingerprints) {
      const asked = [...replicas.values()].filter(({ fingerprint }) => fingerprints.includes(fingerprint));
      return new Map(asked.map(({ fingerprint, targets }) => [fingerprint, targets]));
    },
    async removeReplicas(silent) {
      const gone = silent.filter(({ id, beat }) => replicas.get(id)?.beat === beat);
      for (const { id } of gone) takeOut(id);
      return gone.length;
    },
    async exchangeTargets(id, { release, claim }) {
      if (!replicas.has(id)) return undefined;
      for (const key of release) if (owners.get(key) === id) owners.delete(key);
      for (const key of claim) if (!owners.has(key)) owners.set(key, id);
      return ownedBy(id);
    },
    async beat(id, beat) {
      const before = replicas.get(id);
      if (before !== undefined) replicas.set(id, { ...before, beat });
      return before !== undefined;
    },
    leaveReplicas: async (id) => takeOut(id),
    targetOwners: async () => new Map(owners),
  };
}
