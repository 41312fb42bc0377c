import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startMailStandIn } from "../../lab/channels/email/mail-stand-in.ts";
import { startInbox } from "../../lab/channels/inbox.ts";
import { startNtfyStandIn } from "../../lab/channels/ntfy/ntfy-stand-in.ts";
import { startPagerDutyStandIn } from "../../lab/channels/pagerduty/pagerduty-stand-in.ts";
import { startSlackStandIn } from "../../lab/channels/slack/slack-stand-in.ts";

/** Emulated services that take the demo's messages. */
export interface DemoChannels {
  /** The page that shows what people see. */
  readonly inboxUrl: string;
  /** The section `alerting` that sends to them. */
  readonly alerting: object;
  /** Makes Slack fail, or work again. */
  setChat(state: "away" | "back"): Promise<void>;
  close(): Promise<void>;
}

const ROUTING_KEY = "0123456789abcdef0123456789abcdef";

/**
 * Starts Slack, PagerDuty, a mail server and ntfy, all emulated, and their page. Files of the configuration go into
 * `dir`.
 */
export async function startDemoChannels(dir: string): Promise<DemoChannels> {
  const slack = await startSlackStandIn();
  const pagerduty = await startPagerDutyStandIn({ routingKeys: [ROUTING_KEY] });
  const mail = await startMailStandIn();
  const ntfy = await startNtfyStandIn();
  const standIns = [slack, pagerduty, mail, ntfy];
  const inbox = await startInbox(standIns);
  await writeFile(join(dir, "mail-ca.pem"), mail.caPem);
  return {
    inboxUrl: inbox.url,
    alerting: {
      sources: [{ name: "demo" }],
      destinations: [
        { name: "chat", type: "slack", api_url: slack.url, token: slack.token, channel: slack.channelId("alerts") },
        { name: "pager", type: "pagerduty", api_url: pagerduty.url, routing_key: ROUTING_KEY },
        {
          name: "mail",
          type: "email",
          host: "127.0.0.1",
          port: mail.port,
          ca_file: "mail-ca.pem",
          from: "Watchkeeper <watchkeeper@example.org>",
          to: ["on-call@example.org"],
        },
        { name: "phone", type: "ntfy", url: ntfy.url, topic: "alerts" },
      ],
      route: {
        destinations: ["chat", "phone"],
        routes: [{ matchers: ['severity="critical"'], destinations: ["chat", "pager", "mail", "phone"] }],
      },
    },
    setChat: (state) => slack.setFault(state === "away" ? { kind: "status", status: 503 } : undefined),
    async close() {
      await inbox.close();
      await Promise.all(standIns.map((one) => one.close()));
    },
  };
}
