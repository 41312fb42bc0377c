import { hours, seconds } from "../../core/duration.ts";
import {
  defineNotifier,
  type DeliveryReceipt,
  type DeliveryRequest,
  type Notifier,
  type RemoteRef,
} from "../../core/notifier.ts";
import { openChannel } from "../shared/http-channel.ts";
import { isEvidenceAlone, UNEDITABLE } from "../shared/news.ts";
import { BotApi, type Outcome } from "./bot-api.ts";
import { telegramConfig, type TelegramConfig } from "./config.ts";
import { telegramReply, telegramText } from "./message.ts";

/** A chat of Telegram: one message for each episode, edited as things change, with answers where people should look. */
export const telegramNotifier = defineNotifier({
  type: "telegram",
  title: "Telegram",
  config: telegramConfig,
  policy: {
    // One message a second in a chat with short bursts, 20 a minute in a group.
    // Source: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
    rate: { perSecond: 20 / 60, burst: 3 },
    concurrency: 1,
    timeout: seconds(20),
    giveUpAfter: hours(6),
  },
  open: async (config) => {
    const client = await openChannel(config);
    const chat = new Chat(new BotApi(client, config), config);
    const notifier: Notifier = { deliver: (request) => chat.deliver(request), close: () => client.close() };
    return notifier;
  },
});

/** A message of ours in a chat. */
interface Place {
  readonly chat: string;
  readonly message: number;
}

const UNCHANGED = /message is not modified/i;
/** It was deleted, is too old, or stayed behind in a group that was upgraded. */
const NOT_THERE = /message to edit not found|message can't be edited|MESSAGE_ID_INVALID/i;
const NO_PREVIEW = { link_preview_options: { is_disabled: true } } as const;

class Chat {
  readonly #api: BotApi;
  readonly #config: TelegramConfig;
  /** Where new messages go: a group that is upgraded gets another number. */
  #chat: string;

  constructor(api: BotApi, config: TelegramConfig) {
    this.#api = api;
    this.#config = config;
    this.#chat = config.chat_id;
  }

  async deliver(request: DeliveryRequest): Promise<DeliveryReceipt> {
    const place = request.action === "open" ? undefined : readPlace(request.remote);
    if (place === undefined) return this.#post(request, "posted");
    if (request.action !== "remind" && !(await this.#edit(place, request))) {
      if (isEvidenceAlone(request)) return this.#receipt(place, UNEDITABLE);
      return this.#post(request, "posted anew, because the message before can not be edited any more");
    }
    const reply = telegramReply(request);
    if (reply === undefined) return this.#receipt(place, "edited");
    await this.#send(place.chat, { ...this.#topic(), text: reply, ...answerTo(place) }, request);
    return this.#receipt(place, request.action === "remind" ? "answered" : "edited and answered");
  }

  async #post(request: DeliveryRequest, how: string): Promise<DeliveryReceipt> {
    const text = telegramText(request.message, request.plain);
    return this.#receipt(await this.#send(this.#chat, { ...this.#topic(), ...text, ...NO_PREVIEW }, request), how);
  }

  /** Says whether the message is there and shows what it should. */
  async #edit(place: Place, request: DeliveryRequest): Promise<boolean> {
    const parameters = { message_id: place.message, ...telegramText(request.message, request.plain), ...NO_PREVIEW };
    const outcome = await this.#api.call("editMessageText", place.chat, parameters, request.signal);
    if (outcome.isDone || UNCHANGED.test(outcome.description)) return true;
    // in the new group the message has another number, which nobody tells
    if (NOT_THERE.test(outcome.description) || this.#moved(place.chat, outcome)) return false;
    throw outcome.failure;
  }

  async #send(chat: string, parameters: Readonly<Record<string, unknown>>, request: DeliveryRequest): Promise<Place> {
    const outcome = await this.#api.call("sendMessage", chat, parameters, request.signal);
    if (outcome.isDone) return outcome;
    if (!this.#moved(chat, outcome)) throw outcome.failure;
    const again = await this.#api.call("sendMessage", outcome.movedTo ?? chat, parameters, request.signal);
    if (!again.isDone) throw again.failure;
    return again;
  }

  /** Whether the group has another number now; new messages go there from then on. */
  #moved(chat: string, outcome: Outcome): boolean {
    if (outcome.isDone || outcome.movedTo === undefined) return false;
    if (chat === this.#chat) this.#chat = outcome.movedTo;
    return true;
  }

  #topic(): { message_thread_id?: number } {
    const { message_thread_id: topic } = this.#config;
    return topic === undefined ? {} : { message_thread_id: topic };
  }

  #receipt({ chat, message }: Place, how: string): DeliveryReceipt {
    const moved = this.#chat === this.#config.chat_id ? "" : `; the group was upgraded: set chat_id to ${this.#chat}`;
    return { remote: { chat, message }, answer: `${how}${moved}` };
  }
}

const answerTo = ({ message }: Place) => ({
  reply_parameters: { message_id: message, allow_sending_without_reply: true },
  ...NO_PREVIEW,
});

function readPlace(remote: RemoteRef | undefined): Place | undefined {
  const { chat, message } = remote ?? {};
  return typeof chat === "string" && typeof message === "number" ? { chat, message } : undefined;
}
