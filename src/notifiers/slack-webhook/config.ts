import { z } from "zod";
import { destinationFields, secretPair } from "../../core/config-fields.ts";

/** The address of a destination, which is its credential: hand `source` of its configuration to `webhookUrl`. */
export const urlPair = secretPair("url", "Address of the incoming webhook; whoever knows it can post.");

/** A channel of a Slack workspace, reached by an incoming webhook. */
export const slackWebhookConfig = urlPair.exactlyOne(
  z.strictObject({
    type: z
      .literal("slack-webhook")
      .describe("Post to a Slack channel by an incoming webhook: each change is a message of its own."),
    ...destinationFields,
    ...urlPair.fields,
  }),
);

/** {@link slackWebhookConfig}, parsed. */
export type SlackWebhookConfig = z.output<typeof slackWebhookConfig>;
