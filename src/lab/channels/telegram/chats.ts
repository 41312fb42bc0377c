import { TokenBucket, type Limit } from "../token-bucket.ts";

/** A chat that the bot may know. */
export interface TelegramChat {
  readonly id: number;
  readonly type: "private" | "group" | "supergroup" | "channel";
  /** Without `@`. */
  readonly username?: string;
}

interface ChatState {
  readonly chat: TelegramChat;
  readonly bucket: TokenBucket;
  movedTo?: number;
  isExpelled?: boolean;
}

/** Source: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this */
const GROUP_LIMIT: Limit = { burst: 20, everyMs: 3_000 };
const PRIVATE_LIMIT: Limit = { burst: 5, everyMs: 1_000 };

/** The chats of an emulated Telegram, by number or `@name`. */
export class TelegramChats {
  readonly #chats = new Map<number, ChatState>();
  readonly #limit: Limit | undefined;
  readonly #now: (() => number) | undefined;

  constructor(chats: readonly TelegramChat[], limit?: Limit, now?: () => number) {
    this.#limit = limit;
    this.#now = now;
    for (const chat of chats) this.#add(chat);
  }

  find(chat: unknown): ChatState | undefined {
    const wanted = String(chat);
    const named = [...this.#chats.values()].find(({ chat: { username } }) => wanted === `@${username}`);
    return named ?? this.#chats.get(Number(wanted));
  }

  /** Makes a group a supergroup, which has another number. */
  upgrade(id: number): number {
    const old = this.find(id);
    const movedTo = Number(`-100${Math.abs(id)}`);
    if (old !== undefined) old.movedTo = movedTo;
    this.#add({ id: movedTo, type: "supergroup" });
    return movedTo;
  }

  /** Puts the bot out of a group, or blocks it in a private chat. */
  expel(id: number): void {
    const state = this.find(id);
    if (state !== undefined) state.isExpelled = true;
  }

  #add(chat: TelegramChat): void {
    const limit = this.#limit ?? (chat.type === "private" ? PRIVATE_LIMIT : GROUP_LIMIT);
    this.#chats.set(chat.id, { chat, bucket: new TokenBucket(limit, this.#now) });
  }
}
