/** What a replica says of itself at each renewal. */
export interface ReplicaCard {
  /** Names the replica; no other has it, nor ever had. */
  readonly id: string;
  /** Another text at each renewal, so that who sees the same one again knows that there was none meanwhile. */
  readonly beat: string;
  /** Equal for equal {@link targets}. */
  readonly fingerprint: string;
  /** Keys of all targets that it could poll, as `<collector>/<target>`. */
  readonly targets: readonly string[];
}

/** What is read of a replica at each renewal of another one. */
export interface ReplicaMember {
  readonly id: string;
  readonly beat: string;
  readonly fingerprint: string;
  /** When it joined, by the store's clock in Unix milliseconds; for people. */
  readonly joinedAt: number;
}

/** What a renewal brought. */
export interface ReplicaView {
  /** All replicas that the store has, itself included. */
  readonly members: readonly ReplicaMember[];
  /** Keys of the targets that the store has as its own. */
  readonly owned: readonly string[];
}

/** What a replica gives up and what it would like to have; it gets what nobody owns. */
export interface TargetExchange {
  readonly release: readonly string[];
  readonly claim: readonly string[];
}

/** Signs of life that go on by themselves. */
export interface KeepAlive {
  /**
   * When the newest sign was sent that found the replica in, by the clock of `performance.now`; undefined before the
   * first.
   */
  lastSign(): number | undefined;
  /**
   * Says that the replica's own work goes on: signs end when that was not said for a minute, since a process may hang.
   */
  note(): void;
  stop(): Promise<void>;
}

/**
 * Who takes part in polling, and which target belongs to whom: a target has one owner at most, and a replica that is
 * taken out owns nothing from then on. No clock decides anything here. Rejects with `StoreUnavailable` as other writes
 * do.
 */
export interface ReplicaStore {
  /** Enters the replica; it owns nothing yet unless it was in already. */
  joinReplicas(card: ReplicaCard): Promise<void>;
  /**
   * Notes that the replica is there. Undefined when it is not in, because it never joined or was taken out: nothing is
   * changed then.
   */
  renewReplica(card: ReplicaCard): Promise<ReplicaView | undefined>;
  /**
   * Gives new beats for the replica beside those of its renewals, as long as it is in and its process lives, however
   * busy that is.
   */
  keepAlive(id: string): KeepAlive;
  /** What replicas with these fingerprints could poll. */
  knownTargets(fingerprints: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Takes out those of which no renewal came since that beat. Gives how many. */
  removeReplicas(silent: readonly Pick<ReplicaMember, "id" | "beat">[]): Promise<number>;
  /** Gives up and claims targets. Gives all that the replica owns then; undefined when it is not in. */
  exchangeTargets(id: string, exchange: TargetExchange): Promise<readonly string[] | undefined>;
  /** Takes the replica itself out. */
  leaveReplicas(id: string): Promise<void>;
  /** The owner's id by the key of each target that has one. */
  targetOwners(): Promise<ReadonlyMap<string, string>>;
}
