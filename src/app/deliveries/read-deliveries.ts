import type { AlertingConfig } from "../../core/alerting-config.ts";
import type { ConversationFilter, DeliveryStore } from "../../core/delivery-store.ts";
import { MESSAGE_SEVERITIES, type Message } from "../../core/message.ts";
import { heldUntil } from "../../alerting/routing/held-until.ts";
import { routesById } from "../../alerting/routing/routes-by-id.ts";
import {
  attemptReport,
  conversationReport,
  conversationReports,
  messageNow,
  type AttemptReport,
  type ConversationReport,
  type ReportContext,
} from "./conversation-report.ts";
import { destinationReports, type DestinationReport } from "./destination-report.ts";

/** What reports of deliveries are read from. */
export interface DeliverySource {
  readonly store: Pick<DeliveryStore, "list" | "show" | "counts" | "destinations" | "now">;
  readonly alerting: Pick<AlertingConfig, "destinations" | "route" | "timeIntervals">;
  /** Watchkeeper's own address, without a slash at the end. */
  readonly externalUrl: string;
}

/** A list of conversations, newest first. */
export interface ConversationList {
  /** Unix milliseconds of the store's clock. */
  readonly now: number;
  readonly conversations: readonly ConversationReport[];
}

/** One conversation with all that is known of it. */
export interface ConversationDetail {
  readonly now: number;
  readonly conversation: ConversationReport;
  /** What would be told now. */
  readonly message: Message;
  /** The newest first. */
  readonly attempts: readonly AttemptReport[];
  /** The other conversations of the same group, or that of the storm which sums it up. */
  readonly others: readonly ConversationReport[];
}

/** Everything for the overview. */
export interface DeliveryOverview {
  readonly now: number;
  readonly dead: readonly ConversationReport[];
  readonly waiting: readonly ConversationReport[];
  /** The conversations of open groups, the worst and newest of these first. */
  readonly open: readonly ConversationReport[];
  /** The newest that are over and done with. */
  readonly over: readonly ConversationReport[];
  readonly destinations: readonly DestinationReport[];
}

/** A list holds no more than this, and each list of the overview less: it is made while alerts are taken. */
export const MOST_CONVERSATIONS = 500;
export const MOST_IN_OVERVIEW = 150;
const MOST_OVER = 50;

/** Lists conversations. Rejects with `StoreUnavailable`. */
export async function listConversations(source: DeliverySource, filter: ConversationFilter): Promise<ConversationList> {
  const [context, views] = await Promise.all([reportContext(source), source.store.list(filter)]);
  return { now: context.now, conversations: conversationReports(views, context) };
}

/** Lists conversations of every state: first what is dead, then what waits, then the newest of the others. */
export async function listUrgentFirst(
  source: DeliverySource,
  { destination, limit }: Pick<ConversationFilter, "destination" | "limit">,
): Promise<ConversationList> {
  const states = [["dead"], ["pending"], ["settled", "dropped", "rolled_up"]] as const;
  const lists = await Promise.all(states.map((of) => source.store.list({ destination, states: of, limit })));
  const context = await reportContext(source);
  return { now: context.now, conversations: conversationReports(lists.flat().slice(0, limit), context) };
}

/** One conversation by its id or the unambiguous beginning of it; undefined when there is none. */
export async function showConversation(source: DeliverySource, id: string): Promise<ConversationDetail | undefined> {
  const [context, found] = await Promise.all([reportContext(source), source.store.show(id)]);
  if (found === undefined) return undefined;
  const { conversation, group, attempts } = found;
  const message = messageNow(found, context);
  const groups = [group.id, ...(conversation.rolledInto === undefined ? [] : [conversation.rolledInto])];
  const related = await Promise.all(groups.map((groupId) => source.store.list({ groupId, limit: MOST_OVER })));
  const others = related.flat().filter((one) => one.conversation.id !== conversation.id);
  return {
    now: context.now,
    conversation: conversationReport(found, message, context),
    message,
    attempts: attempts.map(attemptReport),
    others: conversationReports(others, context),
  };
}

/** What fires, what waits, what could not be told, and how the destinations do; each list is bounded. */
export async function readOverview(source: DeliverySource): Promise<DeliveryOverview> {
  const { store } = source;
  const limit = MOST_IN_OVERVIEW;
  const [context, dead, waiting, open, settled] = await Promise.all([
    reportContext(source),
    store.list({ states: ["dead"], limit }),
    store.list({ states: ["pending"], limit }),
    store.list({ openOnly: true, limit }),
    store.list({ states: ["settled", "dropped", "rolled_up"], limit: MOST_OVER }),
  ]);
  const report = (views: typeof dead) => conversationReports(views, context);
  return {
    now: context.now,
    dead: report(dead),
    waiting: report(waiting),
    open: report(open)
      .filter(({ status }) => status === "firing")
      .toSorted(byUrgency),
    over: report(settled).filter(({ status }) => status === "resolved"),
    destinations: context.destinations,
  };
}

const byUrgency = (a: ConversationReport, b: ConversationReport): number =>
  MESSAGE_SEVERITIES.indexOf(a.severity) - MESSAGE_SEVERITIES.indexOf(b.severity) || b.since - a.since;

async function reportContext({ store, alerting, externalUrl }: DeliverySource): Promise<ReportContext> {
  const [now, states, counts] = await Promise.all([store.now(), store.destinations(), store.counts()]);
  const routes = routesById(alerting.route);
  return {
    now,
    externalUrl,
    destinations: destinationReports(alerting.destinations, states, counts, now),
    heldUntil: (id, at) => {
      const route = routes.get(id);
      return route && heldUntil(route, alerting.timeIntervals, new Date(at))?.getTime();
    },
  };
}
