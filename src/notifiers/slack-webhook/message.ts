import type { DeliveryRequest } from "../../core/notifier.ts";
import { isEvidenceAlone } from "../shared/news.ts";
import { slackBody, type SlackBody } from "../shared/slack/body.ts";

/** What is posted. Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export interface WebhookPayload extends Partial<SlackBody> {
  readonly text: string;
  readonly unfurl_links: false;
  readonly unfurl_media: false;
}

/**
 * The whole message for every action, because nothing that was posted can be changed; its title says why it comes
 * again.
 */
export function webhookPayload(request: Pick<DeliveryRequest, "action" | "message" | "plain">): WebhookPayload {
  const { message, plain } = request;
  const { text, blocks } = slackBody({ ...message, title: `${prefixOf(request)}${message.title}` }, plain);
  return { text, ...(!plain && { blocks }), unfurl_links: false, unfurl_media: false };
}

function prefixOf(request: Pick<DeliveryRequest, "action" | "message">): string {
  if (request.action === "remind") return "still: ";
  return isEvidenceAlone(request) ? "what was found: " : "";
}
