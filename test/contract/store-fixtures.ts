import { createHash } from "node:crypto";
import { isOpen, newsOf, type AlertGroup, type GroupAlert } from "../../src/core/alert-group.ts";
import type { Conversation } from "../../src/core/conversation.ts";
import type {
  Attempt,
  ClaimRequest,
  ConversationView,
  Decision,
  DeliveryStore,
  GroupChange,
  GroupWork,
} from "../../src/core/delivery-store.ts";

/** What a change of a test's group is about; all has a usual value. */
export interface ChangeOptions {
  readonly destinations?: readonly string[];
  /** Whether its one alert fires. */
  readonly firing?: boolean;
  readonly priority?: number;
  readonly alertname?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly source?: string;
}

/** A group's id, as long as a true one. */
export const groupId = (name: string): string => createHash("sha256").update(name).digest("hex");

/** A change that gives the named group its next revision. */
export function change(name: string, options: ChangeOptions = {}): GroupChange {
  const { destinations = ["chat"], priority = 2 } = options;
  return {
    groupId: groupId(name),
    destinations,
    apply: (current) => nextGroup(name, current, options),
    priority: () => priority,
  };
}

/** A change that puts evidence on the named group when it is open, as nothing but evidence. */
export const evidenceChange = (name: string): GroupChange => ({
  groupId: groupId(name),
  destinations: [],
  apply: (group) =>
    group && isOpen(group)
      ? {
          ...group,
          evidence: { bundleId: `b${group.revision}`, at: 1, lines: ["disk is full"] },
          revision: group.revision + 1,
          evidenceOnly: { first: newsOf(group) + 1, last: group.revision + 1 },
        }
      : group,
  priority: () => 2,
});

function nextGroup(
  name: string,
  current: AlertGroup | undefined,
  { firing = true, alertname = "NodeDown", labels = {}, source = "main" }: ChangeOptions,
): AlertGroup {
  const alert: GroupAlert = {
    fingerprint: "1",
    state: firing ? "firing" : "resolved",
    labels: { alertname, ...labels },
    annotations: { summary: `${name} is down` },
    startsAt: 1,
    links: {},
    origin: "o",
    seenAt: 1,
  };
  return {
    id: groupId(name),
    kind: "alertmanager",
    source,
    route: "{}",
    receiver: "r",
    groupKey: `{}:{name="${name}"}`,
    labels: {},
    alerts: [alert],
    truncated: {},
    revision: (current?.revision ?? 0) + 1,
    createdAt: current?.createdAt ?? 1,
    updatedAt: 2,
  };
}

/** A notification of the hash with these changes. */
export const work = (contentHash: string, changes: readonly GroupChange[], source = "main"): GroupWork => ({
  inbound: { source, contentHash, receivedAt: Date.now(), body: `{"hash":"${contentHash}"}` },
  changes,
});

/** Gives the named groups their next revision. */
export async function tell(store: DeliveryStore, names: readonly string[], options?: ChangeOptions): Promise<void> {
  await store.changeGroups([{ changes: names.map((name) => change(name, options)) }]);
}

/** A claim that sends whatever is due, without any bound of its own. */
export const request = (more: Partial<ClaimRequest> = {}): ClaimRequest => ({
  destination: "chat",
  owner: "me",
  limit: 1_000,
  leaseMs: 60_000,
  allowance: () => 1_000,
  spend: (state) => state,
  decide: send,
  ...more,
});

/** Begins a delivery. */
export const send = (conversation: Conversation): Decision => ({
  next: { ...conversation, attempted: true, attempts: conversation.attempts + 1 },
  send: "open",
});

/** Settles without telling anything. */
export const settle = (conversation: Conversation): Decision => ({ next: { ...conversation, state: "settled" } });

/** The record of an attempt that succeeded. */
export const attemptOf = (conversationId: string, more: Partial<Attempt> = {}): Attempt => ({
  conversationId,
  destination: "chat",
  revision: 1,
  action: "open",
  startedAt: Date.now(),
  durationMs: 12.5,
  detail: "ok",
  ...more,
});

/** What a success makes of a conversation. */
export const delivered = (conversation: Conversation, now: number): Conversation => ({
  ...conversation,
  state: "settled",
  attempts: 0,
  pendingSince: now,
  told: { revision: conversation.desiredRevision, status: "firing", at: 5, firing: ["1@1"] },
  remote: { ts: "1.5", channel: "C1" },
});

/** Delivers what is due; gives the ids. */
export async function deliverAll(store: DeliveryStore, more: Partial<ClaimRequest> = {}): Promise<readonly string[]> {
  const claims = await store.claim(request(more));
  for (const { conversation } of claims)
    await store.finish(conversation.id, more.owner ?? "me", attemptOf(conversation.id), delivered);
  return claims.map(({ conversation }) => conversation.id);
}

/** The conversation of a group with a destination. */
export async function viewOf(store: DeliveryStore, name: string, destination = "chat"): Promise<ConversationView> {
  const [view] = await store.list({ groupId: groupId(name), destination, limit: 1 });
  if (view === undefined) throw new Error(`no conversation of ${name} with ${destination}`);
  return view;
}

/** Its conversation alone. */
export const conversationOf = async (store: DeliveryStore, name: string, destination?: string): Promise<Conversation> =>
  (await viewOf(store, name, destination)).conversation;
