import { isOpen, newsOf, type AlertGroup } from "../../core/alert-group.ts";
import type { Conversation } from "../../core/conversation.ts";
import type { Decision } from "../../core/delivery-store.ts";
import type { DeliveryAction } from "../../core/notifier.ts";

/**
 * Fewer failures than this never make a dead letter, whatever a clock that jumped says of the time; of a long time
 * there must be so many that at least half of it truly passed, at five minutes between two tries.
 */
const LEAST_FAILURES = 8;
const LONGEST_BETWEEN_MS = 5 * 60_000;

/** A held conversation is looked at again after this long at the latest: intervals change with the configuration. */
const LOOK_AGAIN_MS = 5 * 60_000;

/**
 * What a decision depends on besides the conversation and its group; times are Unix milliseconds of the store's clock.
 */
export interface DecideContext {
  readonly now: number;
  /** Until when the group's route tells nothing new; undefined when it does. */
  readonly heldUntil: number | undefined;
  readonly giveUpAfterMs: number;
  /** Failures of the destination since its last success. */
  readonly destinationFailures: number;
}

/**
 * Decides what becomes of a due conversation: deliver, wait, give up, or nothing at all because there is nothing to
 * tell.
 */
export function decide(conversation: Conversation, group: AlertGroup, context: DecideContext): Decision {
  const action = actionFor(conversation, group);
  if (action === undefined) return { next: settled(conversation, context.now) };
  if (context.heldUntil !== undefined && action !== "close") return { next: held(conversation, context) };
  if (isHopeless(conversation, context)) return { next: { ...conversation, state: "dead", held: false } };
  return { next: begun(conversation, group, action), send: action };
}

/** What the destination is to be told; undefined when it knows all, or when it was over before anybody was told. */
function actionFor({ attempted, told }: Conversation, group: AlertGroup): DeliveryAction | undefined {
  if (!isOpen(group)) return attempted ? "close" : undefined;
  if (!attempted || told?.status !== "firing") return "open";
  if (told.revision >= group.revision) return undefined;
  // evidence is told once, by an edit, however often the sender reminded before it
  if (told.revision >= newsOf(group)) return "update";
  return group.remindedAt === group.updatedAt ? "remind" : "update";
}

const settled = (conversation: Conversation, now: number): Conversation => ({
  ...conversation,
  state: "settled",
  held: false,
  pendingSince: now,
  notBefore: now,
});

function held(conversation: Conversation, { now, heldUntil = now }: DecideContext): Conversation {
  return { ...conversation, held: true, notBefore: Math.min(heldUntil, now + LOOK_AGAIN_MS) };
}

function isHopeless(conversation: Conversation, context: DecideContext): boolean {
  const { pendingSince, held: wasHeld } = conversation;
  const { now, giveUpAfterMs, destinationFailures } = context;
  const least = Math.max(LEAST_FAILURES, giveUpAfterMs / (2 * LONGEST_BETWEEN_MS));
  return (
    !wasHeld &&
    Math.max(countedAttempts(conversation), destinationFailures) >= least &&
    now - pendingSince > giveUpAfterMs
  );
}

/** What else begins to count anew leaves this number as it was. */
const excusedAttempts = ({ attempts, excused }: Conversation): number | undefined =>
  attempts === 0 ? undefined : excused;

/** Attempts since the last success that say something of the message, that under way included. */
export const countedAttempts = (conversation: Conversation): number =>
  conversation.attempts - (excusedAttempts(conversation) ?? 0);

/** Counted before it is made: an attempt that kills the process counts, and may have told something. */
function begun(conversation: Conversation, { revision }: AlertGroup, action: DeliveryAction): Conversation {
  const isNew = action === "open" && !conversation.attempted;
  return {
    ...conversation,
    episode: conversation.episode + (isNew ? 1 : 0),
    remote: isNew ? undefined : conversation.remote,
    told: isNew ? undefined : conversation.told,
    attempted: true,
    attempts: conversation.attempts + 1,
    excused: excusedAttempts(conversation),
    unanswered: revision,
    // what waited for an interval was not late by its own fault
    pendingSince: conversation.held ? conversation.notBefore : conversation.pendingSince,
    held: false,
  };
}
