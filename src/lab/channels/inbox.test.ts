import { afterEach, expect, test } from "vitest";
import { startInbox, type Inbox } from "./inbox.ts";
import type { ChannelStandIn, SeenMessage } from "./stand-in.ts";

const AT = Date.UTC(2026, 10, 20, 10, 0, 5);

const seen = (over: Partial<SeenMessage> = {}): SeenMessage => ({
  id: "1",
  place: "#alerts",
  at: AT,
  title: "DiskFull",
  text: "one\ntwo",
  edits: [],
  thread: [],
  ...over,
});

const standIn = (messages: readonly SeenMessage[], refusals = {}): ChannelStandIn => ({
  type: "slack",
  title: "Slack",
  url: "http://127.0.0.1:1",
  messages: () => messages,
  refusals: () => refusals,
  requests: [],
  setFault: () => Promise.resolve(),
  setRateLimited: () => {},
  close: () => Promise.resolve(),
});

let inbox: Inbox | undefined;
afterEach(() => inbox?.close());

async function open(messages: readonly SeenMessage[], refusals?: object, path = "/"): Promise<[string, Response]> {
  await inbox?.close();
  inbox = await startInbox([standIn(messages, refusals)]);
  const answer = await fetch(`${inbox.url}${path}`);
  return [await answer.text(), answer];
}

test("shows messages newest first, with what they showed before and the answers under them", async () => {
  const edits = [{ at: AT + 1000, title: "Before", text: "old" }];
  const thread = [{ at: AT + 2000, text: "an answer" }];
  const [page] = await open([seen({ title: "first", edits, thread, isClosed: true }), seen({ title: "second" })], {
    "429": 3,
  });
  const order = ["3 times: 429", "second", "first", "one\ntwo", "edited 1 time", "Before", "old", "an answer"];
  const places = order.map((text) => page.indexOf(text));
  expect(places.every((place) => place > 0)).toBe(true);
  expect(page.indexOf("second")).toBeLessThan(page.indexOf("first"));
  expect(page.match(/<article class="closed">/g)).toHaveLength(1);
  expect(page).toContain("10:00:05 UTC");
});

test("looks again every 2 s unless it is paused, and runs no script", async () => {
  const [page, { headers }] = await open([seen()]);
  expect(page).toContain('<meta http-equiv="refresh" content="2"');
  expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  expect((await open([seen()], {}, "/?paused"))[0]).not.toContain("http-equiv");
});

test("escapes every text", async () => {
  const evil = "<script>alert(1)</script>";
  const all = seen({
    title: evil,
    text: evil,
    place: evil,
    edits: [{ at: AT, title: evil, text: evil }],
    thread: [{ at: AT, text: evil }],
  });
  const [page] = await open([all], { [evil]: 1 });
  expect(page).not.toContain("<script");
  expect(page.match(/&lt;script/g)).toHaveLength(7);
});

test("a storm does not make the page endless", async () => {
  const [page] = await open(Array.from({ length: 80 }, (_, i) => seen({ title: `no ${i}` })));
  expect(page.match(/<article/g)).toHaveLength(50);
  expect(page).toContain("and 30 older");
});

test("gives the same as JSON, and nothing else", async () => {
  const [json] = await open([seen()], { "429": 3 }, "/messages.json");
  expect(JSON.parse(json)).toEqual([{ type: "slack", title: "Slack", messages: [seen()], refusals: { "429": 3 } }]);
  expect((await open([], {}, "/other"))[1].status).toBe(404);
});
