import { buildMessage } from "../../alerting/messages/build-message.ts";
import type { AlertGroup } from "../../core/alert-group.ts";
import type { Conversation, ConversationState, Told } from "../../core/conversation.ts";
import type { Attempt, ConversationView } from "../../core/delivery-store.ts";
import type { Message } from "../../core/message.ts";
import type { DeliveryAction } from "../../core/notifier.ts";
import { failureReport, type DestinationReport, type FailureReport } from "./destination-report.ts";
import { standingOf, type Standing } from "./standing.ts";

/**
 * One conversation in a list: what it is about, and where it stands. Times are Unix milliseconds. No secret is in it.
 */
export interface ConversationReport {
  readonly id: string;
  readonly destination: string;
  readonly state: ConversationState;
  readonly standing: Standing;
  /** Whether something of the group fires, whatever the destination was told. */
  readonly status: Message["status"];
  readonly severity: Message["severity"];
  readonly title: string;
  readonly counts: Message["counts"];
  /** Since when it fires, or fired. */
  readonly since: number;
  readonly until?: number;
  /** Attempts since the last success. */
  readonly attempts: number;
  /** Attempts at what is to be told, or of what is delivered those that it took; absent where nobody counted them. */
  readonly tries?: number;
  readonly nextTryAt?: number;
  readonly told?: Omit<Told, "firing">;
  /** The revision that the destination is to be told. */
  readonly revision: number;
  /** Whether a time interval of its route holds it back. */
  readonly isHeld: boolean;
  /** Whether an attempt is under way, or its answer never arrived: it may have been told all the same. */
  readonly isUnclear: boolean;
  readonly failure?: FailureReport;
  /** Id of the group that sums up the storm which it was part of. */
  readonly rolledInto?: string;
  readonly group: Pick<AlertGroup, "id" | "kind" | "source" | "receiver" | "route" | "groupKey" | "labels">;
}

/** One attempt, the reason of its failure in words. */
export interface AttemptReport {
  readonly at: number;
  readonly durationMs: number;
  readonly action: DeliveryAction;
  readonly revision: number;
  readonly failure?: FailureReport;
  /** What the destination answered; absent when the attempt failed. */
  readonly answer?: string;
}

/** What reports are made with. */
export interface ReportContext {
  /** Unix milliseconds of the store's clock. */
  readonly now: number;
  readonly externalUrl: string;
  readonly destinations: readonly DestinationReport[];
  /** When a route's time interval ends, in Unix milliseconds; undefined when it holds nothing. */
  readonly heldUntil: (route: string, now: number) => number | undefined;
}

/** Reports of many conversations; the message of each group is made once. */
export function conversationReports(
  views: readonly ConversationView[],
  context: ReportContext,
): readonly ConversationReport[] {
  const messages = new Map<string, Message>();
  return views.map((view) => {
    const message = messages.get(view.group.id) ?? messageNow(view, context);
    messages.set(view.group.id, message);
    return conversationReport(view, message, context);
  });
}

/** The message as it would be sent now, with what changed since the destination was last told. */
export const messageNow = ({ conversation, group }: ConversationView, { externalUrl }: ReportContext): Message =>
  buildMessage({ group, told: conversation.told, action: "update", externalUrl, conversationId: conversation.id });

/** One conversation with the message that tells of its group. */
export function conversationReport(
  { conversation, group }: ConversationView,
  { status, severity, title, counts, since, until }: Message,
  context: ReportContext,
): ConversationReport {
  const { id, destination, state, attempts, notBefore, told, unanswered, lastReason, lastError } = conversation;
  const { kind, source, receiver, route, groupKey, labels } = group;
  const standing = standingOf(conversation, {
    now: context.now,
    destination: context.destinations.find(({ name }) => name === destination),
    heldUntil: conversation.held ? context.heldUntil(route, context.now) : undefined,
  });
  return {
    id,
    destination,
    state,
    standing,
    status,
    severity,
    title,
    counts,
    since,
    ...(until !== undefined && { until }),
    attempts,
    ...triesOf(conversation),
    ...(state === "pending" && { nextTryAt: notBefore }),
    ...(told && { told: { revision: told.revision, status: told.status, at: told.at } }),
    revision: conversation.desiredRevision,
    isHeld: state === "pending" && conversation.held,
    isUnclear: unanswered !== undefined,
    ...(lastReason !== undefined && { failure: failureReport(lastReason, lastError) }),
    ...(conversation.rolledInto !== undefined && { rolledInto: conversation.rolledInto }),
    group: { id: group.id, kind, source, receiver, route, groupKey, labels },
  };
}

function triesOf({ state, attempts, told }: Conversation): Pick<ConversationReport, "tries"> {
  const tries = state === "settled" && told !== undefined ? told.tries : attempts;
  return tries === undefined ? {} : { tries };
}

/** An attempt, for people. */
export function attemptReport({ startedAt, durationMs, action, revision, reason, detail }: Attempt): AttemptReport {
  const about = { at: startedAt, durationMs, action, revision };
  return reason === undefined ? { ...about, answer: detail } : { ...about, failure: failureReport(reason, detail) };
}
