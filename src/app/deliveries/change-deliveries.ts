import type { Conversation } from "../../core/conversation.ts";
import type { DeliveryStore } from "../../core/delivery-store.ts";
import { MOST_CONVERSATIONS } from "./read-deliveries.ts";

/** What came of a change that a person asked for. */
export interface Changed {
  readonly id: string;
  readonly destination?: string;
  /** Absent when it was done. */
  readonly refusal?: string;
}

type ChangeableStore = Pick<DeliveryStore, "list" | "show" | "changeConversation" | "changeDestination">;

interface Change {
  /** Why it is not to be done; undefined when it is. */
  readonly refusal: (conversation: Conversation) => string | undefined;
  readonly next: (conversation: Conversation, now: number) => Conversation;
}

const RETRY: Change = {
  refusal: ({ state, held, told }) => {
    if (state === "settled")
      return told === undefined ? "it was over before anybody was told" : "it is delivered already";
    if (state === "rolled_up") return "the summary of a storm tells of it";
    return held ? "a time interval of its route holds it; it is told when that ends" : undefined;
  },
  // it is given the whole time anew, and its full form
  next: (conversation, now) => ({
    ...conversation,
    state: "pending",
    attempts: 0,
    plain: false,
    notBefore: now,
    pendingSince: now,
  }),
};

const DROP: Change = {
  refusal: ({ state }) => {
    if (state === "settled") return "there is nothing that waits to be told";
    if (state === "rolled_up") return "the summary of a storm tells of it";
    return state === "dropped" ? "it was dropped already" : undefined;
  },
  next: (conversation) => ({ ...conversation, state: "dropped", held: false, attempts: 0 }),
};

/**
 * Tries one conversation again at once, by its id or the beginning of it, whatever is held against its destination.
 * Rejects with `StoreUnavailable`.
 */
export async function retryOne(store: ChangeableStore, id: string): Promise<Changed> {
  const changed = await change(store, id, RETRY);
  if (changed.refusal === undefined && changed.destination !== undefined)
    await store.changeDestination(changed.destination, (state) => ({ ...state, pausedUntil: 0, probeAt: 0 }));
  return changed;
}

/** Gives one conversation up: its destination is not told, unless its alerts change again. */
export const dropOne = (store: ChangeableStore, id: string): Promise<Changed> => change(store, id, DROP);

/** Tries all dead letters again, or those of one destination. */
export async function retryDead(store: ChangeableStore, destination: string | undefined): Promise<readonly Changed[]> {
  const done: Changed[] = [];
  for (;;) {
    const known = new Set(done.map(({ id }) => id));
    const views = await store.list({ destination, states: ["dead"], limit: MOST_CONVERSATIONS });
    const left = views.filter(({ conversation }) => !known.has(conversation.id));
    if (left.length === 0) return done;
    for (const { conversation } of left) done.push(await retryOne(store, conversation.id));
  }
}

async function change(store: ChangeableStore, id: string, { refusal, next }: Change): Promise<Changed> {
  const found = await store.show(id);
  if (found === undefined) return { id, refusal: NOT_FOUND };
  const about = { id: found.conversation.id, destination: found.conversation.destination };
  let reason = refusal(found.conversation);
  if (reason !== undefined) return { ...about, refusal: reason };
  const isDone = await store.changeConversation(about.id, (conversation, now) => {
    // it may have changed since it was looked at
    reason = refusal(conversation);
    return reason === undefined ? next(conversation, now) : conversation;
  });
  if (!isDone) return { ...about, refusal: "it is being delivered at this moment; look again in a minute" };
  return reason === undefined ? about : { ...about, refusal: reason };
}

const NOT_FOUND = "there is no delivery whose id begins so, or there are several; `watchkeeper deliveries` lists them";
