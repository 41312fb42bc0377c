import type { DeliveryError, DeliveryReason } from "../../core/delivery-errors.ts";
import { hours, seconds } from "../../core/duration.ts";
import { defineNotifier, type DeliveryReceipt, type DeliveryRequest } from "../../core/notifier.ts";
import { Secret } from "../../core/secret.ts";
import type { HttpClient, HttpResponse } from "../../lib/http/client.ts";
import { describeRequest } from "../../lib/http/request-text.ts";
import { ask, openChannel, statusFailure } from "../shared/http-channel.ts";
import { webhookUrl } from "../shared/webhook-url.ts";
import { evidenceRef, isEvidenceAlone, isEvidenceWorthTelling } from "../shared/news.ts";
import { slackWebhookConfig, urlPair, type SlackWebhookConfig } from "./config.ts";
import { webhookPayload } from "./message.ts";

/** A channel of Slack by an incoming webhook, which can post and nothing else. */
export const slackWebhookNotifier = defineNotifier({
  type: "slack-webhook",
  title: "Slack (incoming webhook)",
  config: slackWebhookConfig,
  policy: {
    // One message a second, short bursts allowed. Source: https://docs.slack.dev/apis/web-api/rate-limits
    rate: { perSecond: 1, burst: 4 },
    concurrency: 2,
    timeout: seconds(15),
    giveUpAfter: hours(6),
  },
  open: async (config) => {
    const client = await openChannel();
    return { deliver: (request) => post(client, config, request), close: () => client.close() };
  },
});

async function post(
  client: HttpClient,
  config: SlackWebhookConfig,
  request: DeliveryRequest,
): Promise<DeliveryReceipt> {
  const { remote, signal } = request;
  if (remote !== undefined && isEvidenceAlone(request) && !isEvidenceWorthTelling(request))
    return { remote, answer: "not sent: no alert came or went" };
  const url = await webhookUrl(urlPair.source(config));
  const response = await ask(client, {
    method: "POST",
    url: new Secret(url.href),
    body: webhookPayload(request),
    signal,
  });
  // a proxy's page is no success, whatever its status
  if (response.status !== 200 || response.text.trim() !== "ok") throw refusal(url, response);
  return { remote: evidenceRef(request), answer: "ok" };
}

/**
 * The words that say more than their status, which differs with the age of the webhook. Sources:
 * https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks and
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
 */
const REASON_OF_WORD: Readonly<Record<string, DeliveryReason>> = {
  action_prohibited: "forbidden",
  posting_to_general_channel_denied: "forbidden",
  team_disabled: "forbidden",
  invalid_token: "unauthorized",
  no_team: "destination_not_found",
  no_service: "destination_not_found",
  no_service_id: "destination_not_found",
  no_active_hooks: "destination_not_found",
  channel_not_found: "destination_not_found",
  channel_is_archived: "destination_not_found",
  user_not_found: "destination_not_found",
  invalid_payload: "message_rejected",
  invalid_blocks: "message_rejected",
  no_text: "message_rejected",
  too_many_attachments: "message_rejected",
  rollup_error: "server_error",
  ratelimited: "rate_limited",
  rate_limited: "rate_limited",
};

function refusal(url: URL, response: HttpResponse): DeliveryError {
  // only Slack's own words are shown: anything else could hold the address
  const word = /^[a-z_]{1,60}$/.exec(response.text.trim())?.[0] ?? "";
  const reason = response.status === 429 ? "rate_limited" : REASON_OF_WORD[word];
  const overrides = reason === undefined ? {} : { [response.status]: reason };
  return statusFailure(describeRequest("POST", url, true), response, word, overrides);
}
