import type { DestinationState } from "../../core/conversation.ts";
import type { ConversationCount } from "../../core/delivery-store.ts";
import { DELIVERY_REASONS } from "../../core/delivery-errors.ts";
import type { MessageSeverity } from "../../core/message.ts";
import { OWN_ALERTS } from "../../core/own-alerts.ts";
import type { TextMap } from "../../core/notification.ts";
import { moment } from "./texts.ts";
import type { SourceWatch } from "./watchdog.ts";

/** Something that is wrong with Watchkeeper's own work, or may be. */
export interface OwnCondition {
  /** Name of the alert and of its runbook. */
  readonly name: string;
  readonly severity: MessageSeverity;
  /** The source or destination that it is about. */
  readonly subject: { readonly label: "source" | "destination"; readonly name: string };
  /** `unsure`: an alert about it stays as it is. */
  readonly state: "firing" | "unsure";
  /** Labels besides those that every such alert has. */
  readonly labels: TextMap;
  readonly annotations: TextMap;
}

/** What the conditions are found in. */
export interface OwnFacts {
  readonly watches: readonly SourceWatch[];
  /** Names of the configured destinations; others are nobody's concern any more. */
  readonly destinations: readonly string[];
  readonly states: readonly DestinationState[];
  readonly counts: readonly ConversationCount[];
  /** The store's clock, in Unix milliseconds. */
  readonly now: number;
}

/** A destination may fail for so long before anybody else is told of it. */
const BROKEN_FOR_MS = 5 * 60_000;

/** Finds what is wrong; what is not in the list is well. */
export function ownConditions({ watches, destinations, states, counts, now }: OwnFacts): readonly OwnCondition[] {
  const configured = new Set(destinations);
  return [
    ...watches.flatMap((watch) => sourceSilent(watch)),
    ...states
      .filter(({ destination }) => configured.has(destination))
      .flatMap((state) => destinationBroken(state, now)),
    ...counts
      .filter(({ destination, state, count }) => configured.has(destination) && state === "dead" && count > 0)
      .map((dead) => deadLetters(dead)),
  ];
}

function sourceSilent({ source, state, lastHeardAt }: SourceWatch): readonly OwnCondition[] {
  if (state === "heard") return [];
  const since = lastHeardAt === undefined ? "It was never heard of" : `It was last heard of at ${moment(lastHeardAt)}`;
  return [
    {
      ...OWN_ALERTS.sourceSilent,
      subject: { label: "source", name: source },
      state: state === "silent" ? "firing" : "unsure",
      labels: { source },
      annotations: {
        summary: `Nothing is heard of the alert source ${source}`,
        description: `${since}. Its expected heartbeat does not arrive any more, so no alert of it will: its silence means nothing.`,
      },
    },
  ];
}

function destinationBroken(
  { destination, brokenSince, brokenReason }: DestinationState,
  now: number,
): readonly OwnCondition[] {
  if (brokenSince === undefined || brokenReason === undefined || now - brokenSince < BROKEN_FOR_MS) return [];
  const { meaning, action } = DELIVERY_REASONS[brokenReason];
  return [
    {
      ...OWN_ALERTS.destinationBroken,
      subject: { label: "destination", name: destination },
      state: "firing",
      labels: { destination, reason: brokenReason },
      annotations: {
        summary: `Nothing can be delivered to ${destination}: ${brokenReason}`,
        description: `Since ${moment(brokenSince)} its messages wait. ${meaning} ${action}`,
      },
    },
  ];
}

function deadLetters({ destination, count }: ConversationCount): OwnCondition {
  const least = String(roundedDown(count));
  return {
    ...OWN_ALERTS.deadLetters,
    subject: { label: "destination", name: destination },
    state: "firing",
    labels: { destination },
    annotations: {
      summary: `${least} or more messages could not be delivered to ${destination}`,
      description: "They are not tried any more. `watchkeeper deliveries` lists them, and why.",
      count: least,
    },
  };
}

/**
 * The largest of 1, 2, 5, 10, 20, 50 … that is not above it: each other number would be one more message about
 * messages.
 */
function roundedDown(count: number): number {
  const power = 10 ** Math.floor(Math.log10(count));
  return power * (count >= 5 * power ? 5 : count >= 2 * power ? 2 : 1);
}
