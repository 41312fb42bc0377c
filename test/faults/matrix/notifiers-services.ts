import { startDiscordStandIn } from "../../../src/lab/channels/discord/discord-stand-in.ts";
import { startMailStandIn } from "../../../src/lab/channels/email/mail-stand-in.ts";
import { startGotifyStandIn } from "../../../src/lab/channels/gotify/gotify-stand-in.ts";
import { startNtfyStandIn } from "../../../src/lab/channels/ntfy/ntfy-stand-in.ts";
import { startPagerDutyStandIn } from "../../../src/lab/channels/pagerduty/pagerduty-stand-in.ts";
import { startSlackStandIn } from "../../../src/lab/channels/slack/slack-stand-in.ts";
import type { ChannelStandIn } from "../../../src/lab/channels/stand-in.ts";
import { startTelegramStandIn } from "../../../src/lab/channels/telegram/telegram-stand-in.ts";
import { startWebhookStandIn } from "../../../src/lab/channels/webhook/webhook-stand-in.ts";

/** Where a destination is to send to: the emulated service itself, or what stands before it. */
export interface Reached {
  /** Without a slash at the end; of a mail server not used. */
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  /** PEM file of the authority to trust. */
  readonly caFile: string | undefined;
}

/** An emulated service that takes messages. */
export interface StartedService {
  readonly standIn: ChannelStandIn;
  /** PEM text of the authority to trust, where the service itself speaks TLS. */
  readonly caPem?: string;
  /** The destination's part of the configuration, without type and name. */
  entry(reached: Reached): Readonly<Record<string, unknown>>;
  /** What no text for people may hold. */
  readonly secrets: readonly string[];
}

/** Starts the emulated service of each kind of destination, by its type. */
export const NOTIFIER_SERVICES: Readonly<Record<string, () => Promise<StartedService>>> = {
  slack: async () => {
    const standIn = await startSlackStandIn();
    return {
      standIn,
      secrets: [standIn.token],
      entry: ({ origin, caFile }) => ({
        api_url: `${origin}/api`,
        token: standIn.token,
        channel: "alerts",
        ca_file: caFile,
      }),
    };
  },
  "slack-webhook": async () => {
    const standIn = await startSlackStandIn();
    const { pathname } = new URL(standIn.webhookUrl);
    return { standIn, secrets: [pathname], entry: ({ origin }) => ({ url: `${origin}${pathname}` }) };
  },
  pagerduty: startPagerDuty,
  "pagerduty-change": startPagerDuty,
  // encrypted from the first byte on, so that what stands in between can change what is said
  email: async () => {
    const login = { username: "alerts", password: "mail-matrix-placeholder" };
    const standIn = await startMailStandIn({ login, tls: "implicit" });
    const base64 = Buffer.from(login.password).toString("base64");
    return {
      standIn,
      caPem: standIn.caPem,
      secrets: [login.password, base64, Buffer.from(`\0${login.username}\0${login.password}`).toString("base64")],
      entry: ({ host, port, caFile }) => ({
        host,
        port,
        ca_file: caFile,
        tls: "implicit",
        ...login,
        from: "alerts@example.org",
        to: ["on-call@example.org"],
      }),
    };
  },
  discord: async () => {
    const standIn = await startDiscordStandIn();
    const { pathname } = new URL(standIn.url);
    const token = pathname.split("/").at(-1) ?? pathname;
    return { standIn, secrets: [token], entry: ({ origin }) => ({ url: `${origin}${pathname}` }) };
  },
  webhook: async () => {
    const secret = "hmac-matrix-placeholder";
    const [path, value] = ["/hooks/path-matrix-placeholder", "Bearer header-matrix-placeholder"];
    const standIn = await startWebhookStandIn({ secret });
    return {
      standIn,
      secrets: [secret, "path-matrix-placeholder", "header-matrix-placeholder"],
      entry: ({ origin, caFile }) => ({
        url: `${origin}${path}`,
        secret,
        headers: [{ name: "authorization", value }],
        ca_file: caFile,
      }),
    };
  },
  ntfy: async () => {
    const token = "tk_matrixplaceholder";
    const users = [{ authorization: `Bearer ${token}`, topics: ["alerts"] }];
    const standIn = await startNtfyStandIn({ users, limit: UNLIMITED });
    return {
      standIn,
      secrets: [token],
      entry: ({ origin, caFile }) => ({ url: origin, topic: "alerts", token, ca_file: caFile }),
    };
  },
  telegram: async () => {
    const chat = { id: -1001234567890, type: "supergroup" as const };
    const standIn = await startTelegramStandIn({ chats: [chat], limit: UNLIMITED });
    return {
      standIn,
      secrets: [standIn.token, standIn.token.split(":")[1] ?? standIn.token],
      entry: ({ origin, caFile }) => ({ api_url: origin, token: standIn.token, chat_id: chat.id, ca_file: caFile }),
    };
  },
  gotify: async () => {
    const standIn = await startGotifyStandIn();
    return {
      standIn,
      secrets: [standIn.token],
      entry: ({ origin, caFile }) => ({ url: origin, token: standIn.token, ca_file: caFile }),
    };
  },
};

/** The matrix sends more than the services' own limits let through. */
const UNLIMITED = { burst: 1_000_000, everyMs: 1 };

async function startPagerDuty(): Promise<StartedService> {
  const key = "0123456789abcdef".repeat(2);
  const standIn = await startPagerDutyStandIn({ routingKeys: [key] });
  return {
    standIn,
    secrets: [key],
    entry: ({ origin, caFile }) => ({ api_url: origin, routing_key: key, ca_file: caFile }),
  };
}
