import type { LabAnswer } from "../../exchange.ts";
import { Board } from "../board.ts";
import { jsonAnswer } from "../channel-server.ts";
import { TokenBucket } from "../token-bucket.ts";
import { faultOfBlocks, type SlackFault } from "./limits.ts";
import { readable, shownOf } from "./shown.ts";

/** A channel of the workspace. */
interface Channel {
  readonly id: string;
  readonly name: string;
  isArchived: boolean;
  readonly posts: TokenBucket;
}

/** A message, as far as it is not on the board. */
interface Posted {
  readonly channel: Channel;
  /** Whether the app wrote it. */
  readonly isOurs: boolean;
  text: string;
  blocks: unknown;
}

/** What is to be posted. */
export interface Post {
  readonly channel: string;
  readonly text: string;
  readonly blocks: unknown;
  readonly thread: string | undefined;
}

/** The answer to a post or an edit, or why there is none; `wait` is how many seconds a limit holds it back. */
export type Outcome = { readonly channel: string; readonly ts: string } | SlackFault | { readonly wait: number };

/**
 * Slack splits or cuts posts above 4000 characters and refuses such edits. Source:
 * https://github.com/seratch/ChatGPT-in-Slack/issues/102
 */
const EDIT_MOST = 4_000;
/** Source: https://api.slack.com/changelog/2018-04-truncating-really-long-messages */
const POST_MOST = 40_000;

/** The answer to a call or post that comes too early. Source: https://docs.slack.dev/apis/web-api/rate-limits */
export const tooMany = (retryAfterSeconds: number): LabAnswer =>
  jsonAnswer(429, { ok: false, error: "ratelimited" }, { "retry-after": String(retryAfterSeconds) });

/** The workspace: its channels and what was posted there. */
export class Workspace {
  readonly board = new Board();
  /** Whether messages can be edited no more, as the owner of a workspace may decide. */
  isEditWindowClosed = false;
  readonly #channels: readonly Channel[];
  readonly #messages = new Map<string, Posted>();
  /** Tier 3. Source: https://docs.slack.dev/apis/web-api/rate-limits */
  readonly #edits = new TokenBucket({ burst: 50, everyMs: 1_200 });
  readonly #enforceRates: boolean;
  #last = 0;

  constructor(channels: readonly string[], enforceRates: boolean) {
    this.#enforceRates = enforceRates;
    this.#channels = channels.map((name, index) => ({
      id: `C0LAB${String(index + 1).padStart(5, "0")}`,
      name,
      isArchived: false,
      posts: new TokenBucket({ burst: 5, everyMs: 1_000 }),
    }));
  }

  /** By id, by name, or by name with its sign. */
  channel(named: string): Channel | undefined {
    return this.#channels.find(({ id, name }) => named === id || named.replace(/^#/, "") === name);
  }

  post({ channel: named, text, blocks, thread }: Post, isOurs = true): Outcome {
    const channel = this.channel(named);
    if (channel === undefined) return { error: "channel_not_found" };
    if (channel.isArchived) return { error: "is_archived" };
    const fault = faultOf(text, blocks);
    if (fault !== undefined) return fault;
    if (thread !== undefined && this.#messages.get(thread)?.channel !== channel) return { error: "thread_not_found" };
    const wait = this.#enforceRates && isOurs ? channel.posts.take() : 0;
    if (wait > 0) return { wait };
    const ts = this.#timestamp();
    const kept = text.slice(0, POST_MOST);
    if (thread === undefined) {
      this.#messages.set(ts, { channel, isOurs, text: kept, blocks });
      this.board.post(ts, `#${channel.name}`, shownOf(kept, blocks));
    } else this.board.answer(thread, hasBlocks(blocks) ? wholeOf(kept, blocks) : readable(kept));
    return { channel: channel.id, ts };
  }

  /** Of text and blocks, what is left out stays as it is. */
  edit(named: string, ts: string, { text, blocks }: { text: string | undefined; blocks: unknown }): Outcome {
    const channel = this.#channels.find(({ id }) => id === named);
    if (channel === undefined) return { error: "channel_not_found" };
    if (channel.isArchived) return { error: "is_inactive" };
    const message = this.#messages.get(ts);
    if (message?.channel !== channel) return { error: "message_not_found" };
    if (!message.isOurs) return { error: "cant_update_message" };
    if (this.isEditWindowClosed) return { error: "edit_window_closed" };
    const next = { text: text ?? message.text, blocks: blocks ?? message.blocks };
    if (next.text.length > EDIT_MOST) return { error: "msg_too_long" };
    const fault = faultOf(next.text, next.blocks);
    if (fault !== undefined) return fault;
    const wait = this.#enforceRates ? this.#edits.take() : 0;
    if (wait > 0) return { wait };
    Object.assign(message, next);
    this.board.edit(ts, shownOf(next.text, next.blocks));
    return { channel: channel.id, ts };
  }

  remove(ts: string): void {
    this.#messages.delete(ts);
    this.board.remove(ts);
  }

  /** Microseconds of the wall clock that never repeat and never go back. */
  #timestamp(): string {
    this.#last = Math.max(this.#last + 1, Date.now() * 1_000);
    return `${Math.floor(this.#last / 1_000_000)}.${String(this.#last % 1_000_000).padStart(6, "0")}`;
  }
}

const hasBlocks = (blocks: unknown): boolean => Array.isArray(blocks) && blocks.length > 0;

function faultOf(text: string, blocks: unknown): SlackFault | undefined {
  if (text === "" && !hasBlocks(blocks)) return { error: "no_text" };
  return faultOfBlocks(blocks);
}

function wholeOf(text: string, blocks: unknown): string {
  const shown = shownOf(text, blocks);
  return `${shown.title}\n${shown.text}`;
}
