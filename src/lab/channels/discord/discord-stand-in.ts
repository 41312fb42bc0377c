import { startChannelServer } from "../channel-server.ts";
import type { ChannelStandIn } from "../stand-in.ts";
import { tooMany } from "./answers.ts";
import { Channel, WEBHOOK_PATH } from "./channel.ts";

/** What a channel with a webhook is made of. */
export interface DiscordStandInOptions {
  /** Ids of the threads of the channel; none unless given. */
  readonly threads?: readonly string[];
  /** Whether a webhook takes 5 requests in 2 s and no more; unless given it takes all. */
  readonly enforceRates?: boolean;
  /** A free one unless given. */
  readonly port?: number;
}

/** An emulated channel of Discord: `url` is the address of its webhook. */
export interface DiscordStandIn extends ChannelStandIn {
  /** Somebody takes a message away. */
  deleteMessage(id: string): void;
  /** Somebody takes the webhook away. */
  deleteWebhook(): void;
  /** Whether the channel has had too many edits of messages older than an hour. */
  refuseOldEdits(isRefused: boolean): void;
}

/** Starts an emulated Discord on loopback, without TLS: one channel with one webhook, which posts and edits. */
export async function startDiscordStandIn(options: DiscordStandInOptions = {}): Promise<DiscordStandIn> {
  const channel = new Channel(options.threads ?? [], options.enforceRates ?? false);
  const server = await startChannelServer({
    port: options.port,
    answer: (request, refuse) => channel.answer(request, refuse),
    tooMany,
  });
  return {
    ...server,
    type: "discord",
    title: "Discord",
    url: `${server.url}${WEBHOOK_PATH}`,
    messages: () => channel.board.messages(),
    deleteMessage: (id) => channel.remove(id),
    deleteWebhook: () => {
      channel.hasWebhook = false;
    },
    refuseOldEdits: (isRefused) => {
      channel.refusesOldEdits = isRefused;
    },
  };
}
