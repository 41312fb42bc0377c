import type { AlertGroup } from "../../../core/alert-group.ts";
import type { Conversation } from "../../../core/conversation.ts";

/** A group of one alert that fires, or is over, at revision 1, as it is at a time in Unix milliseconds. */
export const groupAt = (
  at: number,
  { isFiring = true, ...of }: Partial<AlertGroup> & { readonly isFiring?: boolean } = {},
): AlertGroup => ({
  id: "g",
  kind: "alertmanager",
  source: "main",
  route: "{}",
  receiver: "r",
  groupKey: "{}:{}",
  labels: {},
  alerts: [
    {
      fingerprint: "f",
      state: isFiring ? "firing" : "resolved",
      labels: {},
      annotations: {},
      startsAt: 1,
      links: {},
      origin: "o",
      seenAt: at,
    },
  ],
  truncated: {},
  revision: 1,
  createdAt: 0,
  updatedAt: at,
  ...of,
});

/** A conversation of which nothing was told yet. */
export const conversationAt = (of: Partial<Conversation>): Conversation => ({
  id: "c",
  groupId: "g",
  destination: "d",
  state: "pending",
  priority: 0,
  desiredRevision: 1,
  episode: 0,
  attempted: false,
  attempts: 0,
  pendingSince: 0,
  notBefore: 0,
  held: false,
  plain: false,
  createdAt: 0,
  updatedAt: 0,
  ...of,
});
