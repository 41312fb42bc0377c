import { afterEach, beforeEach, expect, test } from "vitest";
import { startTelegramStandIn, type TelegramStandIn } from "./telegram-stand-in.ts";

const CHAT = -1001234567890;
let telegram: TelegramStandIn;
beforeEach(async () => {
  telegram = await startTelegramStandIn({ now: () => 0 });
});
afterEach(() => telegram.close());

async function call(method: string, body: object, token = telegram.token): Promise<unknown> {
  const answer = await fetch(`${telegram.url}/bot${token}/${method}`, { method: "POST", body: JSON.stringify(body) });
  return answer.json();
}

const send = (text: string, more: object = {}) => call("sendMessage", { chat_id: CHAT, text, ...more });
const html = (text: string) => send(text, { parse_mode: "HTML" });

test("shows a message without its markup, its edits and the answers under it", async () => {
  expect(await html("<b>a &lt; b</b>\n<i>more</i> <a href='x' href=\"https://example.org\">here</a>")).toMatchObject({
    ok: true,
    result: { message_id: 1, chat: { id: CHAT, type: "supergroup" } },
  });
  await call("editMessageText", { chat_id: CHAT, message_id: 1, text: "<b>new</b>", parse_mode: "HTML" });
  await send("answer", { reply_parameters: { message_id: 1 } });
  expect(telegram.messages()).toMatchObject([
    {
      place: "@homelab_alerts",
      title: "new",
      text: "",
      edits: [{ title: "a < b", text: "more here" }],
      thread: [{ text: "answer" }],
    },
  ]);
});

test.each([
  ["<script>x</script>", 'Bad Request: can\'t parse entities: Unsupported start tag "script" at byte offset 0'],
  ["é <b>x", "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""],
  ["<b>x</i>", "Bad Request: can't parse entities: Unmatched end tag at byte offset 4"],
  ["a < b", "Bad Request: can't parse entities: Unclosed start tag at byte offset 2"],
  [" \n", "Bad Request: message text is empty"],
  ["x".repeat(4097), "Bad Request: message is too long"],
])("refuses %j", async (text, description) => {
  expect(await html(text)).toEqual({ ok: false, error_code: 400, description });
  expect(telegram.messages()).toEqual([]);
});

test("counts the length without markup", async () => {
  expect(await html(`<b>${"&amp;".repeat(4096)}</b>`)).toMatchObject({ ok: true });
});

test("knows its bot, its chats and its messages", async () => {
  expect(await call("sendMessage", {}, "1:other")).toMatchObject({ error_code: 401, description: "Unauthorized" });
  expect(await call("sendMessage", {}, "malformed")).toMatchObject({ error_code: 404, description: "Not Found" });
  expect(await call("sendMessage", { chat_id: 5, text: "x" })).toMatchObject({
    description: "Bad Request: chat not found",
  });
  await send("x");
  const edit = (message: number) => call("editMessageText", { chat_id: CHAT, message_id: message, text: "x" });
  expect(await edit(2)).toMatchObject({ description: "Bad Request: message to edit not found" });
  expect(await edit(1)).toMatchObject({ description: expect.stringContaining("message is not modified") });
});

test("takes 20 messages a minute in a group, and says when to come again", async () => {
  for (let i = 0; i < 20; i += 1) expect(await send("x")).toMatchObject({ ok: true });
  expect(await send("x")).toEqual({
    ok: false,
    error_code: 429,
    description: "Too Many Requests: retry after 3",
    parameters: { retry_after: 3 },
  });
  expect(telegram.refusals()).toEqual({ "429": 1 });
});
