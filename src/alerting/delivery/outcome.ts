import type { AlertGroup } from "../../core/alert-group.ts";
import type { DeliveryError, DeliveryReason } from "../../core/delivery-errors.ts";
import type { Conversation, Told } from "../../core/conversation.ts";
import type { Claimed } from "../../core/delivery-store.ts";
import type { DeliveryReceipt } from "../../core/notifier.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { backoffMs } from "./backoff.ts";
import { countedAttempts } from "./decide.ts";

/** After these nobody knows whether the destination took the message. */
const AMBIGUOUS: ReadonlySet<DeliveryReason> = new Set([
  "timeout",
  "connection_lost",
  "server_error",
  "invalid_answer",
  "internal",
]);

/** The conversation after its destination took the message. `current` is as it is now: a newer revision may wait. */
export function delivered(
  current: Conversation,
  { action, group }: Pick<Claimed, "action" | "group">,
  { remote }: DeliveryReceipt,
  told: Told,
  now: number,
): Conversation {
  return {
    ...current,
    state: current.desiredRevision > group.revision ? "pending" : "settled",
    told: { ...told, tries: current.attempts },
    remote,
    attempted: action !== "close",
    attempts: 0,
    excused: undefined,
    unanswered: undefined,
    plain: false,
    pendingSince: now,
    notBefore: now,
    lastReason: undefined,
    lastError: undefined,
  };
}

/** The conversation after an attempt that failed. */
export function failed(
  current: Conversation,
  { before, group }: Pick<Claimed, "before" | "group">,
  error: DeliveryError,
  now: number,
): Conversation {
  const known = AMBIGUOUS.has(error.reason) ? current : untold(current, before);
  const next = { ...known, lastReason: error.reason, lastError: clip(oneLine(error.message), 500) };
  if (error.class === "destination" || error.class === "rate_limit")
    return { ...next, ...excusing(current, error.reason), notBefore: now };
  if (error.class === "retry")
    return { ...next, notBefore: now + backoffMs(countedAttempts(current), error.retryAfterMs) };
  if (!next.plain) return { ...next, plain: true, notBefore: now };
  // what was refused is told no more, but what came meanwhile may be taken, such as the end
  const isOutdated = current.desiredRevision > group.revision;
  return isOutdated ? { ...next, plain: false, notBefore: now } : { ...next, state: "dead" };
}

/** The attempt was made, and says nothing of the message; without a credential it was not even made. */
const excusing = ({ attempts, excused = 0 }: Conversation, reason: DeliveryReason) =>
  reason === "credential_unreadable" ? { attempts: Math.max(0, attempts - 1) } : { excused: excused + 1 };

/** The destination refused, so this attempt told nothing: what was known before it holds. */
const untold = (
  current: Conversation,
  { attempted, episode, unanswered, told, remote }: Conversation,
): Conversation => ({
  ...current,
  attempted,
  episode,
  unanswered,
  told,
  remote,
});

/** The same text for each attempt to tell one revision. */
export const idempotencyKeyOf = (conversation: Conversation, { revision }: AlertGroup): string =>
  `${threadKeyOf(conversation)}-${revision}`;

/**
 * The same text for all that is told of one episode, and for nothing else: a group that was forgotten, or a store that
 * was restored, counts from 1 again, and mail programs hide what seems to be an old mail.
 */
export const threadKeyOf = ({ id, createdAt, episode }: Conversation): string =>
  `${id}-${createdAt.toString(36)}-${episode}`;
