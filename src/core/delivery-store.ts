import type { AlertGroup } from "./alert-group.ts";
import type { Conversation, ConversationState, DestinationState } from "./conversation.ts";
import type { DeliveryReason } from "./delivery-errors.ts";
import type { DeliveryAction } from "./notifier.ts";

/** A notification as it arrived, kept for a while to tell copies from repetitions and to look into. */
export interface Inbound {
  readonly source: string;
  /** SHA-256 of what the notification says, without what differs between two replicas that say the same. */
  readonly contentHash: string;
  readonly receivedAt: number;
  /** The body as it arrived, cut off at 64 KiB. */
  readonly body: string;
}

/** One change of one group, made within the store's transaction; it may be asked for again when that is retried. */
export interface GroupChange {
  readonly groupId: string;
  /** Where the group is told; conversations that are missing are begun. */
  readonly destinations: readonly string[];
  /**
   * The group's next state; the same object when nothing changes, undefined when there is none and none is to be.
   * `isCopy` says that the same notification arrived less than two minutes ago, as it does from Alertmanager's
   * replicas.
   */
  apply(current: AlertGroup | undefined, isCopy: boolean): AlertGroup | undefined;
  /** Lower goes first, of the group's next state. */
  priority(next: AlertGroup): number;
}

/** What one transaction is to do. */
export interface GroupWork {
  readonly inbound?: Inbound;
  /** Sources of which a sign of life arrived. */
  readonly heartbeats?: readonly string[];
  readonly changes: readonly GroupChange[];
}

/** What came of a {@link GroupWork}. */
export interface GroupWorkResult {
  readonly isCopy: boolean;
  /** How many groups have a new revision. */
  readonly changed: number;
  /** Destinations that have something to be told now. */
  readonly destinations: readonly string[];
}

/** What is decided of a due conversation: its next state, and whether a delivery begins. */
export interface Decision {
  readonly next: Conversation;
  readonly send?: DeliveryAction;
}

/** A delivery that begins: nobody else can claim the conversation until it is finished or the lease has run out. */
export interface Claimed {
  readonly conversation: Conversation;
  readonly group: AlertGroup;
  readonly action: DeliveryAction;
  /** The conversation as it was before this attempt. */
  readonly before: Conversation;
}

/**
 * How the claims of one destination are bounded. All functions are pure; they may be asked again when a transaction is
 * retried.
 */
export interface ClaimRequest {
  readonly destination: string;
  /** Names the process that holds the lease. */
  readonly owner: string;
  readonly limit: number;
  readonly leaseMs: number;
  /** How many deliveries the destination bears now; at most 0 means none. */
  allowance(state: DestinationState, now: number): number;
  /** The destination's state after that many deliveries began. */
  spend(state: DestinationState, count: number, now: number): DestinationState;
  decide(conversation: Conversation, group: AlertGroup, now: number): Decision;
}

/** One attempt that ended, for the journal. */
export interface Attempt {
  readonly conversationId: string;
  readonly destination: string;
  readonly revision: number;
  readonly action: DeliveryAction;
  readonly startedAt: number;
  readonly durationMs: number;
  /** Absent when it succeeded. */
  readonly reason?: DeliveryReason | undefined;
  /** The destination's answer, or what went wrong; one line. */
  readonly detail: string;
}

/** How many conversations of a destination are in a state, and since when the oldest waits. */
export interface ConversationCount {
  readonly destination: string;
  readonly state: ConversationState;
  readonly held: boolean;
  readonly count: number;
  /** Unix milliseconds. */
  readonly oldestPendingSince: number;
}

/** Which conversations to list, newest first. */
export interface ConversationFilter {
  readonly destination?: string | undefined;
  readonly states?: readonly ConversationState[] | undefined;
  readonly groupId?: string | undefined;
  /** Only those whose group is open. */
  readonly openOnly?: boolean | undefined;
  readonly limit: number;
}

/** A conversation with its group, for people. */
export interface ConversationView {
  readonly conversation: Conversation;
  readonly group: AlertGroup;
}

/** What a storm's summary tells: of the groups that were rolled up into it, by the name of their alerts. */
export interface StormLine {
  /** `alertname`, or what the group is named by without one. */
  readonly name: string;
  readonly groups: number;
  /** Groups of these that are still open. */
  readonly open: number;
  readonly worstPriority: number;
}

/** What is kept no longer; times are Unix milliseconds. */
export interface PruneLimits {
  readonly inboundBefore: number;
  readonly closedBefore: number;
  /** Names of the configured destinations. */
  readonly destinations: readonly string[];
}

/** The write could not be made durable: the disk is full, the database is locked or gone. Nothing was changed. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** The store was written by a newer version of Watchkeeper, or is no store of it. The command line exits with 2. */
export class StoreUnusable extends Error {
  override readonly name = "StoreUnusable";
}

/**
 * The durable state of alert delivery. Every write is one transaction that is on disk when its promise resolves.
 * Rejects with {@link StoreUnavailable} when that can not be had in a few seconds.
 */
export interface DeliveryStore {
  /** Applies many works in one transaction; one that can not be applied rejects all. */
  changeGroups(works: readonly GroupWork[]): Promise<readonly GroupWorkResult[]>;
  /** Leases due conversations, the most urgent and oldest first, and saves what was decided of each. */
  claim(request: ClaimRequest): Promise<readonly Claimed[]>;
  /**
   * Ends a claim and releases its lease, with the attempt in the journal. False when the lease was lost: nothing is
   * changed then.
   */
  finish(
    id: string,
    owner: string,
    attempt: Attempt,
    update: (conversation: Conversation, now: number) => Conversation,
  ): Promise<boolean>;
  /** Gives back a lease of an attempt that was never made; the conversation is as it was. */
  release(id: string, owner: string, before: Conversation): Promise<void>;
  /** Changes one conversation that is not leased. False when there is none, or it is in flight. */
  changeConversation(id: string, update: (conversation: Conversation, now: number) => Conversation): Promise<boolean>;
  changeDestination(
    destination: string,
    update: (state: DestinationState, now: number) => DestinationState,
  ): Promise<void>;
  destinations(): Promise<readonly DestinationState[]>;
  /** The earliest `notBefore` of what is pending and not leased; undefined when nothing is. */
  nextDueAt(destination: string): Promise<number | undefined>;
  /**
   * Ends the leases that a former process left behind; only where one process alone uses the store. What an interval
   * holds is due at once, because it may be held no longer.
   */
  recover(owner: string): Promise<void>;

  /**
   * Conversations of the destination that were begun since then, or that an interval held until now. Those of quiet
   * routes, which tell nothing new now, do not count.
   */
  countBegun(destination: string, since: number, quietRoutes: readonly string[]): Promise<number>;
  /**
   * Rolls up what is open and pending, was never attempted, is not of a more urgent priority than `STORM_PRIORITY` and
   * of no quiet route. Gives how many.
   */
  rollUp(destination: string, stormGroupId: string, quietRoutes: readonly string[]): Promise<number>;
  /**
   * Makes pending again what was rolled up longer ago than `graceMs` into a storm that is over, or was never begun
   * because the process died. Gives how many.
   */
  releaseStrays(graceMs: number): Promise<number>;
  stormLines(stormGroupId: string): Promise<readonly StormLine[]>;
  /** Settles the members of a storm when none of their groups is open. Gives whether it was so. */
  endStorm(stormGroupId: string): Promise<boolean>;

  /** Groups of a source that are open, or all of them; in the order of their ids, after `afterId`. */
  groups(query: {
    source?: string;
    openOnly: boolean;
    afterId?: string;
    limit: number;
  }): Promise<readonly AlertGroup[]>;
  group(id: string): Promise<AlertGroup | undefined>;
  /** When each source last gave a sign of life. */
  heartbeats(): Promise<ReadonlyMap<string, number>>;

  list(filter: ConversationFilter): Promise<readonly ConversationView[]>;
  /** One conversation by its id or the unambiguous beginning of it, with its newest attempts, the newest first. */
  show(id: string): Promise<(ConversationView & { readonly attempts: readonly Attempt[] }) | undefined>;
  counts(): Promise<readonly ConversationCount[]>;

  /**
   * Deletes notifications and attempts older than `inboundBefore`, and groups closed and settled before `closedBefore`;
   * what waits for a destination that is none of `destinations` any more keeps none. Gives the number of rows.
   */
  prune(limits: PruneLimits): Promise<number>;
  /** Runs the job unless another replica is running the one of this name. Gives whether it ran. */
  exclusively(name: string, job: () => Promise<void>): Promise<boolean>;
  /** Calls back when another replica may have made something due; a hint only. Gives the way to end it. */
  onHint(callback: (destinations: readonly string[]) => void): () => void;
  /** The store's clock, in Unix milliseconds. */
  now(): Promise<number>;
  /** Whether the last write succeeded; undefined before the first one. */
  isWritable(): boolean | undefined;
  close(): Promise<void>;
}
