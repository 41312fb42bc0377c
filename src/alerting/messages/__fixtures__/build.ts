import type { AlertGroup } from "../../../core/alert-group.ts";
import type { Message } from "../../../core/message.ts";
import { buildMessage, type MessageRequest } from "../build-message.ts";

/** The message of a group: the first of its conversation, unless the differences say otherwise. */
export const build = (group: AlertGroup, of: Partial<MessageRequest> = {}): Message =>
  buildMessage({
    group,
    told: undefined,
    action: "open",
    externalUrl: "https://watchkeeper.example.org",
    conversationId: "c0ffee",
    ...of,
  });
