import type { LabAnswer, LabRequest } from "../../exchange.ts";
import { Board, type Shown } from "../board.ts";
import { jsonAnswer, jsonBody, startChannelServer, type Refuse } from "../channel-server.ts";
import type { ChannelStandIn } from "../stand-in.ts";
import type { Limit } from "../token-bucket.ts";
import { TelegramChats, type TelegramChat } from "./chats.ts";
import { parseTelegramHtml } from "./html.ts";

/** What an emulated Telegram is started with. */
export interface TelegramStandInOptions {
  readonly port?: number;
  /** The one bot's token. */
  readonly token?: string;
  /** One supergroup unless given. */
  readonly chats?: readonly TelegramChat[];
  /** Messages of a chat; Telegram's own unless given. */
  readonly limit?: Limit | undefined;
  /** Milliseconds for the limit. */
  readonly now?: () => number;
}

/** An emulated Telegram, and what its people can do. */
export interface TelegramStandIn extends ChannelStandIn {
  readonly token: string;
  /** Makes a group a supergroup; gives its new number. */
  upgrade(chat: number): number;
  /** Puts the bot out of the chat. */
  expel(chat: number): void;
  /** Deletes a message, by the id of a {@link SeenMessage}. */
  remove(id: string): void;
  /** Lets no message of the chat be edited any more. */
  freeze(): void;
}

const LAB_TOKEN = "4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcLAB";
const LAB_CHATS: readonly TelegramChat[] = [{ id: -1001234567890, type: "supergroup", username: "homelab_alerts" }];
const MESSAGE_UNITS = 4096;
const SAME =
  "message is not modified: specified new message content and reply markup are exactly the same as a current content " +
  "and reply markup of the message";

type Json = Readonly<Record<string, unknown>>;

/**
 * Starts an emulated Bot API. Source: https://core.telegram.org/bots/api, sentences as tdlib/telegram-bot-api has them
 */
export async function startTelegramStandIn(options: TelegramStandInOptions = {}): Promise<TelegramStandIn> {
  const { token = LAB_TOKEN, chats: known = LAB_CHATS } = options;
  const telegram = new Telegram(token, new TelegramChats(known, options.limit, options.now));
  const server = await startChannelServer({
    port: options.port,
    tooMany,
    answer: (request, refuse) => telegram.answer(request, refuse),
  });
  return {
    type: "telegram",
    title: "Telegram",
    ...server,
    token,
    messages: () => telegram.board.messages(),
    upgrade: (chat) => telegram.chats.upgrade(chat),
    expel: (chat) => telegram.chats.expel(chat),
    remove: (id) => telegram.board.remove(id),
    freeze: () => {
      telegram.isFrozen = true;
    },
  };
}

class Telegram {
  readonly board = new Board();
  readonly chats: TelegramChats;
  isFrozen = false;
  readonly #token: string;
  /** The very text of each message, to tell a change from none. */
  readonly #texts = new Map<string, string>();
  #last = 0;

  constructor(token: string, chats: TelegramChats) {
    this.#token = token;
    this.chats = chats;
  }

  answer(request: LabRequest, refuse: Refuse): LabAnswer {
    const [, bot = "", method = ""] = request.path.split("/");
    const error = (status: number, description: string, parameters?: Json): LabAnswer =>
      refuse(`${status} ${description}`, failed(status, description, parameters));
    if (!/^bot\d+:[\w-]+$/.test(bot)) return error(404, "Not Found");
    if (bot !== `bot${this.#token}`) return error(401, "Unauthorized");
    const body = jsonBody(request) ?? {};
    const state = this.chats.find(body["chat_id"]);
    if (method === "getMe") return jsonAnswer(200, { ok: true, result: { id: 1, is_bot: true, first_name: "Lab" } });
    if (method !== "sendMessage" && method !== "editMessageText") return error(404, "Not Found");
    if (state === undefined) return error(400, "Bad Request: chat not found");
    const { chat, bucket, movedTo, isExpelled } = state;
    if (movedTo !== undefined)
      return error(400, "Bad Request: group chat was upgraded to a supergroup chat", { migrate_to_chat_id: movedTo });
    if (isExpelled === true) return error(403, expelled(chat));
    const shown = read(body);
    if (typeof shown === "string") return error(400, `Bad Request: ${shown}`);
    if (method === "editMessageText") return this.#edit(chat, body, shown, error);
    const wait = bucket.take();
    if (wait > 0) return refuse("429", tooMany(wait));
    return this.#send(chat, body, shown);
  }

  #send(chat: TelegramChat, body: Json, shown: Shown): LabAnswer {
    this.#last += 1;
    const message = this.#last;
    const answered = replyTo(body);
    const root = answered === undefined ? undefined : `${chat.id}/${answered}`;
    if (root !== undefined && this.board.has(root)) {
      this.board.answer(root, [shown.title, shown.text].filter((part) => part !== "").join("\n"));
    } else {
      this.board.post(`${chat.id}/${message}`, nameOf(chat, body), shown);
      this.#texts.set(`${chat.id}/${message}`, String(body["text"]));
    }
    return sent(chat, message);
  }

  #edit(
    chat: TelegramChat,
    body: Json,
    shown: Shown,
    error: (status: number, description: string) => LabAnswer,
  ): LabAnswer {
    const id = `${chat.id}/${String(body["message_id"])}`;
    if (!this.board.has(id)) return error(400, "Bad Request: message to edit not found");
    if (this.isFrozen) return error(400, "Bad Request: message can't be edited");
    if (this.#texts.get(id) === body["text"]) return error(400, `Bad Request: ${SAME}`);
    this.#texts.set(id, String(body["text"]));
    this.board.edit(id, shown);
    return sent(chat, Number(body["message_id"]));
  }
}

/** What a message will show, or why it is none. The first line is the title. */
function read({ text, parse_mode: mode }: Json): Shown | string {
  if (typeof text !== "string") return "message text is empty";
  if (!text.isWellFormed()) return "strings must be encoded in UTF-8";
  const parsed = mode === "HTML" ? parseTelegramHtml(text) : { text: text.trim() };
  if ("error" in parsed) return `can't parse entities: ${parsed.error}`;
  if (parsed.text === "") return "message text is empty";
  if (parsed.text.length > MESSAGE_UNITS) return "message is too long";
  const [title = "", ...rest] = parsed.text.split("\n");
  return { title, text: rest.join("\n").trim() };
}

function replyTo({ reply_parameters: reply }: Json): number | undefined {
  const message: unknown = typeof reply === "object" && reply !== null ? Reflect.get(reply, "message_id") : undefined;
  return typeof message === "number" ? message : undefined;
}

const nameOf = ({ id, username }: TelegramChat, { message_thread_id: topic }: Json): string =>
  `${username === undefined ? id : `@${username}`}${typeof topic === "number" ? `, topic ${topic}` : ""}`;

const expelled = ({ type }: TelegramChat): string =>
  type === "private" ? "Forbidden: bot was blocked by the user" : `Forbidden: bot was kicked from the ${type} chat`;

const sent = (chat: TelegramChat, message: number): LabAnswer =>
  jsonAnswer(200, {
    ok: true,
    result: { message_id: message, chat: { id: chat.id, type: chat.type }, date: Math.floor(Date.now() / 1000) },
  });

const failed = (status: number, description: string, parameters?: Json): LabAnswer =>
  jsonAnswer(status, { ok: false, error_code: status, description, ...(parameters && { parameters }) });

function tooMany(seconds: number): LabAnswer {
  const parameters = { retry_after: seconds };
  const answer = failed(429, `Too Many Requests: retry after ${seconds}`, parameters);
  return { ...answer, headers: { ...answer.headers, "retry-after": String(seconds) } };
}
