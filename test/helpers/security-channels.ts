import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startDiscordStandIn } from "../../src/lab/channels/discord/discord-stand-in.ts";
import { startMailStandIn } from "../../src/lab/channels/email/mail-stand-in.ts";
import { startGotifyStandIn } from "../../src/lab/channels/gotify/gotify-stand-in.ts";
import { startNtfyStandIn } from "../../src/lab/channels/ntfy/ntfy-stand-in.ts";
import { startPagerDutyStandIn } from "../../src/lab/channels/pagerduty/pagerduty-stand-in.ts";
import { startSlackStandIn } from "../../src/lab/channels/slack/slack-stand-in.ts";
import type { ChannelStandIn } from "../../src/lab/channels/stand-in.ts";
import { startTelegramStandIn } from "../../src/lab/channels/telegram/telegram-stand-in.ts";
import { startWebhookStandIn } from "../../src/lab/channels/webhook/webhook-stand-in.ts";
import { createAuthority } from "../../src/lab/certificates.ts";
import { startLabServer, type LabServer } from "../../src/lab/server.ts";

/** Messages a minute that the emulated channels are sent at most: more than there are. */
const RATE = 6_000;

/** Every service that can be told, emulated, and the destinations that lead there. */
export type Channels = Awaited<ReturnType<typeof startChannels>>;

/** Starts all of them; they take what is well formed. */
export async function startChannels(folder: string) {
  const [slack, discord, telegram, mail, ntfy, gotify, pagerDuty, webhook] = await Promise.all([
    startSlackStandIn({ channels: ["hooks", "alerts"] }),
    startDiscordStandIn(),
    startTelegramStandIn({ chats: [{ id: 1, type: "private" }] }),
    startMailStandIn(),
    startNtfyStandIn({ limit: { burst: RATE, everyMs: 1 } }),
    startGotifyStandIn(),
    startPagerDutyStandIn(),
    startWebhookStandIn(),
  ]);
  await writeFile(join(folder, "mail-ca.pem"), mail.caPem);
  const people = { from: "alerts@example.org", to: ["on-call@example.org"] };
  const all: readonly ChannelStandIn[] = [slack, discord, telegram, mail, ntfy, gotify, pagerDuty, webhook];
  return {
    slack,
    discord,
    telegram,
    mail,
    all,
    mailPort: mail.port,
    destinations: [
      { type: "slack", name: "chat", api_url: slack.url, token: slack.token, channel: "alerts" },
      { type: "slack-webhook", name: "chat-hook", url: slack.webhookUrl },
      { type: "discord", name: "discord", url: discord.url },
      { type: "telegram", name: "telegram", api_url: telegram.url, token: telegram.token, chat_id: 1 },
      { type: "email", name: "mail", host: "127.0.0.1", port: mail.port, ca_file: "mail-ca.pem", ...people },
      { type: "ntfy", name: "ntfy", url: ntfy.url, topic: "alerts" },
      { type: "gotify", name: "gotify", url: gotify.url, token: gotify.token },
      { type: "pagerduty", name: "pager", api_url: pagerDuty.url, routing_key: "0123456789abcdef".repeat(2) },
      { type: "webhook", name: "own", url: webhook.url },
    ].map((destination) => ({ ...destination, rate: RATE })),
    close: async () => void (await Promise.all(all.map((each) => each.close()))),
  };
}

/** Receivers that must not be trusted, or that lead to the trap. */
export async function startLiars(trapUrl: string): Promise<Readonly<Record<string, LabServer>>> {
  const handler = () => ({ status: 200, body: "{}" });
  const stranger = await createAuthority();
  const untrusted = await startLabServer({ authority: stranger, handler });
  const redirecting = await startLabServer({
    handler: () => ({ status: 307, headers: { location: `${trapUrl}/stolen` }, body: "" }),
  });
  return { untrusted, redirecting };
}

/** The destinations that lead there; `token` is what must not be sent. */
export const liarDestinations = (liars: Readonly<Record<string, LabServer>>, mailPort: number, token: string) => [
  ...Object.entries(liars).map(([name, { url }]) => ({
    type: "webhook",
    name,
    url: `${url}/hook`,
    headers: [{ name: "authorization", value: `Bearer ${token}` }],
  })),
  {
    type: "email",
    name: "mail-untrusted",
    host: "127.0.0.1",
    port: mailPort,
    from: "alerts@example.org",
    to: ["untrusted@example.org"],
  },
];
