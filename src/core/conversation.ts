import type { DeliveryReason } from "./delivery-errors.ts";
import type { RemoteRef } from "./notifier.ts";

/**
 * Where a conversation stands. `pending`: the destination is to be told something. `settled`: it knows all there is.
 * `dead`: it could not be told and is not tried any more. `dropped`: a person said that it need not be told.
 * `rolled_up`: a storm's summary tells of it. A newer revision makes any of them `pending` again, but `rolled_up`.
 */
export const CONVERSATION_STATES = ["pending", "settled", "dead", "dropped", "rolled_up"] as const;

/** One of {@link CONVERSATION_STATES}. */
export type ConversationState = (typeof CONVERSATION_STATES)[number];

/** What a destination was last told. */
export interface Told {
  readonly revision: number;
  readonly status: "firing" | "resolved";
  /** Unix milliseconds. */
  readonly at: number;
  /** Keys (`fingerprint@startsAt`) of the alerts that fired in that message; at most 1,000. */
  readonly firing: readonly string[];
  /** Id of the bundle whose evidence that message told; absent when it told none. */
  readonly evidence?: string;
  /** How many attempts that message took; absent in what a version wrote that did not count them. */
  readonly tries?: number;
}

/**
 * What one destination knows of one group, and what it is still to be told: the outbox has no other rows. Times are
 * Unix milliseconds of the store's clock.
 */
export interface Conversation {
  /** 32 hexadecimal digits, from group and destination. */
  readonly id: string;
  readonly groupId: string;
  readonly destination: string;
  readonly state: ConversationState;
  /** Lower goes first: 0 critical, 1 error, 2 warning, 3 info. */
  readonly priority: number;
  /** The group's newest revision. */
  readonly desiredRevision: number;
  readonly told?: Told | undefined;
  /** Counts the messages that were opened; 0 before the first one. */
  readonly episode: number;
  /** Whether this episode's opening may have reached the destination. Set when an attempt begins, not when it ends. */
  readonly attempted: boolean;
  /**
   * Attempts since the last success, that under way included: counted when it begins, so that one which kills the
   * process counts.
   */
  readonly attempts: number;
  /**
   * Those among `attempts` that ended in a fault of the destination or its pause: they count for no dead letter; absent
   * when none.
   */
  readonly excused?: number | undefined;
  /** The revision of the newest attempt whose answer is not known; absent when the last answer is. */
  readonly unanswered?: number | undefined;
  /** Since when the destination does not know all; of a settled one, of its last time. */
  readonly pendingSince: number;
  /** Not to be tried earlier. */
  readonly notBefore: number;
  /** Whether it waits for a time interval of its route to end. */
  readonly held: boolean;
  readonly remote?: RemoteRef | undefined;
  /** The full form was refused: send the plain one. */
  readonly plain: boolean;
  /** Of the newest failure; absent after a success. */
  readonly lastReason?: DeliveryReason | undefined;
  readonly lastError?: string | undefined;
  readonly rolledInto?: string | undefined;
  /** When it was begun, for the first time or again after it was over. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** How fast a destination may be sent to, and whether at all; shared by all replicas. Times are the store's. */
export interface DestinationState {
  readonly destination: string;
  /** The token bucket at `refilledAt`. */
  readonly tokens: number;
  readonly refilledAt: number;
  /** The destination asked for a pause until then; 0 when it did not. */
  readonly pausedUntil: number;
  /** Failures of the destination as a whole since its last success. */
  readonly failures: number;
  /** Why nothing but probes is sent; absent while it is well. */
  readonly brokenReason?: DeliveryReason | undefined;
  readonly brokenSince?: number | undefined;
  /** When the next probe is due; 0 while it is well. */
  readonly probeAt: number;
}
