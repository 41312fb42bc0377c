import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startMailStandIn } from "../../src/lab/channels/email/mail-stand-in.ts";
import type { StoredMail } from "../../src/lab/channels/email/mailbox.ts";
import { startPagerDutyStandIn, type PagerDutyStandIn } from "../../src/lab/channels/pagerduty/pagerduty-stand-in.ts";
import { startSlackStandIn, type SlackStandIn } from "../../src/lab/channels/slack/slack-stand-in.ts";
import type { SeenMessage } from "../../src/lab/channels/stand-in.ts";
import { createTemporaryFolder } from "./janitor.ts";
import { waitUntil } from "./wait-until.ts";

/** For a machine that does much else: how long to wait for what takes a second. */
const PATIENCE = { deadlineMs: 90_000 };

/** Emulated Slack, mail server and PagerDuty, and the destinations `chat`, `mail` and `pager` that lead there. */
export interface DeliveryChannels {
  readonly slack: SlackStandIn;
  readonly pagerDuty: PagerDutyStandIn;
  readonly destinations: readonly Readonly<Record<string, unknown>>[];
  /** `chat` and `mail` for every alert, and `pager` too for critical ones. */
  readonly route: Readonly<Record<string, unknown>>;
  /** The messages of the chat that name the alert, oldest first. */
  posts(alertname: string): readonly SeenMessage[];
  /** The incidents that name the alert. */
  incidents(alertname: string): readonly SeenMessage[];
  /** The mails that name the alert, copies of one counted once. */
  mails(alertname: string): readonly StoredMail[];
  /** Waits until the chat shows the alert with such a status, such as `FIRING:1`; gives that message. */
  shows(alertname: string, status: string): Promise<SeenMessage>;
  /** Waits until chat, mail and pager all tell that it is over. */
  isOver(alertname: string): Promise<void>;
  close(): Promise<void>;
}

const RATE = 6_000;
const ROUTING_KEY = "0123456789abcdef".repeat(2);
const ADDRESSES = { from: "alerts@example.org", to: ["on-call@example.org"] };

/** Starts them on loopback. */
export async function startDeliveryChannels(): Promise<DeliveryChannels> {
  const folder = await createTemporaryFolder("channels");
  const [slack, pagerDuty, mail] = await Promise.all([
    startSlackStandIn(),
    startPagerDutyStandIn(),
    startMailStandIn(),
  ]);
  const caFile = join(folder.path, "ca.pem");
  await writeFile(caFile, mail.caPem);
  const names = (alertname: string) => (message: { readonly title: string; readonly text: string }) =>
    `${message.title} ${message.text}`.includes(alertname);
  const posts = (alertname: string) => slack.messages().filter(names(alertname));
  const incidents = (alertname: string) => pagerDuty.messages().filter(names(alertname));
  const mails = (alertname: string) =>
    mail.mails().filter(({ subject, text }) => names(alertname)({ title: subject, text }));
  return {
    slack,
    pagerDuty,
    posts,
    incidents,
    mails,
    destinations: [
      { type: "slack", name: "chat", api_url: slack.url, token: slack.token, channel: "alerts", rate: RATE },
      { type: "email", name: "mail", host: "127.0.0.1", port: mail.port, ca_file: caFile, ...ADDRESSES, rate: RATE },
      { type: "pagerduty", name: "pager", api_url: pagerDuty.url, routing_key: ROUTING_KEY, rate: RATE },
    ],
    route: {
      destinations: ["chat", "mail"],
      routes: [{ matchers: ['severity="critical"'], destinations: ["chat", "mail", "pager"] }],
    },
    shows: (alertname, status) =>
      waitUntil(
        `the chat shows ${alertname} as ${status}`,
        () => posts(alertname).find(({ title }) => title.includes(`[${status}]`)),
        PATIENCE,
      ),
    async isOver(alertname) {
      const isResolved = ({ subject }: StoredMail): boolean => subject.startsWith("[RESOLVED]");
      await waitUntil(
        `${alertname} is over`,
        () => posts(alertname).some(({ title }) => title.includes("[RESOLVED]")),
        PATIENCE,
      );
      await waitUntil(`the mail of ${alertname}'s end`, () => mails(alertname).some(isResolved), PATIENCE);
      await waitUntil(
        `the incident of ${alertname} is over`,
        () => incidents(alertname).some((one) => one.isClosed),
        PATIENCE,
      );
    },
    async close() {
      await Promise.all([slack, pagerDuty, mail].map((each) => each.close()));
      await folder.remove();
    },
  };
}
