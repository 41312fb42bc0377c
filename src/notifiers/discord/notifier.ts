import { z } from "zod";
import { DeliveryError } from "../../core/delivery-errors.ts";
import { hours } from "../../core/duration.ts";
import {
  defineNotifier,
  type DeliveryReceipt,
  type DeliveryRequest,
  type Notifier,
  type RemoteRef,
} from "../../core/notifier.ts";
import { Secret } from "../../core/secret.ts";
import type { HttpClient } from "../../lib/http/client.ts";
import { describeRequest } from "../../lib/http/request-text.ts";
import { ask, jsonOf, openChannel } from "../shared/http-channel.ts";
import { isEvidenceAlone, UNEDITABLE } from "../shared/news.ts";
import { oneCall, secondCall, TWO_CALLS_TIMEOUT } from "../shared/two-calls.ts";
import { webhookUrl } from "../shared/webhook-url.ts";
import { needsNewMessage, refusalOf } from "./answers.ts";
import { discordConfig, urlPair, type DiscordConfig } from "./config.ts";
import { discordBody, discordNotice, type DiscordBody } from "./message.ts";

/** A channel of Discord by a webhook: one message for each episode, edited as it changes. */
export const discordNotifier = defineNotifier({
  type: "discord",
  title: "Discord",
  config: discordConfig,
  policy: {
    // Discord publishes no figures and tells them in headers; seen are 5 requests in 2 s and 30 messages a minute for a
    // webhook. Sources: https://docs.discord.com/developers/topics/rate-limits and
    // https://birdie0.github.io/discord-webhooks-guide/other/rate_limits.html
    rate: { perSecond: 0.5, burst: 4 },
    concurrency: 1,
    timeout: TWO_CALLS_TIMEOUT,
    giveUpAfter: hours(6),
  },
  open: async (config) => new DiscordChannel(await openChannel(), config),
});

/** A message that was posted, and the thread it stands in. */
interface PostedMessage {
  readonly id: string;
  readonly thread?: string;
}

const posted = z.object({ id: z.string().regex(/^\d{1,20}$/) });

class DiscordChannel implements Notifier {
  readonly #client: HttpClient;
  readonly #config: DiscordConfig;

  constructor(client: HttpClient, config: DiscordConfig) {
    this.#client = client;
    this.#config = config;
  }

  deliver(request: DeliveryRequest): Promise<DeliveryReceipt> {
    const root = postedOf(request.remote);
    if (request.action === "open" || root === undefined) return this.#open(request);
    return request.action === "remind" ? this.#remind(root, request) : this.#edit(root, request);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #open({ message, plain, signal }: DeliveryRequest, because = ""): Promise<DeliveryReceipt> {
    const root = await this.#post(discordBody(message, plain), signal);
    return { remote: { ...root }, answer: `posted as ${root.id}${because}` };
  }

  async #edit(root: PostedMessage, request: DeliveryRequest): Promise<DeliveryReceipt> {
    const { action, message, plain, signal } = request;
    try {
      await this.#send("PATCH", root, discordBody(message, plain), signal);
    } catch (thrown) {
      if (!needsNewMessage(thrown, plain)) throw thrown;
      if (isEvidenceAlone(request)) return { remote: { ...root }, answer: UNEDITABLE };
      return this.#open(request, `, because ${root.id} can not be edited`);
    }
    const notice = discordNotice(action, message);
    const trouble = notice && (await secondCall(() => this.#post(notice, signal)));
    return {
      remote: { ...root },
      answer: `edited ${root.id}${trouble === undefined ? "" : `; the post beside it may be missing: ${trouble}`}`,
    };
  }

  async #remind(root: PostedMessage, { message, signal }: DeliveryRequest): Promise<DeliveryReceipt> {
    const notice = discordNotice("remind", message);
    if (notice !== undefined) await this.#post(notice, signal);
    return { remote: { ...root }, answer: `reminded of ${root.id}` };
  }

  #post(body: DiscordBody, signal: AbortSignal): Promise<PostedMessage> {
    return this.#send("POST", { thread: this.#config.thread_id }, body, signal);
  }

  async #send(
    method: "POST" | "PATCH",
    { id, thread }: { readonly id?: string; readonly thread?: string | undefined },
    body: DiscordBody,
    signal: AbortSignal,
  ): Promise<PostedMessage> {
    const webhook = await webhookUrl(urlPair.source(this.#config));
    const url = new URL(webhook);
    url.pathname = url.pathname.replace(/\/+$/, "") + (id === undefined ? "" : `/messages/${id}`);
    if (id === undefined) url.searchParams.set("wait", "true");
    if (thread !== undefined) url.searchParams.set("thread_id", thread);
    const response = await ask(this.#client, { method, url: new Secret(url.href), body, signal: oneCall(signal) });
    if (response.status !== 200) throw refusalOf(method, webhook, response);
    const { data } = posted.safeParse(jsonOf(response));
    // an answer about another message would lead later edits there
    if (data === undefined || (id !== undefined && data.id !== id))
      throw new DeliveryError("invalid_answer", `${describeRequest(method, url, true)}: the answer is not Discord's`);
    return { id: data.id, ...(thread !== undefined && { thread }) };
  }
}

function postedOf(remote: RemoteRef | undefined): PostedMessage | undefined {
  const { id, thread } = remote ?? {};
  if (typeof id !== "string") return undefined;
  return { id, ...(typeof thread === "string" && { thread }) };
}
