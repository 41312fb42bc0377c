import { DeliveryError, type DeliveryReason } from "../../core/delivery-errors.ts";

/** An answer of Slack's Web API with `ok: false`. */
export class SlackRefusal extends DeliveryError {
  /** Slack's own word, such as `channel_not_found`. */
  readonly word: string;

  constructor(
    word: string,
    reason: DeliveryReason,
    message: string,
    options: { retryAfterMs?: number | undefined } = {},
  ) {
    super(reason, message, options);
    this.word = word;
  }
}

const WORDS: Partial<Record<DeliveryReason, readonly string[]>> = {
  rate_limited: ["ratelimited", "rate_limited", "message_limit_exceeded"],
  unauthorized: [
    "not_authed",
    "invalid_auth",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "not_allowed_token_type",
  ],
  forbidden: [
    "missing_scope",
    "no_permission",
    "not_in_channel",
    "access_denied",
    "accesslimited",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "messages_tab_disabled",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
    "restricted_action_non_threadable_channel",
    "team_access_not_granted",
    "two_factor_setup_required",
  ],
  destination_not_found: ["channel_not_found", "is_archived", "is_inactive", "team_not_found"],
  server_error: [
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "update_failed",
    "external_channel_migrating",
    "org_login_required",
    "team_added_to_org",
  ],
  message_rejected: [
    "no_text",
    "msg_too_long",
    "msg_blocks_too_long",
    "invalid_arguments",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "metadata_must_be_sent_from_app",
    "metadata_too_large",
  ],
};

const REASON_OF_WORD: ReadonlyMap<string, DeliveryReason> = new Map(
  Object.entries(WORDS).flatMap(([reason, words]) => words.map((word) => [word, reason as DeliveryReason])),
);

/**
 * What a word of Slack means for a delivery; undefined when it is none of those that are known here. Sources: the
 * errors of https://docs.slack.dev/reference/methods/chat.postMessage and
 * https://docs.slack.dev/reference/methods/chat.update
 */
export const reasonOf = (word: string): DeliveryReason | undefined => REASON_OF_WORD.get(word);

const ADVICE: Readonly<Record<string, string>> = {
  channel_not_found: "check `channel`; a private channel exists for the app only once it was invited there",
  not_in_channel: "invite the app to the channel with /invite",
  is_archived: "the channel is archived: choose another one",
  missing_scope: "give the app the right chat:write (and chat:write.public for channels that it was not invited to)",
  invalid_auth: "check the token, and whether Slack accepts this machine's address",
  not_allowed_token_type: "use a bot token, which begins with xoxb-",
  restricted_action_thread_only_channel: "only replies are allowed in this channel: choose another one",
};

/** What the reader can do about a word of Slack, with a colon before it; empty when that is plain. */
export const adviceOn = (word: string): string => (ADVICE[word] === undefined ? "" : `: ${ADVICE[word]}`);

/** The message is there no more, or can be edited no more, or not by this app. */
const EDIT_REFUSED = new Set([
  "message_not_found",
  "cant_update_message",
  "edit_window_closed",
  "block_mismatch",
  "streaming_state_conflict",
  "is_inactive",
  "channel_not_found",
]);

/** The message can not be answered: it is gone, or the channel has no threads. */
const REPLY_REFUSED = new Set([
  "message_not_found",
  "thread_not_found",
  "cannot_reply_to_message",
  "restricted_action_non_threadable_channel",
  "channel_not_found",
]);

/**
 * Whether a new message must take the place of an edit that failed so. Of the plain form any refusal of the content
 * counts, because an edit may be shorter than a post (`msg_too_long`), and there is nothing plainer to try.
 */
export const needsNewMessage = (thrown: unknown, plain: boolean): boolean =>
  thrown instanceof SlackRefusal && (EDIT_REFUSED.has(thrown.word) || (plain && thrown.class === "message"));

/** Whether a new message must take the place of a reply that failed so. */
export const needsNoThread = (thrown: unknown): boolean =>
  thrown instanceof SlackRefusal && REPLY_REFUSED.has(thrown.word);
