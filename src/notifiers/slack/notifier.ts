import { hours } from "../../core/duration.ts";
import {
  defineNotifier,
  type DeliveryReceipt,
  type DeliveryRequest,
  type Notifier,
  type RemoteRef,
} from "../../core/notifier.ts";
import { slackBody } from "../shared/slack/body.ts";
import { isEvidenceAlone, UNEDITABLE } from "../shared/news.ts";
import { secondCall, TWO_CALLS_TIMEOUT } from "../shared/two-calls.ts";
import { slackConfig } from "./config.ts";
import { threadReply, type ThreadReply } from "./thread-reply.ts";
import { needsNewMessage, needsNoThread } from "./refusal.ts";
import { openSlackApi, type MessagePlace, type SlackApi } from "./web-api.ts";

/** A channel of Slack: one message for each episode, edited as it changes, and the story in its thread. */
export const slackNotifier = defineNotifier({
  type: "slack",
  title: "Slack",
  config: slackConfig,
  policy: {
    // One message a second and channel, short bursts allowed, and 50 edits a minute (tier 3); a delivery is one of
    // each.
    // Source: https://docs.slack.dev/apis/web-api/rate-limits
    rate: { perSecond: 0.8, burst: 4 },
    concurrency: 2,
    timeout: TWO_CALLS_TIMEOUT,
    giveUpAfter: hours(6),
  },
  open: async (config) => new SlackChannel(await openSlackApi(config), config.channel),
});

class SlackChannel implements Notifier {
  readonly #api: SlackApi;
  readonly #channel: string;

  constructor(api: SlackApi, channel: string) {
    this.#api = api;
    this.#channel = channel;
  }

  deliver(request: DeliveryRequest): Promise<DeliveryReceipt> {
    const root = placeOf(request.remote);
    if (request.action === "open" || root === undefined) return this.#post(request);
    return request.action === "remind" ? this.#remind(root, request) : this.#edit(root, request);
  }

  close(): Promise<void> {
    return this.#api.close();
  }

  async #post(request: DeliveryRequest, because = ""): Promise<DeliveryReceipt> {
    const { message, plain, idempotencyKey } = request;
    const { text, blocks } = slackBody(message, plain);
    const root = await this.#api.call(
      "chat.postMessage",
      {
        channel: this.#channel,
        text,
        ...(!plain && {
          blocks,
          metadata: { event_type: "watchkeeper_alert", event_payload: { key: idempotencyKey } },
        }),
      },
      request,
    );
    return { remote: { ...root }, answer: `posted in ${root.channel} as ${root.ts}${because}` };
  }

  async #edit(root: MessagePlace, request: DeliveryRequest): Promise<DeliveryReceipt> {
    const { action, message, plain } = request;
    try {
      // the blocks are always sent, empty ones too: those that are left out would stay
      await this.#api.call("chat.update", { ...root, ...slackBody(message, plain) }, request);
    } catch (thrown) {
      if (!needsNewMessage(thrown, plain)) throw thrown;
      if (isEvidenceAlone(request)) return { remote: { ...root }, answer: UNEDITABLE };
      return this.#post(request, `, because ${root.ts} can not be edited`);
    }
    const reply = threadReply(action, message);
    const trouble = reply && (await secondCall(() => this.#reply(root, reply, request)));
    return {
      remote: { ...root },
      answer: `edited ${root.ts} in ${root.channel}${trouble === undefined ? "" : `; the thread may not tell it: ${trouble}`}`,
    };
  }

  async #remind(root: MessagePlace, request: DeliveryRequest): Promise<DeliveryReceipt> {
    const reply = threadReply("remind", request.message);
    try {
      if (reply !== undefined) await this.#reply(root, reply, request);
    } catch (thrown) {
      if (!needsNoThread(thrown)) throw thrown;
      return this.#post(request, `, because ${root.ts} can not be answered`);
    }
    return { remote: { ...root }, answer: `reminded under ${root.ts} in ${root.channel}` };
  }

  #reply(root: MessagePlace, { text, isBroadcast }: ThreadReply, request: DeliveryRequest): Promise<MessagePlace> {
    const reply = { channel: root.channel, thread_ts: root.ts, text, reply_broadcast: isBroadcast };
    return this.#api.call("chat.postMessage", reply, request);
  }
}

function placeOf(remote: RemoteRef | undefined): MessagePlace | undefined {
  const { channel, ts } = remote ?? {};
  return typeof channel === "string" && typeof ts === "string" ? { channel, ts } : undefined;
}
