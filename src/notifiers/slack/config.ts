import { z } from "zod";
import { destinationFields, secretPair, tlsFields, urlField } from "../../core/config-fields.ts";

/** The token of a destination: hand `source` of its configuration to `credential`. */
export const tokenPair = secretPair("token", "Bot token of the Slack app (xoxb-...), with the right chat:write.");

/** A channel of a Slack workspace, reached as an app. */
export const slackConfig = tokenPair.exactlyOne(
  z.strictObject({
    type: z.literal("slack").describe("Post to a Slack channel as an app: messages are edited and have threads."),
    ...destinationFields,
    ...tokenPair.fields,
    channel: z
      .string()
      .regex(/^#?[^\s#]{1,80}$/, "write the channel's id, such as C0123456789, or its name")
      .describe("Id of the channel (the last line of its details), or its name; an id stays when the name changes."),
    api_url: urlField().prefault("https://slack.com/api").describe("Address of Slack's Web API, or of a proxy to it."),
    ...tlsFields,
  }),
);

/** {@link slackConfig}, parsed. */
export type SlackConfig = z.output<typeof slackConfig>;
