import type { Notifier, NotifierKind } from "../../src/core/notifier.ts";
import { startDiscordStandIn } from "../../src/lab/channels/discord/discord-stand-in.ts";
import { startMailStandIn } from "../../src/lab/channels/email/mail-stand-in.ts";
import { startGotifyStandIn } from "../../src/lab/channels/gotify/gotify-stand-in.ts";
import { startNtfyStandIn } from "../../src/lab/channels/ntfy/ntfy-stand-in.ts";
import { startPagerDutyStandIn } from "../../src/lab/channels/pagerduty/pagerduty-stand-in.ts";
import { startSlackStandIn } from "../../src/lab/channels/slack/slack-stand-in.ts";
import { startTelegramStandIn } from "../../src/lab/channels/telegram/telegram-stand-in.ts";
import { startWebhookStandIn } from "../../src/lab/channels/webhook/webhook-stand-in.ts";
import { notifiers } from "../../src/notifiers/index.ts";

/**
 * A destination of each kind that there is, opened, each with an emulated service that has the limits of the real one.
 */
export interface Channels {
  readonly all: ReadonlyMap<string, Notifier>;
  close(): Promise<void>;
}

const ROUTING_KEY = "0123456789abcdef".repeat(2);
const NO_LIMIT = { burst: Number.MAX_SAFE_INTEGER, everyMs: 1 };

/** Opens them all; throws when a kind of the table has no emulated service here. */
export async function openChannels(externalUrl: string): Promise<Channels> {
  const [slack, discord, gotify, ntfy, pagerDuty, telegram, webhook, mail] = await Promise.all([
    startSlackStandIn(),
    startDiscordStandIn(),
    startGotifyStandIn(),
    startNtfyStandIn({ limit: NO_LIMIT }),
    startPagerDutyStandIn(),
    startTelegramStandIn({ limit: NO_LIMIT, chats: [{ id: -1_001, type: "supergroup" }] }),
    startWebhookStandIn(),
    startMailStandIn({ tls: "none" }),
  ]);
  const pager = { api_url: pagerDuty.url, routing_key: ROUTING_KEY };
  const settings: Readonly<Record<string, object>> = {
    slack: { api_url: slack.url, token: slack.token, channel: "alerts" },
    "slack-webhook": { url: slack.webhookUrl },
    pagerduty: pager,
    "pagerduty-change": pager,
    email: { host: "127.0.0.1", port: mail.port, tls: "none", from: "a@example.org", to: ["b@example.org"] },
    discord: { url: discord.url },
    webhook: { url: `${webhook.url}/hook` },
    ntfy: { url: ntfy.url, topic: "alerts" },
    telegram: { api_url: telegram.url, token: telegram.token, chat_id: -1_001 },
    gotify: { url: gotify.url, token: gotify.token },
  };
  const open = async ({ type, destination }: NotifierKind): Promise<readonly [string, Notifier]> => {
    const own = settings[type];
    if (own === undefined) throw new Error(`the kind of destination ${type} has no emulated service in this file`);
    return [type, await destination.parse({ type, name: type, ...own }).open({ externalUrl })];
  };
  const all = new Map(await Promise.all(notifiers.map(open)));
  const standIns = [slack, discord, gotify, ntfy, pagerDuty, telegram, webhook, mail];
  return {
    all,
    async close() {
      await Promise.all([...all.values()].map((notifier) => notifier.close()));
      await Promise.all(standIns.map((standIn) => standIn.close()));
    },
  };
}
