import { hash } from "node:crypto";
import { isOpen, type AlertGroup } from "../core/alert-group.ts";
import type { Conversation, ConversationState } from "../core/conversation.ts";
import { clip, oneLine } from "../lib/text.ts";
import type { ConversationRow, GroupRow } from "./schema.ts";

const NAME_LENGTH = 200;

/** The parts of a conversation that are no columns. */
type Document = Pick<Conversation, "told" | "excused" | "unanswered" | "remote" | "lastReason" | "lastError"> &
  Partial<Pick<Conversation, "episode" | "plain">>;

/** The id of the conversation of a group with a destination: 32 hexadecimal digits. */
export const conversationId = (groupId: string, destination: string): string =>
  hash("sha256", `${groupId}\n${destination}`, "hex").slice(0, 32);

/** The conversation that a row holds. */
export function readConversation(row: ConversationRow): Conversation {
  const {
    told,
    episode = 0,
    excused,
    unanswered,
    remote,
    plain = false,
    lastReason,
    lastError,
  } = JSON.parse(row.doc) as Document;
  return {
    id: row.id,
    groupId: row.group_id,
    destination: row.destination,
    state: row.state as ConversationState,
    priority: row.priority,
    desiredRevision: row.desired_revision,
    told,
    episode,
    attempted: row.attempted === 1,
    attempts: row.attempts,
    excused,
    unanswered,
    pendingSince: row.pending_since,
    notBefore: row.not_before,
    held: row.held === 1,
    remote,
    plain,
    lastReason,
    lastError,
    rolledInto: row.rolled_into ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Who holds a conversation, and until when. */
export interface Lease {
  readonly owner: string;
  readonly until: number;
}

/** The lease that a row holds, run out or not: whoever had it may still end it, as long as nobody else has it. */
export const leaseOf = ({ lease_owner, lease_until }: ConversationRow): Lease | undefined =>
  lease_owner === null || lease_until === null ? undefined : { owner: lease_owner, until: lease_until };

/** The row of a conversation that is changed now. */
export function conversationRow(conversation: Conversation, now: number, lease?: Lease): ConversationRow {
  const { told, episode, excused, unanswered, remote, plain, lastReason, lastError } = conversation;
  return {
    id: conversation.id,
    group_id: conversation.groupId,
    destination: conversation.destination,
    state: conversation.state,
    priority: conversation.priority,
    desired_revision: conversation.desiredRevision,
    attempted: Number(conversation.attempted),
    attempts: conversation.attempts,
    // a wait is often a fraction, and PostgreSQL takes none
    pending_since: Math.round(conversation.pendingSince),
    not_before: Math.round(conversation.notBefore),
    held: Number(conversation.held),
    rolled_into: conversation.rolledInto ?? null,
    lease_owner: lease?.owner ?? null,
    lease_until: lease === undefined ? null : Math.round(lease.until),
    created_at: conversation.createdAt,
    updated_at: now,
    doc: JSON.stringify({
      told,
      episode,
      excused,
      unanswered,
      remote,
      plain,
      lastReason,
      lastError,
    } satisfies Document),
  };
}

/** The group that a row holds. */
export const readGroup = ({ doc }: Pick<GroupRow, "doc">): AlertGroup => JSON.parse(doc) as AlertGroup;

/** The row of a group that is changed now. */
export const groupRow = (group: AlertGroup, priority: number, now: number): GroupRow => ({
  id: group.id,
  source: group.source,
  route: group.route,
  name: nameOf(group),
  is_open: Number(isOpen(group)),
  revision: group.revision,
  priority,
  updated_at: now,
  doc: JSON.stringify(group),
});

function nameOf({ labels, alerts, groupKey }: AlertGroup): string {
  const name = labels["alertname"] ?? alerts[0]?.labels["alertname"] ?? Object.values(labels)[0] ?? groupKey;
  return clip(oneLine(name), NAME_LENGTH);
}
