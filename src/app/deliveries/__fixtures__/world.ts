import { createHash } from "node:crypto";
import { isOpen, type AlertGroup, type GroupAlert } from "../../../core/alert-group.ts";
import type { Conversation, DestinationState } from "../../../core/conversation.ts";
import type {
  Attempt,
  ConversationCount,
  ConversationFilter,
  ConversationView,
  DeliveryStore,
} from "../../../core/delivery-store.ts";
import type { Route } from "../../../core/routing.ts";

/** 2026-03-01 12:00 UTC. */
export const NOON = Date.UTC(2026, 2, 1, 12);
export const MINUTE = 60_000;

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

/** An alert that fires since noon, with the given differences. */
export const alertOf = (instance: string, of: Partial<GroupAlert> = {}): GroupAlert => ({
  fingerprint: hash(instance).slice(0, 16),
  state: "firing",
  annotations: { summary: `Node ${instance} is down`, description: "Prometheus could not scrape it for five minutes." },
  startsAt: NOON,
  links: {
    runbook: "https://runbooks.example.org/NodeDown",
    source: "https://prometheus.example.org/graph?g0.expr=up",
  },
  origin: "origin",
  seenAt: NOON,
  ...of,
  labels: { alertname: "NodeDown", severity: "critical", instance, cluster: "prod", ...of.labels },
});

/** A group of alerts, with the given differences; its id is made from its key. */
export const groupOf = (groupKey: string, alerts: readonly GroupAlert[], of: Partial<AlertGroup> = {}): AlertGroup => ({
  id: hash(groupKey),
  kind: "alertmanager",
  source: "main",
  route: "{}",
  receiver: "watchkeeper",
  groupKey,
  labels: { alertname: alerts[0]?.labels["alertname"] ?? "" },
  externalUrl: "https://alertmanager.example.org",
  alerts,
  truncated: {},
  revision: 1,
  createdAt: NOON,
  updatedAt: NOON,
  ...of,
});

/** What a destination knows of a group: nothing yet, unless the differences say otherwise. */
export const viewOf = (group: AlertGroup, destination: string, of: Partial<Conversation> = {}): ConversationView => ({
  group,
  conversation: {
    id: hash(`${group.id}/${destination}`).slice(0, 32),
    groupId: group.id,
    destination,
    state: "pending",
    priority: 0,
    desiredRevision: group.revision,
    episode: 0,
    attempted: false,
    attempts: 0,
    pendingSince: NOON,
    notBefore: NOON,
    held: false,
    plain: false,
    createdAt: NOON,
    updatedAt: NOON,
    ...of,
  },
});

/** What a conversation is after its destination took the newest message. */
export const toldAt = (at: number, status: "firing" | "resolved" = "firing"): Partial<Conversation> => ({
  state: "settled",
  told: { revision: 1, status, at, firing: [] },
  episode: 1,
  attempted: status === "firing",
  updatedAt: at,
});

/** The state of a destination that is well, with the given differences. */
export const destinationState = (destination: string, of: Partial<DestinationState> = {}): DestinationState => ({
  destination,
  tokens: 1,
  refilledAt: NOON,
  pausedUntil: 0,
  failures: 0,
  probeAt: 0,
  ...of,
});

/** The root of a routing tree without branches. */
export const ROOT: Route = {
  id: "{}",
  matchers: [],
  continue: false,
  destinations: ["oncall"],
  muteTimeIntervals: [],
  activeTimeIntervals: [],
  routes: [],
};

/** What a {@link storeOf} holds. */
export interface World {
  readonly views: readonly ConversationView[];
  readonly attempts?: readonly Attempt[];
  readonly destinations?: readonly DestinationState[];
  readonly now: number;
  /** Ids of conversations that are in flight. */
  readonly leased?: readonly string[];
}

type Store = Pick<
  DeliveryStore,
  "list" | "show" | "counts" | "destinations" | "now" | "changeConversation" | "changeDestination" | "close"
>;

/** A store in memory, of what people look at and change. */
export function storeOf({ views, attempts = [], destinations = [], now, leased = [] }: World): Store {
  let held = [...views];
  let states = [...destinations];
  return {
    list: async (filter) => held.filter((view) => matches(view, filter)).slice(0, filter.limit),
    show: async (id) => {
      const [found, another] = held.filter(({ conversation }) => conversation.id.startsWith(id));
      if (found === undefined || another !== undefined) return undefined;
      const ofIt = attempts.filter(({ conversationId }) => conversationId === found.conversation.id);
      return { ...found, attempts: ofIt };
    },
    counts: async () => held.map(({ conversation }) => countOf(conversation)),
    destinations: async () => states,
    now: async () => now,
    changeConversation: async (id, update) => {
      if (leased.includes(id) || !held.some(({ conversation }) => conversation.id === id)) return false;
      held = held.map((view) =>
        view.conversation.id === id ? { ...view, conversation: update(view.conversation, now) } : view,
      );
      return true;
    },
    changeDestination: async (name, update) => {
      states = states.map((state) => (state.destination === name ? update(state, now) : state));
    },
    close: async () => undefined,
  };
}

const matches = ({ conversation, group }: ConversationView, filter: ConversationFilter): boolean =>
  (filter.destination === undefined || filter.destination === conversation.destination) &&
  (filter.states === undefined || filter.states.includes(conversation.state)) &&
  (filter.groupId === undefined || filter.groupId === group.id) &&
  (filter.openOnly !== true || isOpen(group));

const countOf = ({ destination, state, held, pendingSince }: Conversation): ConversationCount => ({
  destination,
  state,
  held,
  count: 1,
  oldestPendingSince: pendingSince,
});
