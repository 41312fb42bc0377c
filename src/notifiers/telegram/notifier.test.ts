import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { LabRequest } from "../../lab/exchange.ts";
import { startLabServer } from "../../lab/server.ts";
import type { Notifier } from "../../core/notifier.ts";
import {
  startTelegramStandIn,
  type TelegramStandIn,
  type TelegramStandInOptions,
} from "../../lab/channels/telegram/telegram-stand-in.ts";
import { everythingOf, failureOf } from "../shared/__fixtures__/failures.ts";
import {
  aClosedMessage,
  aMessage,
  aMessageWithEvidence,
  anAlert,
  aQuietMessage,
  aRequest,
} from "../shared/__fixtures__/messages.ts";
import { telegramNotifier } from "./notifier.ts";

const CHAT = -1001234567890;
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function open(
  config: object = {},
  options: TelegramStandInOptions = {},
): Promise<[notifier: Notifier, telegram: TelegramStandIn]> {
  const telegram = await startTelegramStandIn(options);
  const settings = { type: "telegram", name: "chat", api_url: telegram.url, chat_id: CHAT, ...config };
  const destination = telegramNotifier.destination.parse(
    "token_file" in settings ? settings : { token: telegram.token, ...settings },
  );
  const notifier = await destination.open({ externalUrl: "http://localhost:9797" });
  opened.push(notifier, telegram);
  return [notifier, telegram];
}

const news = { firing: [anAlert({ summary: "Disk sdb is full" })], moreFiring: 0, closed: [], moreClosed: 0 };

test("a conversation is one message that is edited, with answers where people should look", async () => {
  const [notifier, telegram] = await open();
  const { remote, answer } = await notifier.deliver(aRequest());
  expect([remote, answer]).toEqual([{ chat: String(CHAT), message: 1 }, "posted"]);
  await notifier.deliver(aRequest({ action: "update", remote, message: aMessage({ changes: news }) }));
  await notifier.deliver(aRequest({ action: "remind", remote }));
  await notifier.deliver(aRequest({ action: "close", remote, message: aClosedMessage() }));
  const [seen, ...others] = telegram.messages();
  expect(others).toEqual([]);
  expect(seen).toMatchObject({ place: "@homelab_alerts", title: "✅ [RESOLVED] DiskFull on db-1" });
  expect(seen?.edits).toHaveLength(2);
  expect(seen?.thread.map(({ text }) => text.split(":")[0])).toEqual(["🔥 New", "🔥 Still there", "✅ Over"]);
});

test("a delivery that is made again edits nothing and is done", async () => {
  const [notifier, telegram] = await open();
  const { remote } = await notifier.deliver(aRequest());
  const less = { firing: [], moreFiring: 0, closed: [anAlert({ state: "resolved" })], moreClosed: 0 };
  const update = aRequest({ action: "update", remote, mayRepeat: true, message: aMessage({ changes: less }) });
  await notifier.deliver(update);
  expect((await notifier.deliver(update)).answer).toBe("edited");
  expect(telegram.messages()).toMatchObject([{ edits: [{}], thread: [] }]);
});

test.each(["deleted", "too old"])("a message that is %s is posted anew", async (why) => {
  const [notifier, telegram] = await open();
  const { remote } = await notifier.deliver(aRequest());
  if (why === "deleted") telegram.remove(`${CHAT}/1`);
  else telegram.freeze();
  const closed = await notifier.deliver(aRequest({ action: "close", remote, message: aClosedMessage() }));
  expect(closed).toMatchObject({ remote: { message: 2 }, answer: expect.stringContaining("posted anew") });
  expect(telegram.messages().at(-1)).toMatchObject({ title: "✅ [RESOLVED] DiskFull on db-1", thread: [] });
});

test.each([aMessageWithEvidence(), aQuietMessage()])("evidence is not posted anew, found or not", async (message) => {
  const [notifier, telegram] = await open();
  const { remote } = await notifier.deliver(aRequest());
  telegram.freeze();
  const receipt = await notifier.deliver(aRequest({ action: "update", remote, message }));
  expect(receipt).toMatchObject({ remote, answer: expect.stringContaining("not told") as string });
  expect(telegram.messages()).toHaveLength(1);
});

test("an update whose message nobody remembers is a new message", async () => {
  const [notifier, telegram] = await open();
  await notifier.deliver(aRequest({ action: "update", message: aMessage({ changes: news }) }));
  expect(telegram.messages()).toMatchObject([{ text: expect.stringContaining("→ New: Disk sdb is full") }]);
});

test("a topic of a group is written to", async () => {
  const [notifier, telegram] = await open({ chat_id: "@homelab_alerts", message_thread_id: 7 });
  await notifier.deliver(aRequest());
  expect(telegram.messages()).toMatchObject([{ place: "@homelab_alerts, topic 7" }]);
});

test("a group that is upgraded is followed, and the answer says what to configure", async () => {
  const [notifier, telegram] = await open({ chat_id: "-4711" }, { chats: [{ id: -4711, type: "group" }] });
  const { remote } = await notifier.deliver(aRequest());
  expect(telegram.upgrade(-4711)).toBe(-1004711);
  const changed = await notifier.deliver(aRequest({ action: "update", remote, message: aMessage({ changes: news }) }));
  expect(changed).toMatchObject({
    remote: { chat: "-1004711" },
    answer: expect.stringContaining("set chat_id to -1004711"),
  });
  const before = telegram.requests.length;
  await notifier.deliver(aRequest({ action: "close", remote: changed.remote, message: aClosedMessage() }));
  await notifier.deliver(aRequest({ threadKey: "another" }));
  expect(telegram.requests.slice(before).map(({ body }) => JSON.parse(body).chat_id)).toEqual([
    "-1004711",
    "-1004711",
    "-1004711",
  ]);
  expect(telegram.messages().map(({ place }) => place)).toEqual(["-4711", "-1004711", "-1004711"]);
});

test("an upgrade that is met while answering is followed too", async () => {
  const [notifier, telegram] = await open({ chat_id: -4711 }, { chats: [{ id: -4711, type: "group" }] });
  const { remote } = await notifier.deliver(aRequest());
  telegram.upgrade(-4711);
  await notifier.deliver(aRequest({ action: "remind", remote }));
  expect(telegram.messages().at(-1)).toMatchObject({
    place: "-1004711",
    title: expect.stringContaining("Still there"),
  });
});

test("each refusal has its reason", async () => {
  const reasonOf = async (work: Promise<unknown>) => {
    const { reason, message } = await failureOf(work);
    return [reason, message];
  };
  const [lost] = await open({ chat_id: 12 });
  expect(await reasonOf(lost.deliver(aRequest()))).toEqual([
    "destination_not_found",
    "Telegram chat 12: status 400: Bad Request: chat not found",
  ]);
  const [expelled, telegram] = await open();
  telegram.expel(CHAT);
  expect(await reasonOf(expelled.deliver(aRequest()))).toEqual([
    "forbidden",
    expect.stringContaining("bot was kicked"),
  ]);
  const [wrong] = await open({ token: "123:wrong-plantedsecret" });
  expect(await reasonOf(wrong.deliver(aRequest()))).toEqual(["unauthorized", expect.stringContaining("401")]);
  const [malformed] = await open({ token: "plantedsecret/../x" });
  expect((await reasonOf(malformed.deliver(aRequest())))[0]).toBe("credential_unreadable");
});

test("too many messages are for later, as long as Telegram asks", async () => {
  const [notifier, telegram] = await open({}, { limit: { burst: 1, everyMs: 3_000 }, now: () => 0 });
  await notifier.deliver(aRequest());
  expect(await failureOf(notifier.deliver(aRequest()))).toMatchObject({ reason: "rate_limited", retryAfterMs: 3_000 });
  telegram.setRateLimited(31);
  expect(await failureOf(notifier.deliver(aRequest()))).toMatchObject({ class: "rate_limit", retryAfterMs: 31_000 });
  expect(telegram.refusals()).toEqual({ "429": 2 });
});

test.each([
  [{ kind: "status", status: 502 }, "server_error"],
  [{ kind: "status", status: 404 }, "destination_not_found"],
  [{ kind: "html" }, "invalid_answer"],
  [{ kind: "empty_object" }, "invalid_answer"],
  [{ kind: "wrong_types" }, "invalid_answer"],
  [{ kind: "refused" }, "unreachable"],
  [{ kind: "cut_short" }, "connection_lost"],
] as const)("%o is told as %s, without the token", async (fault, reason) => {
  const [notifier, telegram] = await open();
  await telegram.setFault(fault);
  const error = await failureOf(notifier.deliver(aRequest()));
  expect(error.reason).toBe(reason);
  expect(everythingOf(error)).not.toContain(telegram.token.split(":")[1]);
});

test("a token that Telegram does not even read is a wrong one", async () => {
  const handler = () => ({
    status: 404,
    body: JSON.stringify({ ok: false, error_code: 404, description: "Not Found" }),
  });
  const server = await startLabServer({ handler });
  const config = { type: "telegram", name: "chat", chat_id: 1, api_url: server.url, token: "1:short" };
  const notifier = await telegramNotifier.destination.parse(config).open({ externalUrl: "http://localhost:9797" });
  opened.push(notifier, server);
  expect((await failureOf(notifier.deliver(aRequest()))).reason).toBe("unauthorized");
});

test("a server that says the token back does not get it into the error", async () => {
  const handler = ({ path }: LabRequest) => ({
    status: 400,
    body: JSON.stringify({ ok: false, description: `Bad Request: ${path} ${encodeURIComponent(path)}` }),
  });
  const server = await startLabServer({ handler });
  const config = { type: "telegram", name: "chat", chat_id: 1, api_url: server.url, token: "1:plantedsecret-x" };
  const notifier = await telegramNotifier.destination.parse(config).open({ externalUrl: "http://localhost:9797" });
  opened.push(notifier, server);
  const error = await failureOf(notifier.deliver(aRequest()));
  expect(error.message).toContain("Bad Request: /bot<redacted>/sendMessage");
  expect(everythingOf(error)).not.toContain("plantedsecret");
});

test("the token is read anew each time", async () => {
  const folder = await mkdtemp(join(tmpdir(), "watchkeeper-telegram-"));
  const file = join(folder, "token");
  const [notifier, telegram] = await open({ token_file: file });
  await writeFile(file, "1:old");
  expect((await failureOf(notifier.deliver(aRequest()))).reason).toBe("unauthorized");
  await writeFile(file, `${telegram.token}\n`);
  expect((await notifier.deliver(aRequest())).answer).toBe("posted");
  await rm(folder, { recursive: true });
  expect((await failureOf(notifier.deliver(aRequest()))).reason).toBe("credential_unreadable");
});

test("chats are numbers or names", () => {
  const parse = (chat: unknown) =>
    telegramNotifier.destination.safeParse({ type: "telegram", name: "chat", token: "1:a", chat_id: chat }).success;
  expect([-1001, "-1001", "12", "@name_x"].map(parse)).toEqual([true, true, true, true]);
  expect(["name", "@a b", 1.5, ""].map(parse)).toEqual([false, false, false, false]);
});

test.each([
  { message_id: -1, chat: { id: CHAT } },
  { message_id: 1, chat: { id: -1 } },
  { message_id: 1.5, chat: { id: CHAT } },
])(
  "an answer about another chat or no message is none, so that nothing is looked for there later: %j",
  async (result) => {
    const server = await startLabServer({
      handler: () => ({ status: 200, body: JSON.stringify({ ok: true, result }) }),
    });
    const [notifier] = await open({ api_url: server.url });
    await expect(notifier.deliver(aRequest())).rejects.toMatchObject({ reason: "invalid_answer" });
    await server.close();
  },
);
