import fc from "fast-check";
import { expect, test } from "vitest";
import type { Message } from "../../core/message.ts";
import { faultOfBlocks } from "../../lab/channels/slack/limits.ts";
import { readable, shownOf } from "../../lab/channels/slack/shown.ts";
import {
  aClosedMessage,
  aMessage,
  aMessageWithEvidence,
  anAlert,
  hostileMessage,
} from "../shared/__fixtures__/messages.ts";
import { slackBody } from "../shared/slack/body.ts";
import { mrkdwn, mrkdwnLink } from "../shared/slack/mrkdwn.ts";
import { threadReply } from "./thread-reply.ts";

const shown = (message: Message): string => {
  const { text, blocks } = slackBody(message, false);
  const { title, text: rest } = shownOf(text, blocks);
  return `${title}\n${rest}`;
};

test("a message tells what, where, since when, the value, and where to look further", () => {
  expect(shown(aMessage({ moreAlerts: 3 }))).toMatchInlineSnapshot(`
    "🔥 [FIRING:1] DiskFull on db-1
    critical, since 2026-11-20 10:00 UTC
    • Disk sda of db-1 is 97 % full (value 97)
    … and 3 more alerts
    Runbook (https://runbooks.example.org/DiskFull)  ·  Dashboard (https://grafana.example.org/d/disks?var-host=db-1&from=1)  ·  Silence (https://alertmanager.example.org/#/silences/new)  ·  Source (https://prometheus.example.org/graph?g0.expr=up)  ·  Watchkeeper (https://watchkeeper.example.org/conversations/1)
    team=storage
    from homelab"
  `);
});

test("a changed message tells what is new, an open group what is over, and what was found", () => {
  const closed = anAlert({ fingerprint: "b", state: "silenced", closedBecause: "silenced until 14:00 UTC: planned" });
  const changes = { firing: [anAlert()], moreFiring: 0, closed: [closed], moreClosed: 2 };
  expect(
    shown(
      aMessage({
        alerts: [anAlert(), closed],
        changes,
        evidence: ["3 of 4 errors name sda"],
        links: { watchkeeper: "https://w.example.org/1" },
      }),
    ),
  ).toMatchInlineSnapshot(`
    "🔥 [FIRING:1] DiskFull on db-1
    critical, since 2026-11-20 10:00 UTC
    • Disk sda of db-1 is 97 % full (value 97)
    ✓ Disk sda of db-1 is 97 % full (value 97) (silenced until 14:00 UTC: planned)
    ↳ New: Disk sda of db-1 is 97 % full (value 97)
    ↳ Over (silenced until 14:00 UTC: planned): Disk sda of db-1 is 97 % full (value 97)
    ↳ and 2 more over
    › 3 of 4 errors name sda
    Watchkeeper (https://w.example.org/1)
    team=storage
    from homelab"
  `);
});

test("a closed message tells when it was over, and why", () => {
  expect(shown(aClosedMessage())).toMatchInlineSnapshot(`
    "✅ [RESOLVED] DiskFull on db-1
    critical, over at 2026-11-20 12:05 UTC after 2 h 5 min
    ✓ Disk sda of db-1 is 97 % full (value 97) (resolved)
    Runbook (https://runbooks.example.org/DiskFull)  ·  Dashboard (https://grafana.example.org/d/disks?var-host=db-1&from=1)  ·  Silence (https://alertmanager.example.org/#/silences/new)  ·  Source (https://prometheus.example.org/graph?g0.expr=up)  ·  Watchkeeper (https://watchkeeper.example.org/conversations/1)
    team=storage
    from homelab"
  `);
});

test("the first line alone is what a phone shows, and the plain form has all of it as text", () => {
  expect(slackBody(aMessage(), false).text).toBe("🔥 [FIRING:1] DiskFull on db-1\nsince 2026-11-20 10:00 UTC");
  const { text, blocks } = slackBody(aMessage(), true);
  expect(blocks).toEqual([]);
  expect(readable(text)).toContain("Runbook (https://runbooks.example.org/DiskFull)");
});

test("what would call somebody, lead somewhere or become code is shown as it is written", () => {
  expect(mrkdwn("<!channel> <@U1> a&b `rm` <https://evil.example|Runbook>\n> quote")).toBe(
    "&lt;!channel&gt; &lt;@U1&gt; a&amp;b 'rm' &lt;https://evil.example|Runbook&gt; &gt; quote",
  );
});

test("half an escape is never left over", () => {
  expect(mrkdwn("&&&", 11)).toBe("&amp;&amp;…");
  expect(mrkdwn("a🔥b", 3)).toBe("a…");
});

test.each([
  ["javascript:alert(1)", undefined],
  ["/relative", undefined],
  [`https://example.org/${"x".repeat(2_000)}`, undefined],
  ["https://example.org/a|b>c?d=1&e=`", "<https://example.org/a%7Cb%3Ec?d=1&amp;e=%60|Runbook>"],
])("a link to %.40s", (url, wanted) => {
  expect(mrkdwnLink({ name: "Runbook", url })).toBe(wanted);
});

/** Everything that Slack parses as mrkdwn in what is sent. */
function parsedTexts(message: Message): readonly string[] {
  const replies = (["update", "remind", "close"] as const).flatMap(
    (action) => threadReply(action, message)?.text ?? [],
  );
  const bodies = [slackBody(message, false), slackBody(message, true)];
  const texts = bodies.flatMap(({ blocks }) => [
    ...JSON.stringify(blocks).matchAll(/"mrkdwn","text":("(?:[^"\\]|\\.)*")/g),
  ]);
  return [...replies, ...bodies.map(({ text }) => text), ...texts.map(([, text = '""']) => JSON.parse(text) as string)];
}

const LINK = /<https?:\/\/[^<>|\s]+\|(?:Runbook|Evidence|All that was found|Dashboard|Silence|Source|Watchkeeper)>/g;

/** What Slack would refuse or bring to life. */
function harmIn(message: Message): readonly unknown[] {
  const { text, blocks } = slackBody(message, false);
  const alive = /[<>`]|&(?!amp;|lt;|gt;)|[\u202a-\u202e\u2066-\u2069]/;
  const harmful = parsedTexts(message).filter(
    (mrkdwn) => mrkdwn.length >= 4_000 || !mrkdwn.isWellFormed() || alive.test(mrkdwn.replaceAll(LINK, "")),
  );
  return [faultOfBlocks(blocks), ...(text.length < 4_000 ? [] : [text]), ...harmful].filter(
    (found) => found !== undefined,
  );
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
  const labels = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`<@U${index}>\n`, `<!here>${index}`]));
  const huge = anAlert({ summary: "&".repeat(1_000_000), where: labels, value: "`".repeat(1_000_000) });
  const alerts = Array.from({ length: 50 }, () => huge);
  expect(harmIn(aMessage({ alerts, commonLabels: labels, title: "<!channel>" }))).toEqual([]);
});

test("what was found stands in a section of its own, with a link to all of it", () => {
  const { blocks } = slackBody(aMessageWithEvidence(), false);
  const sections = blocks.flatMap((block) => (block.type === "section" ? [block.text.text] : []));
  expect(sections.slice(1)).toEqual([
    "› 14 lines say no space left, none before\n› shop: version 2.3.1 -&gt; 2.4.0\n<https://w.example.org/evidence/1f2e3d4c5b6a7988|All that was found>",
    "<https://w.example.org/alerts/1|Watchkeeper>",
  ]);
});

test("what was found calls nobody and links nowhere, and a section never grows too long for Slack", () => {
  const evidence = [
    "<!channel> <https://evil.example|click> `rm`",
    ...Array.from({ length: 7 }, () => "<".repeat(200)),
  ];
  const links = { watchkeeper: "https://w.example.org/1", evidence: `https://w.example.org/${"e".repeat(1_400)}` };
  const { blocks } = slackBody(aMessageWithEvidence({ evidence, links }), false);
  expect(JSON.stringify(blocks)).toContain("&lt;!channel&gt; &lt;https://evil.example|click&gt; 'rm'");
  expect(faultOfBlocks(blocks)).toBeUndefined();
  expect(JSON.stringify(blocks)).toContain("|Evidence>");
});
