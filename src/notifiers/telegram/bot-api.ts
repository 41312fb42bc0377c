import { z } from "zod";
import { DeliveryError, type DeliveryReason } from "../../core/delivery-errors.ts";
import { Secret } from "../../core/secret.ts";
import type { HttpClient, HttpResponse } from "../../lib/http/client.ts";
import { redact } from "../../lib/http/request-text.ts";
import { ask, credential, jsonOf, statusFailure, waitOf } from "../shared/http-channel.ts";
import { tokenPair, type TelegramConfig } from "./config.ts";

/** The methods of the Bot API that are used. */
type Method = "sendMessage" | "editMessageText";

/** What came of a call that Telegram answered. */
export type Outcome =
  | { readonly isDone: true; readonly chat: string; readonly message: number }
  | {
      readonly isDone: false;
      readonly description: string;
      readonly failure: DeliveryError;
      readonly movedTo?: string;
    };

const TOKEN = /^\d+:[\w-]+$/;

/** Source: https://core.telegram.org/bots/api#making-requests and #responseparameters */
const answered = z.object({
  ok: z.boolean(),
  description: z.string().default(""),
  parameters: z.object({ retry_after: z.number().optional(), migrate_to_chat_id: z.number().optional() }).default({}),
  result: z.object({ message_id: z.int().positive(), chat: z.object({ id: z.int() }) }).optional(),
});

/** What Telegram's sentences mean where the status alone says too little; it has no codes for them. */
const REASONS: readonly (readonly [RegExp, DeliveryReason])[] = [
  [/not enough rights|need administrator rights|have no rights|CHAT_WRITE_FORBIDDEN|TOPIC_CLOSED/i, "forbidden"],
  [/chat not found|chat_id is empty|PEER_ID_INVALID|thread not found|TOPIC_DELETED|upgraded/i, "destination_not_found"],
];

/** One bot of Telegram's Bot API, or of a Bot API server of one's own. */
export class BotApi {
  readonly #client: HttpClient;
  readonly #config: TelegramConfig;

  constructor(client: HttpClient, config: TelegramConfig) {
    this.#client = client;
    this.#config = config;
  }

  /** Calls a method for a chat. Throws `DeliveryError` when there is no answer, or one that is not the Bot API's. */
  async call(
    method: Method,
    chat: string,
    parameters: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const token = await this.#token();
    const where = `Telegram chat ${chat}`;
    const response = await ask(this.#client, {
      method: "POST",
      url: new Secret(`${this.#config.api_url}/bot${token.reveal()}/${method}`),
      body: { chat_id: chat, ...parameters },
      signal,
    });
    const { data } = answered.safeParse(jsonOf(response));
    const notTelegrams = (): DeliveryError =>
      statusFailure(where, response, "the answer is not the Bot API's", NOT_TELEGRAM);
    if (data === undefined) throw notTelegrams();
    const { ok, result, parameters: told } = data;
    if (ok && result !== undefined) {
      // what stands in the answer is where the message will be edited
      if (!isAbout(result, chat, parameters)) throw notTelegrams();
      return { isDone: true, chat: String(result.chat.id), message: result.message_id };
    }
    const description = redact(data.description, [token], new URL(this.#config.api_url));
    const failure = refusal(where, response, description, told.retry_after);
    const movedTo = told.migrate_to_chat_id;
    return { isDone: false, description, failure, ...(movedTo !== undefined && { movedTo: String(movedTo) }) };
  }

  async #token(): Promise<Secret> {
    const token = await credential(tokenPair.source(this.#config));
    if (TOKEN.test(token.reveal())) return token;
    throw new DeliveryError("credential_unreadable", "Telegram: the token is not a bot's: digits, a colon, letters");
  }
}

type Result = NonNullable<z.output<typeof answered>["result"]>;

/**
 * Whether an answer is about the chat that was asked for, and the message of an edit; a name leads to a chat of some
 * number.
 */
const isAbout = (
  { chat: { id }, message_id: message }: Result,
  chat: string,
  { message_id: edited = message }: Readonly<Record<string, unknown>>,
): boolean => (chat.startsWith("@") || id === Number(chat)) && message === edited;

/** A success that is not the Bot API's is none. */
const NOT_TELEGRAM = { 200: "invalid_answer", 400: "invalid_answer" } as const;

function refusal(
  where: string,
  response: HttpResponse,
  description: string,
  retryAfter: number | undefined,
): DeliveryError {
  const reason = REASONS.find(([sentence]) => sentence.test(description))?.[1];
  // a token of a wrong form is a path that does not exist
  const overrides: Readonly<Record<number, DeliveryReason>> = {
    200: "invalid_answer",
    404: "unauthorized",
    ...(reason !== undefined && response.status === 400 && { 400: reason }),
  };
  const { reason: found, message, retryAfterMs } = statusFailure(where, response, description, overrides);
  return new DeliveryError(found, message, { retryAfterMs: waitOf(retryAfter) ?? retryAfterMs });
}
