import type { Message } from "../../core/message.ts";
import type { DeliveryAction } from "../../core/notifier.ts";
import { slackBody, type SlackBody } from "../shared/slack/body.ts";

/** What is posted. Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export interface WebhookPayload extends Partial<SlackBody> {
  readonly text: string;
  readonly unfurl_links: false;
  readonly unfurl_media: false;
}

/** The whole message for every action, because nothing that was posted can be changed; a reminder says that it is one. */
export function webhookPayload(action: DeliveryAction, message: Message, plain: boolean): WebhookPayload {
  const told = action === "remind" ? { ...message, title: `still: ${message.title}` } : message;
  const { text, blocks } = slackBody(told, plain);
  return { text, ...(!plain && { blocks }), unfurl_links: false, unfurl_media: false };
}
