import { LONGEST_RETRY_AFTER_MS } from "../../../src/alerting/delivery/backoff.ts";
import { conversationAt, groupAt } from "../../../src/alerting/delivery/__fixtures__/conversations.ts";
import { failed } from "../../../src/alerting/delivery/outcome.ts";
import { afterFailure } from "../../../src/alerting/delivery/throttle.ts";
import type { Conversation, DestinationState } from "../../../src/core/conversation.ts";
import { asDeliveryError, DeliveryError } from "../../../src/core/delivery-errors.ts";
import type { DeliveryReceipt, DeliveryRequest, Notifier } from "../../../src/core/notifier.ts";
import { whenAborted } from "../../../src/lib/when-aborted.ts";
import { everythingOf } from "../../../src/notifiers/shared/__fixtures__/failures.ts";

/** A delivery as the engine would make it, and how to tell that the service took it. */
export interface Delivery {
  readonly request: Omit<DeliveryRequest, "signal">;
  /** Whether people can read it in the service. */
  readonly hasArrived: () => boolean;
}

/** What came of one attempt. */
export interface Attempted {
  readonly receipt?: DeliveryReceipt;
  readonly error?: DeliveryError;
  /** Of a failure: the delivery as it will be made next. */
  readonly again?: Delivery;
  /** Sentences about what may not be, whatever the fault. */
  readonly wrongs: readonly string[];
}

/** How attempts are judged. */
export interface Judging {
  readonly secrets: readonly string[];
  /** Whether any answer of success counts, since the service promises no more. */
  readonly believesAnySuccess: boolean;
}

/** Makes one attempt as the delivery engine does, and looks at what the engine would make of how it ended. */
export async function attempt(
  notifier: Notifier,
  delivery: Delivery,
  signal: AbortSignal,
  judging: Judging,
): Promise<Attempted> {
  try {
    const delivering = notifier.deliver({ ...delivery.request, signal });
    const receipt = await Promise.race([delivering, whenAborted(signal)]);
    return { receipt, wrongs: receiptWrongs(receipt, delivery, judging) };
  } catch (thrown) {
    const late = signal.aborted ? new DeliveryError("timeout", "no answer in time") : undefined;
    const error = late ?? asDeliveryError(thrown);
    const next = failed(BEGUN, { before: BEFORE, group: GROUP }, error, NOW);
    const mayRepeat = next.unanswered === GROUP.revision;
    const request = { ...delivery.request, mayRepeat: delivery.request.mayRepeat || mayRepeat, plain: next.plain };
    return {
      error,
      again: { ...delivery, request },
      wrongs: [
        ...textWrongs("the error", everythingOf(error), judging.secrets),
        ...engineWrongs(error, next),
        ...(delivery.hasArrived() && !request.mayRepeat
          ? [`the service took the message, but ${error.reason} says that it did not: nobody knows that it comes twice`]
          : []),
      ],
    };
  }
}

const NOW = 1_795_000_000_000;
const GROUP = groupAt(NOW);
const BEFORE = conversationAt({});
/** The conversation while its first attempt is under way. */
const BEGUN = conversationAt({ attempted: true, attempts: 1, episode: 1, unanswered: GROUP.revision });
const WELL: DestinationState = {
  destination: "d",
  tokens: 1,
  refilledAt: NOW,
  pausedUntil: 0,
  failures: 0,
  probeAt: 0,
};

/**
 * A fault of the network may cost no message, and no destination may say when it is asked again, or that it is never.
 */
function engineWrongs(error: DeliveryError, next: Conversation): readonly string[] {
  const pause = Math.max(afterFailure(WELL, error, NOW).pausedUntil, next.notBefore) - NOW;
  const isLimit = error.class === "rate_limit";
  return [
    ...(error.class === "message" ? [`${error.reason} makes a dead letter of a message that is good`] : []),
    ...(pause > LONGEST_RETRY_AFTER_MS ? [`the next attempt waits for ${pause} ms because the service says so`] : []),
    ...(isLimit && !(pause > 0) ? [`the next attempt waits for nothing (${pause} ms) though there were too many`] : []),
  ];
}

/** What a receipt may hold, in bytes of JSON: it is kept for as long as the conversation. */
const MOST_REMOTE = 4_096;
const MOST_ANSWER = 1_000;

function receiptWrongs(
  { remote, answer }: DeliveryReceipt,
  { hasArrived }: Delivery,
  { secrets, believesAnySuccess }: Judging,
): readonly string[] {
  const kept = JSON.stringify(remote);
  return [
    ...textWrongs("the answer that is shown", answer, secrets),
    ...textWrongs("what is kept of the answer", kept, secrets),
    ...(answer.length > MOST_ANSWER ? [`the answer that is shown has ${answer.length} characters`] : []),
    ...(Object.values(remote).some((value) => typeof value === "string" && UNSEEN.test(value))
      ? [`what is kept of the answer holds control characters: ${kept}`]
      : []),
    ...(UNSEEN.test(answer) ? [`the answer that is shown holds control characters: ${JSON.stringify(answer)}`] : []),
    ...(Buffer.byteLength(kept) > MOST_REMOTE ? [`${Buffer.byteLength(kept)} bytes are kept of the answer`] : []),
    ...(hasArrived() || believesAnySuccess ? [] : [`it counts as delivered (${answer}), but nothing arrived`]),
  ];
}

const UNSEEN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

const textWrongs = (what: string, text: string, secrets: readonly string[]): readonly string[] =>
  secrets.some((secret) => text.includes(secret)) ? [`${what} holds a secret`] : [];
