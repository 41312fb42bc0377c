import fc from "fast-check";
import { expect, test } from "vitest";
import { parseTelegramHtml } from "../../lab/channels/telegram/html.ts";
import {
  aClosedMessage,
  aMessage,
  aMessageWithEvidence,
  anAlert,
  aRequest,
  hostileMessage,
} from "../shared/__fixtures__/messages.ts";
import { telegramReply, telegramText } from "./message.ts";

/** What a reader sees. */
function shown({ text }: { text: string }): string {
  const parsed = parseTelegramHtml(text);
  if ("error" in parsed) throw new Error(parsed.error);
  return parsed.text;
}

test("a message says what, how bad, since when, where and how much, and links further", () => {
  expect(telegramText(aMessage(), false)).toEqual({
    parse_mode: "HTML",
    text: [
      "<b>🔥 [FIRING:1] DiskFull on db-1</b>",
      "critical, since 2026-11-20 10:00 UTC",
      "team=storage",
      "from homelab",
      "• Disk sda of db-1 is 97 % full (value 97)",
      "",
      [
        '<a href="https://runbooks.example.org/DiskFull">Runbook</a>',
        '<a href="https://grafana.example.org/d/disks?var-host=db-1&amp;from=1">Dashboard</a>',
        '<a href="https://alertmanager.example.org/#/silences/new">Silence</a>',
        '<a href="https://prometheus.example.org/graph?g0.expr=up">Source</a>',
        '<a href="https://watchkeeper.example.org/conversations/1">Watchkeeper</a>',
      ].join(" · "),
    ].join("\n"),
  });
});

test("markup in an alert is shown, not obeyed", () => {
  const summary = `<b>bold</b> & <a href="tg://user?id=1">you</a>`;
  const text = telegramText(
    aMessage({ title: summary, alerts: [anAlert({ summary, description: "</i><u>" })] }),
    false,
  );
  expect(shown(text)).toContain(`🔥 [FIRING:1] ${summary}`);
  expect(shown(text)).toContain(`• ${summary}`);
  expect(shown(text)).toContain("</i><u>");
});

test("an address can not break out of its link", () => {
  const runbook = `https://example.org/"><a href="tg://user?id=1">you</a>`;
  const text = telegramText(aMessage({ links: { watchkeeper: "https://w.example.org", runbook } }), false);
  expect(shown(text).split("\n").at(-1)).toBe("Runbook · Watchkeeper");
});

test("nobody is called by a name in an alert, and an address stays what it is", () => {
  const text = telegramText(aMessage({ alerts: [anAlert({ summary: "@everyone root@db-1 (@oncall)" })] }), false);
  expect(shown(text)).toContain("@\u2060everyone root@db-1 (@\u2060oncall)");
});

test("the plain form has no markup and spells its links out", () => {
  const { text, parse_mode: mode } = telegramText(aMessage({ title: "a < b" }), true);
  expect(mode).toBeUndefined();
  expect(text).toContain("🔥 [FIRING:1] a < b\n");
  expect(text).toContain("Runbook: https://runbooks.example.org/DiskFull");
});

test("what is new, what lasts and what is over is answered, the rest is not", () => {
  const news = { firing: [anAlert({ summary: "Disk sdb is full" })], moreFiring: 2, closed: [], moreClosed: 0 };
  const less = { firing: [], moreFiring: 0, closed: [anAlert({ state: "resolved" })], moreClosed: 0 };
  const reply = (action: "update" | "remind" | "close", message = aMessage()) =>
    telegramReply(aRequest({ action, message }));
  expect(reply("update", aMessage({ changes: news }))).toBe(
    "🔥 New: Disk sdb is full [instance=db-1, disk=sda] (value 97)\nand 2 more new",
  );
  expect(reply("update", aMessage({ changes: less }))).toBeUndefined();
  expect(reply("remind")).toBe("🔥 Still there: DiskFull on db-1, since 2026-11-20 10:00 UTC");
  expect(reply("close", aClosedMessage())).toBe(
    "✅ Over: DiskFull on db-1, over at 2026-11-20 12:05 UTC after 2 h 5 min",
  );
  const silenced = anAlert({ state: "silenced", closedBecause: "silenced until 14:00 UTC: new disk" });
  expect(reply("close", aClosedMessage({ alerts: [silenced] }))).toContain("(silenced until 14:00 UTC: new disk)");
});

test("whatever the alerts hold, the message is one that Telegram takes", () => {
  fc.assert(
    fc.property(hostileMessage, fc.constantFrom("update", "remind", "close"), (message, action) => {
      const html = telegramText(message, false);
      const plain = telegramText(message, true);
      const reply = telegramReply(aRequest({ action, message })) ?? "none";
      for (const text of [shown(html), plain.text, reply]) {
        expect(text.length).toBeLessThanOrEqual(4096);
        expect(text.trim()).not.toBe("");
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toMatch(/(?<!\w)@\w/);
        // oxlint-disable-next-line no-control-regex
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e\u2066-\u2069]/);
      }
      const tellsOfAlerts = /^[•✓] |more alert/m.test(shown(html));
      expect(tellsOfAlerts).toBe(message.alerts.length + message.moreAlerts > 0);
      expect(html.text.length).toBeLessThan(32_768);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("evidence alone is an edit without an answer", () => {
  const message = aMessageWithEvidence();
  expect(telegramReply(aRequest({ action: "update", message }))).toBeUndefined();
  const { text } = telegramText(message, false);
  expect(text).toContain("» shop: version 2.3.1 -&gt; 2.4.0");
  expect(text).toContain('<a href="https://w.example.org/evidence/1f2e3d4c5b6a7988">Evidence</a>');
});
