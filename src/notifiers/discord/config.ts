import { z } from "zod";
import { destinationFields, secretPair } from "../../core/config-fields.ts";

/** The address of a destination, which is its credential: hand `source` of its configuration to `webhookUrl`. */
export const urlPair = secretPair(
  "url",
  "Address of the webhook (channel settings, Integrations); whoever knows it can post.",
);

/** A channel or thread of a Discord server, reached by a webhook. */
export const discordConfig = urlPair.exactlyOne(
  z.strictObject({
    type: z.literal("discord").describe("Post to a Discord channel by a webhook: messages are edited as they change."),
    ...destinationFields,
    ...urlPair.fields,
    thread_id: z
      .string("write the id in quotes: as a number it loses its last digits")
      .regex(/^\d{15,21}$/, "write the id of the thread: 15 to 21 digits")
      .optional()
      .describe("Id of a thread of the webhook's channel to post in, in quotes; a forum or media channel needs it."),
  }),
);

/** {@link discordConfig}, parsed. */
export type DiscordConfig = z.output<typeof discordConfig>;
