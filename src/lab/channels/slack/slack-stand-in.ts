import { startChannelServer } from "../channel-server.ts";
import type { ChannelStandIn } from "../stand-in.ts";
import { answerWebhook } from "./incoming-webhook.ts";
import { answerCall } from "./web-api.ts";
import { tooMany, Workspace } from "./workspace.ts";

/** What a workspace is made of. */
export interface SlackStandInOptions {
  /** Names of the channels; one, `alerts`, unless given. The incoming webhook posts to the first. */
  readonly channels?: readonly string[];
  /** Whether the limits of 1 post a second and channel and of 50 edits a minute hold; unless given they do not. */
  readonly enforceRates?: boolean;
  /** A free one unless given. */
  readonly port?: number;
}

/** An emulated workspace of Slack with one app: `url` is the address of its Web API. */
export interface SlackStandIn extends ChannelStandIn {
  /** The app's bot token. */
  readonly token: string;
  /** The app's incoming webhook. */
  readonly webhookUrl: string;
  /** Id of a channel by its name; throws for a name that is none. */
  channelId(name: string): string;
  /** Somebody else posts; gives the message's `ts`. */
  postAsSomebody(channel: string, text: string): string;
  /** Somebody takes a message away. */
  deleteMessage(ts: string): void;
  archiveChannel(name: string): void;
  /** Whether the workspace lets nobody edit any more. */
  closeEditWindow(isClosed: boolean): void;
}

const TOKEN = "xoxb-lab-token";
const WEBHOOK_PATH = "/services/T0LAB/B0LAB/lab-webhook";
const API = "/api/";

/** Starts an emulated Slack on loopback, without TLS: posting, editing, threads and the incoming webhook. */
export async function startSlackStandIn(options: SlackStandInOptions = {}): Promise<SlackStandIn> {
  const { channels = ["alerts"], enforceRates = false, port } = options;
  const workspace = new Workspace(channels, enforceRates);
  const webhook = { workspace, path: WEBHOOK_PATH, channel: channels[0] ?? "" };
  const server = await startChannelServer({
    port,
    answer: (request, refuse) =>
      request.path.startsWith(API)
        ? answerCall(request.path.slice(API.length), request, { workspace, token: TOKEN, refuse })
        : answerWebhook(request, { ...webhook, refuse }),
    tooMany,
  });
  const channelOf = (name: string) => {
    const channel = workspace.channel(name);
    if (channel === undefined) throw new Error(`lab: there is no channel ${name}`);
    return channel;
  };
  return {
    ...server,
    type: "slack",
    title: "Slack",
    url: `${server.url}/api`,
    token: TOKEN,
    webhookUrl: `${server.url}${WEBHOOK_PATH}`,
    messages: () => workspace.board.messages(),
    channelId: (name) => channelOf(name).id,
    postAsSomebody: (channel, text) => {
      const outcome = workspace.post({ channel, text, blocks: undefined, thread: undefined }, false);
      if ("ts" in outcome) return outcome.ts;
      throw new Error(`lab: not posted: ${JSON.stringify(outcome)}`);
    },
    deleteMessage: (ts) => workspace.remove(ts),
    archiveChannel: (name) => {
      channelOf(name).isArchived = true;
    },
    closeEditWindow: (isClosed) => {
      workspace.isEditWindowClosed = isClosed;
    },
  };
}
