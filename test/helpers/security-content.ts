import { expect } from "vitest";
import type { LabRequest } from "../../src/lab/exchange.ts";
import { addressOf, routes } from "./security-routes.ts";
import { MARKUP_PATH, MARKUP, type SecuritySite } from "./security-site.ts";
import { ask, type Trial } from "./security-trial.ts";
import { waitUntil } from "./wait-until.ts";

const PATIENCE = { deadlineMs: 90_000 };
const MENTIONS = "<!channel> <@U0123456789> @everyone @here";
const SUBJECT = "fine\r\nBcc: thief@example.org\r\n\r\nbody";

/** What may stand in a page of ours of scripts: those that it ships, by their address. */
const scripts = (page: string): readonly string[] =>
  (page.match(/<script\b[^>]*>/gi) ?? []).filter(
    (tag) => !/^<script type="module" src="\/assets\/[\w.-]+">$/.test(tag),
  );

/** The texts in which Slack looks for mentions: not those that are plain. */
function markedTexts(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null || ("type" in value && value.type === "plain_text")) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    typeof one === "string" ? (key === "text" ? [one] : []) : markedTexts(one),
  );
}

async function conversationsOf({ url }: SecuritySite, marker: string) {
  const { text } = await ask(url, "/api/v1/conversations");
  const { conversations } = JSON.parse(text) as {
    conversations: { id: string; title: string; group: { id: string } }[];
  };
  return conversations.filter(({ title }) => title.includes(marker));
}

/** What is in alerts, logs and names, where it is shown and sent. */
export const contentTrials: readonly Trial[] = [
  {
    name: "markup in everything (XSS)",
    tried:
      "`<script>`, `<img onerror>`, closing quotes and `javascript:` addresses as label, annotation, group, log line, level, and as the id or query of every page.",
    happened:
      "Every page shows them as text. No page has a script but its own files, an event handler, or a link that begins with `javascript:`.",
    async run(site) {
      const labels = { alertname: `Markup ${MARKUP}`, kind: MARKUP, [`odd${MARKUP}`]: "1" };
      const link = "javascript:alert(3)";
      const annotations = {
        summary: `sum ${MARKUP}`,
        description: MARKUP,
        runbook_url: link,
        dashboard_url: link,
        [MARKUP]: "1",
      };
      expect((await site.alert(labels, annotations)).status).toBe(202);
      const found = await waitUntil(
        "it has conversations",
        async () => {
          const all = await conversationsOf(site, "alert(2)");
          return all.length > 0 && all;
        },
        PATIENCE,
      );
      const encoded = encodeURIComponent(MARKUP);
      const [group] = found.map(({ group }) => group.id);
      const made = await ask(site.url, `/correlate?group=${group}`);
      expect(made).toMatchObject({ status: 302, headers: { location: expect.stringMatching(/^\/evidence\/./) } });
      const addresses = routes.filter(({ method }) => method === "GET").map((one) => addressOf(one, encoded));
      const queries = [
        "/?target=",
        "/alerts?state=",
        "/alerts?destination=",
        "/correlate?service=",
        "/traces?id=",
        "/logs?id=",
      ];
      const own = [MARKUP_PATH, made.headers["location"] ?? "", ...found.map(({ id }) => `/alerts/${id}`)];
      let shown = 0;
      const paths = ["/alerts", "/evidence", ...own, ...addresses, ...queries.map((query) => query + encoded)];
      const answers = await Promise.all(paths.map((path) => ask(site.url, path)));
      for (const [i, { headers, text }] of answers.entries()) {
        if (!headers["content-type"]?.startsWith("text/html")) continue;
        if (text.includes("alert(2)")) shown += 1;
        expect([paths[i], scripts(text)]).toEqual([paths[i], []]);
        expect(text).not.toMatch(/<img\b|<[^>]*\son\w+\s*=|(?:href|src|action)\s*=\s*["']?\s*javascript:/i);
      }
      expect(shown).toBeGreaterThan(own.length);
    },
  },
  {
    name: "headers that keep pages in order",
    tried: "The headers of every route's answer, of refusals, and of paths that are none.",
    happened:
      "Each has `Content-Security-Policy` without inline scripts and with `frame-ancestors 'none'`, `X-Content-Type-Options: nosniff` and `Referrer-Policy: no-referrer`.",
    async run({ url, guarded }) {
      const asked = routes.map((route) => [route.method, addressOf(route)] as const);
      const all = [...asked, ["GET", "/nowhere"], ["DELETE", "/alerts"]] as const;
      const answers = await Promise.all(
        all.flatMap(([method, path]) => [
          ask(url, path, { method: method as "GET" }),
          ask(guarded.url, path, { method: method as "GET", dispatcher: guarded.dispatcher }),
        ]),
      );
      for (const { headers } of answers) {
        const policy = headers["content-security-policy"] ?? "";
        expect(policy).toMatch(/^default-src 'none';.*frame-ancestors 'none'/);
        expect(policy).not.toMatch(/script-src(?! 'self';)|\*|unsafe-eval/);
        expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" });
        expect(Object.keys(headers)).not.toContain("x-powered-by");
      }
    },
  },
  {
    name: "mentions and markup in chats",
    tried:
      "`<!channel>`, `<@user>`, `@everyone`, `@here` and markup in summary, label and group, to Slack, Discord and Telegram.",
    happened:
      "Slack gets `&lt;!channel&gt;`, Discord is told to mention nobody, Telegram gets escaped HTML: all are shown as text and nobody is called.",
    async run(site) {
      const { slack, discord, telegram } = site.channels;
      const title = `Mention ${MENTIONS} ${MARKUP}`;
      expect((await site.alert({ alertname: title }, { summary: title, description: MENTIONS })).status).toBe(202);
      const sent = async (channel: { readonly requests: readonly LabRequest[] }) =>
        waitUntil(
          "it is told",
          () =>
            channel.requests.findLast(
              // Slack's incoming webhook is the same service, and has none of its parameters
              ({ body, path }) => body.includes("Mention") && !path.startsWith("/services/"),
            )?.body,
          PATIENCE,
        );
      const texts = markedTexts(JSON.parse(await sent(slack)));
      expect(texts.join(" ")).toContain("&lt;!channel&gt; &lt;@U0123456789&gt;");
      for (const text of texts) expect(text).not.toMatch(/<[!@#]/);
      expect(JSON.parse(await sent(slack))).toMatchObject({ parse: "none", link_names: false, unfurl_links: false });
      expect(JSON.parse(await sent(discord))).toMatchObject({ allowed_mentions: { parse: [] } });
      expect(await sent(telegram)).not.toMatch(/<script|<img|<!channel/);
    },
  },
  {
    name: "line breaks in a mail's subject (header injection)",
    tried: "An alert whose name and summary end the line and go on with `Bcc:` and a body, and hold markup.",
    happened: "One subject in one line, no header and no recipient more; the HTML part has the markup as text.",
    async run(site) {
      const alertname = `Injected ${SUBJECT}`;
      expect((await site.alert({ alertname }, { summary: `${SUBJECT} ${MARKUP}` })).status).toBe(202);
      const mail = await waitUntil(
        "the mail is there",
        () => site.channels.mail.mails().find(({ subject, text }) => `${subject} ${text}`.includes("Injected")),
        PATIENCE,
      );
      expect(mail.recipients).toEqual(["on-call@example.org"]);
      expect([...mail.headers.keys()]).not.toContain("bcc");
      expect(mail.subject).not.toMatch(/[\r\n]/);
      expect(mail.html).toContain("thief@example.org");
      expect(mail.html).not.toMatch(/<script|<img/i);
    },
  },
  {
    name: "addresses in alerts (SSRF)",
    tried:
      "A trap's address as `generatorURL`, `externalURL`, runbook, dashboard, image, label and service of an alert; every page of it was opened and evidence was asked for.",
    happened:
      "Nothing asked the trap: what Watchkeeper asks stands in its configuration, and pages load nothing from elsewhere.",
    async run(site) {
      const { url } = site.trap;
      const link = `${url}/annotation`;
      const labels = { alertname: "Ssrf", service: `${url}/label`, instance: url.replace("http://", ""), node: link };
      const annotations = {
        summary: link,
        runbook_url: link,
        dashboard_url: link,
        image: link,
        __dashboardUid__: link,
      };
      expect((await site.alert(labels, annotations)).status).toBe(202);
      const found = await waitUntil(
        "it is told",
        async () => {
          const told = site.channels.slack.requests.some(({ body }) => body.includes("annotation"));
          return told && conversationsOf(site, "annotation");
        },
        PATIENCE,
      );
      for (const { id } of found) expect((await ask(site.url, `/alerts/${id}`)).text).toContain("Ssrf");
      const asked = await ask(site.url, `/api/v1/correlate?service=${encodeURIComponent(labels.service)}`);
      expect(asked.status).toBe(200);
      expect(site.trap.requests.filter(({ path }) => path !== "/stolen")).toEqual([]);
    },
  },
];
