import { z } from "zod";
import { destinationFields, secretPair, tlsFields, urlField } from "../../core/config-fields.ts";

/** The bot's token: hand `source` of the configuration to `credential`. */
export const tokenPair = secretPair("token", "The bot's token, as @BotFather gave it.");

const CHAT_HELP = "write the chat's number, or @name of a public group or channel";

/** A chat that a Telegram bot writes to. */
export const telegramConfig = tokenPair.exactlyOne(
  z.strictObject({
    type: z.literal("telegram").describe("Writes to a chat, group or channel of Telegram as a bot."),
    ...destinationFields,
    ...tokenPair.fields,
    chat_id: z
      .union([z.int(), z.string().regex(/^(?:-?\d+|@\w{4,32})$/, CHAT_HELP)], CHAT_HELP)
      .transform(String)
      .describe("Number of the chat, negative for groups and channels; or `@name` of a public one."),
    message_thread_id: z.int().min(1).optional().describe("Number of the topic in a group that has topics."),
    api_url: urlField()
      .prefault("https://api.telegram.org")
      .describe("Address of the Bot API, for a Bot API server of your own."),
    ...tlsFields,
  }),
);

/** {@link telegramConfig}, parsed. */
export type TelegramConfig = z.output<typeof telegramConfig>;
