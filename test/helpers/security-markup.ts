import { expect } from "vitest";
import type { ChannelStandIn } from "../../src/lab/channels/stand-in.ts";
import type { Trial } from "./security-trial.ts";
import { waitUntil } from "./wait-until.ts";

const PATIENCE = { deadlineMs: 90_000 };

/**
 * What makes text bold, a link, a call of somebody or a picture somewhere, behind a number by which it is found again.
 */
const TRICKS = "<b>x</b><!here><@U01>*s*_i_[t](https://evil.example.org)`c`||h||<img src=x>&amp;";
const marked = (at: number): string => `mk${at}mk${TRICKS}`;

/** Slack's code has no backtick, and Telegram makes no mention where a joiner of no width stands. */
const plain = (text: string): string => text.replaceAll("`", "'").replaceAll("\u2060", "");

/** That each of them is shown letter by letter, and at least one up to its end: what is long is cut off. */
function expectLiteral({ type }: ChannelStandIn, shown: string): void {
  const tricks = plain(TRICKS);
  // in addresses they are encoded
  const found = Array.from(plain(shown).matchAll(/mk\d+mk(?!%)([^\n\u2026]*)/g), ([, after = ""]) =>
    after.slice(0, tricks.length),
  );
  for (const text of found) expect([type, text, tricks.startsWith(text)]).toEqual([type, text, true]);
  expect([type, shown, found.includes(tricks)]).toEqual([type, shown, true]);
}

/** What people see of hostile texts, in every service that is told. */
export const channelTrials: readonly Trial[] = [
  {
    name: "markup in every text, through every channel",
    tried:
      "Tags, mentions, links, pictures, code and hidden text, as each label and annotation of an alert, to Slack (app and incoming webhook), Discord, Telegram, mail, ntfy, Gotify, PagerDuty and a webhook.",
    happened:
      "Every service shows each of them letter by letter; none is bold, a link or a picture, or calls anybody. (In Slack a backtick within code is shown as an apostrophe.)",
    async run(site) {
      const names = ["alertname", "severity", "instance", "job", "service", "namespace", "team"];
      const labels = Object.fromEntries(names.map((name, i) => [name, marked(i)]));
      const texts = ["summary", "description", "message", "value"];
      const annotations = Object.fromEntries(texts.map((name, i) => [name, marked(100 + i)]));
      expect((await site.alert(labels, annotations)).status).toBe(202);
      const told = await Promise.all(
        site.channels.all.map(async (channel) => {
          const all = await waitUntil(
            `${channel.type} is told`,
            () => {
              const messages = channel.messages().filter(({ title, text }) => `${title} ${text}`.includes("mk100mk"));
              // the first of Slack's channels is that of the incoming webhook
              return messages.length >= (channel.type === "slack" ? 2 : 1) && messages;
            },
            PATIENCE,
          );
          return all.map(({ title, text }) => [channel, `${title}\n${text}`] as const);
        }),
      );
      for (const [channel, shown] of told.flat()) expectLiteral(channel, shown);
      expect(site.channels.all.map((channel) => [channel.type, channel.refusals()])).toEqual(
        site.channels.all.map(({ type }) => [type, {}]),
      );
    },
  },
];
