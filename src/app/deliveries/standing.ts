import type { Conversation, ConversationState } from "../../core/conversation.ts";
import { inWords, moment } from "../../lib/times.ts";
import type { DestinationReport } from "./destination-report.ts";

/** What a state is called for people; also what the filters of the command line and the API take. */
export const STATE_WORDS = {
  pending: "waits",
  settled: "delivered",
  dead: "dead",
  dropped: "dropped",
  rolled_up: "rolled up",
} as const satisfies Record<ConversationState, string>;

/** The state that a person means by a word such as `waits`, `pending` or `rolled-up`; undefined when it is none. */
export function stateNamed(word: string): ConversationState | undefined {
  const wanted = word.trim().toLowerCase().replaceAll(/[\s-]/g, "_");
  return (Object.keys(STATE_WORDS) as ConversationState[]).find(
    (state) => state === wanted || STATE_WORDS[state].replaceAll(" ", "_") === wanted,
  );
}

/** Where a conversation stands, for people. */
export interface Standing {
  readonly words: string;
  readonly mood: "good" | "waiting" | "bad" | "neutral";
  /** Since when it stands there, in Unix milliseconds. */
  readonly since: number;
}

/** What a standing depends on besides the conversation. */
export interface StandingContext {
  /** Unix milliseconds. */
  readonly now: number;
  readonly destination: Pick<DestinationReport, "health"> | undefined;
  /** When the route's time interval ends, in Unix milliseconds; undefined when that is not known. */
  readonly heldUntil: number | undefined;
}

/** Says where a conversation stands. */
export function standingOf(conversation: Conversation, context: StandingContext): Standing {
  const { state, told, pendingSince, updatedAt } = conversation;
  if (state === "pending") return { words: waitingWords(conversation, context), mood: "waiting", since: pendingSince };
  if (state === "dead") return { words: STATE_WORDS.dead, mood: "bad", since: updatedAt };
  if (state !== "settled") return { words: STATE_WORDS[state], mood: "neutral", since: updatedAt };
  // what was over before its turn came was told to nobody
  if (told === undefined) return { words: "over before it was told", mood: "neutral", since: updatedAt };
  return { words: STATE_WORDS.settled, mood: "good", since: told.at };
}

function waitingWords(
  { held, attempts, notBefore }: Conversation,
  { now, destination, heldUntil }: StandingContext,
): string {
  if (destination?.health === "removed") return "waits: its destination is not configured any more";
  if (held) return heldUntil === undefined ? "held by a time interval" : `held until ${moment(heldUntil)}`;
  if (destination?.health === "broken") return "waits until its destination is mended";
  if (destination?.health === "paused") return "waits: its destination asked for a pause";
  if (attempts > 0 && notBefore > now) return `in backoff, next try in ${inWords(notBefore - now)}`;
  return STATE_WORDS.pending;
}
