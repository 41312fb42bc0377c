import fc from "fast-check";
import markdownIt from "markdown-it";
import { expect, test } from "vitest";
import { aClosedMessage, aMessage, anAlert, aRequest, hostileMessage } from "../shared/__fixtures__/messages.ts";
import { gotifyMessage } from "./message.ts";

const reader = markdownIt({ html: true });

/** What a reader of the Markdown sees, what can be tapped, and which other markup there is. */
function read(markdown: string): { text: string; links: string[]; markup: string[] } {
  const tokens = reader.parse(markdown, {}).flatMap((token) => [token, ...(token.children ?? [])]);
  const text = tokens.flatMap(({ type, content }) =>
    type === "text" || type === "text_special" ? [content] : type === "hardbreak" ? ["\n"] : [],
  );
  const plain = new Set([
    "inline",
    "text",
    "text_special",
    "hardbreak",
    "paragraph_open",
    "paragraph_close",
    "link_close",
  ]);
  return {
    text: text.join(""),
    links: tokens.filter(({ type }) => type === "link_open").map((token) => String(token.attrGet("href"))),
    markup: tokens.map(({ type }) => type).filter((type) => !plain.has(type) && type !== "link_open"),
  };
}

test("a message says what, how bad, since when, where and how much, and links further", () => {
  const { message, ...rest } = gotifyMessage(aRequest());
  expect(rest).toEqual({
    title: "[FIRING:1] DiskFull on db-1",
    priority: 10,
    extras: {
      "client::display": { contentType: "text/markdown" },
      "client::notification": { click: { url: "https://watchkeeper.example.org/conversations/1" } },
    },
  });
  expect(message.split("  \n")).toEqual([
    "critical, since 2026-11-20 10:00 UTC",
    "team=storage",
    "from homelab",
    expect.stringContaining("• Disk sda of db-1 is 97 % full (value 97)\n\n[Runbook](<https://runbooks"),
  ]);
  expect(read(message).links).toHaveLength(5);
});

test("the end makes no sound", () => {
  expect(gotifyMessage(aRequest({ action: "close", message: aClosedMessage() }))).toMatchObject({
    title: "[RESOLVED] DiskFull on db-1",
    priority: 2,
  });
});

test("Markdown in an alert is shown, not obeyed", () => {
  const summary = "# h ![](https://tracker.example.org/x.png) <img src=x> `c` **b** my_label_name _i_ &lt; 1. x | y";
  const { text, links, markup } = read(
    gotifyMessage(aRequest({ message: aMessage({ alerts: [anAlert({ summary })] }) })).message,
  );
  expect(text).toContain(`• ${summary}`);
  expect(markup).toEqual([]);
  expect(links).toHaveLength(5);
});

test.each(["- item", "+ item", "1. item", "2) item", "=", "# head", "---", "> quote"])(
  "a line that begins with %j is text",
  (start) => {
    const commonLabels = { [start]: "x" };
    const { text, markup } = read(
      gotifyMessage(aRequest({ message: aMessage({ commonLabels, groupLabels: {} }) })).message,
    );
    expect(text).toContain(`\n${start}=x\n`);
    expect(markup).toEqual([]);
  },
);

test("the plain form has no extras and nothing escaped", () => {
  const { message, extras } = gotifyMessage(
    aRequest({ plain: true, message: aMessage({ alerts: [anAlert({ summary: "a*b" })] }) }),
  );
  expect(extras).toBeUndefined();
  expect(message).toContain("• a*b");
  expect(message).toContain("Runbook: https://runbooks.example.org/DiskFull");
});

test("whatever the alerts hold, there is no markup but our links, and the length is bounded", () => {
  fc.assert(
    fc.property(hostileMessage, (message) => {
      const { title, message: body } = gotifyMessage(aRequest({ message }));
      const { markup, links } = read(body);
      expect(markup).toEqual([]);
      expect(links.every((url) => url.startsWith("https://"))).toBe(true);
      expect(links.length).toBeLessThanOrEqual(5);
      expect(body.length).toBeLessThanOrEqual(8000);
      expect([...title].length).toBeLessThanOrEqual(250);
      expect(`${title}${body}`.isWellFormed()).toBe(true);
    }),
    { numRuns: 60 },
  );
}, 60_000);
