import { randomBytes, randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import type { Member } from "./member.ts";
import { createMember, isAudible } from "./member.ts";
import type { ClusterOptions } from "./options.ts";

const ECHO_PERIOD_MS = 5000;
/** What a leader's election writes into the log of a real cluster. */
const ENTRIES_PER_ELECTION = 4;

/** Nodes, leadership and the raft log: what the nodes have in common and how it changes. */
export class Cluster {
  readonly options: ClusterOptions;
  readonly members: readonly Member[];
  readonly id: string = randomUUID();
  readonly installedAt: number;
  initialized: boolean;
  threshold: number;
  unsealKeys: readonly string[];
  committedIndex = 144;
  term = 3;
  activeSince: number;
  #leader: Member | undefined;
  /** False when the leader stepped down, or died and left too few voters for another. */
  #leads: boolean;
  #election: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #events = new EventEmitter();

  constructor(options: ClusterOptions) {
    this.options = options;
    this.members = Array.from({ length: options.nodes }, (_, index) => createMember(index, options));
    this.initialized = options.initialized;
    this.threshold = options.keyThreshold;
    this.unsealKeys = makeKeys(options.keyShares);
    this.installedAt = options.now() - 3_600_000;
    this.activeSince = options.now() - 60_000;
    this.#leader = options.initialized ? this.members[0] : undefined;
    this.#leads = this.#leader !== undefined;
    // One waiter for each request that a frozen leader keeps.
    this.#events.setMaxListeners(0);
  }

  /** The node that was active last and perhaps still is. */
  get leader(): Member | undefined {
    return this.#leader;
  }

  now(): number {
    return this.options.now();
  }

  /** Whether the node is the active one and able to act. */
  isActive(member: Member): boolean {
    return this.#leads && member === this.#leader && takesPart(member, this.options);
  }

  /**
   * The leader as the node knows it. While there is none the others go on naming the last one, dead or not, and only
   * that one knows that it no longer leads; a node that was removed learns nothing new.
   */
  leaderSeenBy(member: Member): Member | undefined {
    if (member.removedAt !== undefined) return member.removedAt.leader;
    return member === this.#leader && !this.#leads ? undefined : this.#leader;
  }

  /** The last entry of the log that the node has received, and the last that it has applied. */
  indexesOf(member: Member): { committed: number; applied: number } {
    if (member.removedAt !== undefined)
      return { committed: member.removedAt.index, applied: member.removedAt.index - 1 };
    const committed = member.silentAt ?? this.committedIndex;
    return { committed, applied: committed - member.appliedLag };
  }

  /** When the active node heard the node last; undefined when it has not. */
  lastEcho(member: Member): number | undefined {
    const { heardFrom, lastHeard } = member;
    if (heardFrom === undefined) return lastHeard;
    const passed = this.now() - heardFrom;
    return passed < 0 ? undefined : heardFrom + Math.floor(passed / ECHO_PERIOD_MS) * ECHO_PERIOD_MS;
  }

  /** One more entry in the log. */
  write(): void {
    this.committedIndex += 1;
  }

  /** Changes nodes, and lets the others hear of it. */
  change(by: () => void): void {
    const before = new Map(
      this.members.map((member) => [member, { audible: isAudible(member), echo: this.lastEcho(member) }]),
    );
    by();
    for (const member of this.members) {
      const was = before.get(member);
      if (isAudible(member) === was?.audible) continue;
      member.heardFrom = isAudible(member) ? this.now() : undefined;
      member.lastHeard = isAudible(member) ? undefined : was?.echo;
      member.silentAt = isAudible(member) ? undefined : this.committedIndex;
    }
    this.#reconsiderLeader();
    this.#events.emit("change");
  }

  /** Chooses the active node, if the present one can not go on and enough voters are left. */
  elect(): void {
    clearTimeout(this.#election);
    this.#election = undefined;
    if (this.#leaderGoesOn()) return;
    if (this.#hasQuorum()) this.#setLeader(this.#candidate());
    else this.#stepDown();
    this.#events.emit("change");
  }

  /** Takes the node out of raft's configuration; whether it seals itself then depends on its version. */
  remove(member: Member, { sealed }: { readonly sealed: boolean }): void {
    this.change(() => {
      this.write();
      member.removedAt = { leader: this.#leader, index: this.committedIndex };
      member.inRaft = false;
      member.sealed ||= sealed;
    });
  }

  /** Resolves at the next change of a node or of the leader; to false when the cluster is closed. */
  async nextChange(): Promise<boolean> {
    if (!this.#closed) await once(this.#events, "change");
    return !this.#closed;
  }

  /** Makes new unseal keys, as initialising does. */
  initialize(shares: number, threshold: number): void {
    this.change(() => {
      this.unsealKeys = makeKeys(shares);
      this.threshold = threshold;
      this.initialized = true;
    });
  }

  close(): void {
    clearTimeout(this.#election);
    this.#closed = true;
    this.#events.emit("change");
  }

  #reconsiderLeader(): void {
    if (this.#leaderGoesOn()) {
      clearTimeout(this.#election);
      this.#election = undefined;
      return;
    }
    if (this.options.storage === "file") return this.elect();
    const leader = this.#leader;
    // A node that is sealed or removed says so; one that dies or freezes is missed later.
    if (this.#leads && leader?.running === true && !leader.frozen && !takesPart(leader, this.options))
      this.#setLeader(undefined);
    const { electionDelay } = this.options;
    if (electionDelay === "manual" || this.#closed || this.#election !== undefined) return;
    this.#election = setTimeout(() => this.elect(), electionDelay).unref();
  }

  #setLeader(leader: Member | undefined): void {
    this.#stepDown();
    this.#leader = leader;
    if (leader === undefined) return;
    this.#leads = true;
    this.term += 1;
    this.committedIndex += ENTRIES_PER_ELECTION;
    this.activeSince = this.now();
    for (const member of this.members) {
      member.stableSince = this.now();
      member.lastHeard = undefined;
      member.heardFrom = isAudible(member) ? this.now() + this.options.settleTime : undefined;
    }
  }

  #stepDown(): void {
    if (this.#leads && this.#leader !== undefined) this.#leader.leadershipLost += 1;
    this.#leads = false;
  }

  #candidate(): Member | undefined {
    return this.members
      .filter((member) => member.voter && takesPart(member, this.options))
      .toSorted((a, b) => a.appliedLag - b.appliedLag)[0];
  }

  #leaderGoesOn(): boolean {
    return this.#leader !== undefined && this.isActive(this.#leader) && this.#hasQuorum();
  }

  #hasQuorum(): boolean {
    const voters = this.members.filter(({ inRaft, voter }) => (inRaft || this.options.storage === "file") && voter);
    return voters.filter(isAudible).length > voters.length / 2;
  }
}

function takesPart(member: Member, { storage }: ClusterOptions): boolean {
  return isAudible(member) && (member.inRaft || storage === "file");
}

/** As many keys as a real server gives: one of 32 bytes, or shares of 33. */
function makeKeys(shares: number): readonly string[] {
  return Array.from({ length: shares }, () => randomBytes(shares === 1 ? 32 : 33).toString("base64"));
}
