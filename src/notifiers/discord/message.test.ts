import fc from "fast-check";
import { expect, test } from "vitest";
import type { Message } from "../../core/message.ts";
import { faultsOf } from "../../lab/channels/discord/limits.ts";
import { shownOf } from "../../lab/channels/discord/shown.ts";
import {
  aClosedMessage,
  aMessage,
  aMessageWithEvidence,
  anAlert,
  hostileMessage,
} from "../shared/__fixtures__/messages.ts";
import { markdown, markdownLink } from "./markdown.ts";
import { discordBody, discordNotice } from "./message.ts";

const shown = (message: Message): string => {
  const { title, text } = shownOf(discordBody(message, false));
  return `${title}\n${text}`;
};

test("a message tells what, where, since when, the value, and where to look further", () => {
  expect(
    shown(
      aMessage({
        moreAlerts: 3,
        links: { runbook: "https://r.example.org/a_b", watchkeeper: "https://w.example.org" },
      }),
    ),
  ).toMatchInlineSnapshot(`
    "🔥 [FIRING:1] DiskFull on db-1
    · critical, since 2026-11-20 10:00 UTC
    · team=storage
    · from homelab
    • Disk sda of db-1 is 97 % full (value 97)
    … and 3 more alerts
    Runbook (https://r.example.org/a_b) · Watchkeeper (https://w.example.org/)"
  `);
});

test("a closed message is green", () => {
  expect(discordBody(aClosedMessage(), false).embeds[0]?.color).toBe(0x2e7d32);
  expect(discordBody(aMessage({ severity: "warning" }), false).embeds[0]?.color).toBe(0xfb8c00);
});

test("what would call somebody, lead somewhere or become markup is shown as it is written", () => {
  const text = "@everyone <@&1> **b** `c` [x](https://evil.example) ||s|| \\ a_b\n# h";
  const escaped = markdown(text);
  expect(escaped).toBe(
    "\\@everyone \\<\\@&1> \\*\\*b\\*\\* \\`c\\` \\[x\\](https:\\//evil.example) \\|\\|s\\|\\| \\\\ a\\_b # h",
  );
  expect(shownOf({ content: escaped, embeds: [] }).title).toBe(text.replace("\n", " "));
  expect(markdown("***", 5)).toBe("\\*\\*…");
});

test.each([
  ["javascript:alert(1)", undefined],
  [`https://example.org/${"x".repeat(2_000)}`, undefined],
  ["https://example.org/a(b)_c?d=[1]&e=`", "[Runbook](https://example.org/a%28b%29_c?d=%5B1%5D&e=%60)"],
])("a link to %.40s", (url, wanted) => {
  expect(markdownLink({ name: "Runbook", url })).toBe(wanted);
});

const LINK = /\[(?:Runbook|Evidence|Dashboard|Silence|Source|Watchkeeper)\]\(https?:\/\/[^\s()<>[\]\\`]+\)/g;

/** What Discord would refuse or bring to life. */
function harmIn(message: Message): readonly unknown[] {
  const notices = (["update", "remind", "close"] as const).flatMap((action) => discordNotice(action, message) ?? []);
  const bodies = [discordBody(message, false), discordBody(message, true), ...notices];
  const alive = /[\\*_~`|<[\]@]|:\/\/|[\u202a-\u202e\u2066-\u2069]|^\s*(?:[#>-]|\d+\.)/m;
  const texts = bodies.flatMap(({ content, embeds }) => [content, ...embeds.map(({ description }) => description)]);
  const harmful = texts.filter(
    (text) => !text.isWellFormed() || alive.test(text.replaceAll(LINK, "").replaceAll(/\\[^0-9A-Za-z\s]/g, "")),
  );
  return [...bodies.map(faultsOf), ...harmful].filter((found) => found !== undefined);
}

test("no message breaks a limit or comes to life", { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(hostileMessage, (message) => {
      expect(harmIn(message)).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test("nor do a value of a megabyte and a thousand labels", () => {
  const labels = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`@here${index}\n# `, `<@${index}>`]));
  const huge = anAlert({ summary: "*".repeat(1_000_000), where: labels, value: "`".repeat(1_000_000) });
  const alerts = Array.from({ length: 50 }, () => huge);
  expect(harmIn(aMessage({ alerts, commonLabels: labels, title: "@everyone" }))).toEqual([]);
});

test("evidence alone is an edit without a post beside it", () => {
  const message = aMessageWithEvidence();
  expect(discordNotice("update", message)).toBeUndefined();
  const [embed] = discordBody(message, false).embeds;
  expect(embed?.description).toContain("› 14 lines say no space left, none before");
  expect(embed?.description).toContain("https://w.example.org/evidence/1f2e3d4c5b6a7988");
});
