import { WebClient } from "@slack/web-api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startSlackStandIn, type SlackStandIn } from "./slack-stand-in.ts";

let slack: SlackStandIn;

beforeEach(async () => {
  slack = await startSlackStandIn({ channels: ["alerts", "other"] });
});

afterEach(() => slack.close());

/** A call by Slack's own client, which sends forms. */
async function sdk(
  method: string,
  what: Record<string, unknown>,
  token = slack.token,
): Promise<Record<string, unknown>> {
  const options = { slackApiUrl: slack.url, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true };
  return { ...(await new WebClient(token, options).apiCall(method, what)) };
}

async function call(method: string, body: object, token = slack.token): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(`${slack.url}/${method}`, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: answer.status, ...((await answer.json()) as object) };
}

const section = (text: string): object => ({ type: "section", text: { type: "mrkdwn", text } });

test("Slack's own client posts, edits and answers", async () => {
  const text = "*one* &amp; <https://example.org|two>";
  const { channel, ts } = await sdk("chat.postMessage", { channel: "#alerts", text });
  await sdk("chat.update", { channel, ts, text: "<!here> now" });
  await sdk("chat.postMessage", { channel, thread_ts: ts, text: "answer" });
  expect(slack.messages()).toMatchObject([
    {
      id: ts,
      place: "#alerts",
      title: "@here now",
      edits: [{ title: "one & two (https://example.org)" }],
      thread: [{ text: "answer" }],
    },
  ]);
});

test("Slack's own client meets the rate limit and a token that is none", async () => {
  slack.setRateLimited(30);
  const post = { channel: "alerts", text: "x" };
  await expect(sdk("chat.postMessage", post)).rejects.toMatchObject({ retryAfter: 30 });
  slack.setRateLimited(undefined);
  await expect(sdk("chat.postMessage", post, "xoxb-other")).rejects.toMatchObject({
    data: { ok: false, error: "invalid_auth" },
  });
  expect(slack.refusals()).toEqual({ 429: 1, invalid_auth: 1 });
});

test("a header is the title, and the other blocks are the text", async () => {
  const blocks = [
    { type: "header", text: { type: "plain_text", text: "a < b" } },
    section("one\ntwo"),
    { type: "context", elements: [{ type: "mrkdwn", text: "`three`" }] },
  ];
  await call("chat.postMessage", { channel: "alerts", text: "summary", blocks });
  expect(slack.messages()).toMatchObject([{ title: "a < b", text: "one\ntwo\nthree" }]);
});

test.each<[string, object]>([
  ["channel_not_found", { channel: "nowhere", text: "x" }],
  ["no_text", { channel: "alerts" }],
  ["thread_not_found", { channel: "alerts", text: "x", thread_ts: "1.0" }],
  ["invalid_blocks", { channel: "alerts", blocks: Array.from({ length: 51 }, () => section("x")) }],
  ["invalid_blocks", { channel: "alerts", blocks: [section("x".repeat(3_001))] }],
  ["invalid_blocks", { channel: "alerts", blocks: [section("")] }],
  ["invalid_blocks", { channel: "alerts", blocks: [{ type: "header", text: { type: "mrkdwn", text: "x" } }] }],
  ["invalid_blocks", { channel: "alerts", blocks: [{ type: "unheard_of" }] }],
  ["invalid_blocks_format", { channel: "alerts", text: "x", blocks: "x" }],
  ["msg_blocks_too_long", { channel: "alerts", blocks: Array.from({ length: 5 }, () => section("x".repeat(2_900))) }],
])("refuses a post with %s", async (error, post) => {
  expect(await call("chat.postMessage", post)).toMatchObject({ status: 200, ok: false, error });
  expect(slack.messages()).toEqual([]);
});

test("says which place of the blocks is at fault", async () => {
  const text = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]";
  expect(await call("chat.postMessage", { channel: "alerts", blocks: [section("x".repeat(3_001))] })).toMatchObject({
    errors: [text],
    response_metadata: { messages: [`[ERROR] ${text}`] },
  });
});

test("refuses an edit of what is not there, is another's, stands elsewhere, is too long, or may not be edited", async () => {
  const { channel, ts } = await call("chat.postMessage", { channel: "alerts", text: "x" });
  const errorOf = async (edit: object): Promise<unknown> =>
    (await call("chat.update", { channel, ts, text: "y", ...edit }))["error"];
  expect(await errorOf({ ts: "1.0" })).toBe("message_not_found");
  expect(await errorOf({ ts: slack.postAsSomebody("alerts", "z") })).toBe("cant_update_message");
  expect(await errorOf({ channel: "alerts" })).toBe("channel_not_found");
  expect(await errorOf({ channel: slack.channelId("other") })).toBe("message_not_found");
  expect(await errorOf({ text: "y".repeat(4_001) })).toBe("msg_too_long");
  slack.closeEditWindow(true);
  expect(await errorOf({})).toBe("edit_window_closed");
  slack.archiveChannel("alerts");
  expect(await errorOf({})).toBe("is_inactive");
  expect((await call("chat.postMessage", { channel: "alerts", text: "x" }))["error"]).toBe("is_archived");
});

test("an edit that leaves the blocks out keeps them, and an empty list takes them away", async () => {
  const { channel, ts } = await call("chat.postMessage", { channel: "alerts", text: "x", blocks: [section("old")] });
  await call("chat.update", { channel, ts, text: "new" });
  expect(slack.messages()[0]?.title).toBe("old");
  await call("chat.update", { channel, ts, text: "new", blocks: [] });
  expect(slack.messages()[0]?.title).toBe("new");
});

test("holds back what comes too fast, when it is told to", async () => {
  const strict = await startSlackStandIn({ enforceRates: true });
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => fetch(strict.webhookUrl, { method: "POST", body: JSON.stringify({ text: "x" }) })),
  );
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.headers.get("retry-after")).toBe("1");
  expect(strict.messages().length).toBeGreaterThanOrEqual(5);
  await strict.close();
});

test.each<[number, string, string | object]>([
  [200, "ok", { text: "x" }],
  [400, "no_text", {}],
  [400, "invalid_payload", "no JSON"],
  [400, "invalid_blocks", { text: "x", blocks: [{ type: "unheard_of" }] }],
])("the incoming webhook answers %i %s", async (status, word, body) => {
  const answer = await fetch(slack.webhookUrl, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  expect([answer.status, await answer.text()]).toEqual([status, word]);
});

test("the incoming webhook knows one address, and a channel that is archived", async () => {
  const post = async (url: string): Promise<unknown> => {
    const answer = await fetch(url, { method: "POST", body: JSON.stringify({ text: "x" }) });
    return [answer.status, await answer.text()];
  };
  expect(await post(`${slack.webhookUrl}x`)).toEqual([404, "no_service"]);
  slack.archiveChannel("alerts");
  expect(await post(slack.webhookUrl)).toEqual([410, "channel_is_archived"]);
});
