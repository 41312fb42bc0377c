import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { asDeliveryError, DeliveryError } from "../../core/delivery-errors.ts";
import type { Conversation, DestinationState } from "../../core/conversation.ts";
import { StoreUnavailable, type Attempt, type Claimed, type DeliveryStore } from "../../core/delivery-store.ts";
import { formatDuration } from "../../core/duration.ts";
import type { DeliveryReceipt, Destination, Notifier } from "../../core/notifier.ts";
import { inSpan } from "../../lib/tracing.ts";
import { whenAborted } from "../../lib/when-aborted.ts";
import { buildMessage, toldOf } from "../messages/build-message.ts";
import type { DeliveryObserver } from "./observer.ts";
import { delivered, failed, idempotencyKeyOf, threadKeyOf } from "./outcome.ts";
import { afterFailure, afterSuccess } from "./throttle.ts";

/** What an attempt needs. */
export interface AttemptContext {
  readonly store: DeliveryStore;
  readonly owner: string;
  readonly notifierOf: (destination: string) => Promise<Notifier>;
  readonly externalUrl: string;
  readonly observer: DeliveryObserver;
  readonly log: Logger;
}

type Result = { readonly receipt: DeliveryReceipt } | { readonly error: DeliveryError };

/** Makes one attempt at a delivery that was claimed, and notes how it ended; never throws. */
export async function attempt(
  claim: Claimed,
  destination: Destination,
  stopping: AbortSignal,
  context: AttemptContext,
): Promise<void> {
  const startedAt = Date.now();
  const begun = performance.now();
  const result = await deliver(claim, destination, stopping, context);
  const seconds = (performance.now() - begun) / 1000;
  report(claim, destination, result, seconds, context);
  const { conversation, group, action } = claim;
  const record: Attempt = {
    conversationId: conversation.id,
    destination: destination.name,
    revision: group.revision,
    action,
    startedAt,
    durationMs: seconds * 1000,
    ...("error" in result
      ? { reason: result.error.reason, detail: result.error.message }
      : { detail: result.receipt.answer }),
  };
  const judge = (state: DestinationState, now: number): DestinationState =>
    "receipt" in result ? afterSuccess(state) : afterFailure(state, result.error, now, performance.now() - begun);
  await finish(claim, record, result, judge, stopping, context);
}

async function deliver(
  claim: Claimed,
  destination: Destination,
  stopping: AbortSignal,
  { externalUrl, notifierOf }: AttemptContext,
): Promise<Result> {
  const { conversation, group, action, before } = claim;
  const { timeout } = destination.policy;
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(timeout)]);
  const attributes = {
    "watchkeeper.destination": destination.name,
    "watchkeeper.action": action,
    "watchkeeper.conversation": conversation.id,
    "watchkeeper.attempt": conversation.attempts,
  };
  try {
    const receipt = await inSpan(
      "deliver",
      { kind: "client", attributes, traceparent: group.traceparent },
      async (span) => {
        const notifier = await notifierOf(destination.name);
        const message = buildMessage({
          group,
          told: before.told,
          action,
          externalUrl,
          conversationId: conversation.id,
        });
        const delivering = notifier.deliver({
          action,
          message,
          remote: conversation.remote,
          idempotencyKey: idempotencyKeyOf(conversation, group),
          threadKey: threadKeyOf(conversation),
          mayRepeat: before.attempted && before.unanswered === group.revision,
          plain: conversation.plain,
          signal,
        });
        const receipt = await Promise.race([delivering, whenAborted(signal)]);
        span.setAttribute("watchkeeper.answer", receipt.answer);
        return receipt;
      },
    );
    return { receipt };
  } catch (thrown) {
    if (stopping.aborted)
      return { error: new DeliveryError("connection_lost", "Watchkeeper was stopped before the destination answered") };
    if (signal.aborted) return { error: new DeliveryError("timeout", `no answer within ${formatDuration(timeout)}`) };
    return { error: asDeliveryError(thrown) };
  }
}

function report(
  { conversation, group, action, before }: Claimed,
  { name }: Destination,
  result: Result,
  seconds: number,
  context: AttemptContext,
): void {
  const { observer, log } = context;
  const about = { destination: name, conversation: conversation.id, action, revision: group.revision };
  if ("receipt" in result) {
    observer.delivered(name, action, seconds);
    if (action === "open" && before.told === undefined && group.revision === 1)
      observer.firstTold(name, (Date.now() - group.createdAt) / 1000);
    log.debug(about, "delivered");
    return;
  }
  const { reason, message } = result.error;
  observer.failed(name, reason);
  // a failure that goes on is told once, and every attempt is in the journal
  if (before.lastReason !== reason) log.warn({ ...about, reason, attempts: conversation.attempts }, message);
}

function died({ id, destination }: Conversation, observer: DeliveryObserver, log: Logger): void {
  observer.died(destination);
  log.error(
    { destination, conversation: id },
    "a message is refused and not tried any more; see watchkeeper deliveries",
  );
}

type Judge = (state: DestinationState, now: number) => DestinationState;

/** Changes the state of a destination, and tells the log when it breaks and when it is well again. */
async function changeState(destination: string, judge: Judge, { store, log }: AttemptContext): Promise<void> {
  let former: DestinationState["brokenReason"];
  let reason: DestinationState["brokenReason"];
  await store.changeDestination(destination, (state, now) => {
    const next = judge(state, now);
    former = state.brokenReason;
    reason = next.brokenReason;
    return next;
  });
  if (reason !== undefined && former === undefined)
    log.error(
      { destination, reason },
      "nothing can be delivered there: its messages wait, and one probes now and then",
    );
  if (reason === undefined && former !== undefined) log.info({ destination }, "the destination takes messages again");
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Writes the result until it is written: meanwhile the delivery keeps its place among those in flight, so nothing is
 * sent twice.
 */
async function finish(
  claim: Claimed,
  record: Attempt,
  result: Result,
  judge: Judge,
  stopping: AbortSignal,
  context: AttemptContext,
): Promise<void> {
  const { store, owner, observer, log } = context;
  const { conversation, group } = claim;
  let state = conversation.state;
  const update = (current: Conversation, now: number): Conversation => {
    const next =
      "receipt" in result
        ? delivered(current, claim, result.receipt, toldOf(group, now), now)
        : failed(current, claim, result.error, now);
    state = next.state;
    return next;
  };
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(LONGEST_PAUSE_MS, wait * 2)) {
    try {
      const isOurs = await store.finish(conversation.id, owner, record, update);
      if (!isOurs) observer.leaseLost(conversation.destination);
      else if (state === "dead") died(conversation, observer, log);
      await changeState(conversation.destination, judge, context);
      return;
    } catch (thrown) {
      if (!(thrown instanceof StoreUnavailable)) {
        log.error({ err: thrown, conversation: conversation.id }, "the result of a delivery could not be written");
        return;
      }
      if (stopping.aborted) {
        log.error({ conversation: conversation.id }, `stopped before a result could be written: ${thrown.message}`);
        return;
      }
      await pause(wait);
    }
  }
}
