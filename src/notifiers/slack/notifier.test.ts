import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTemporaryFolder } from "../../../test/helpers/janitor.ts";
import { DeliveryError } from "../../core/delivery-errors.ts";
import type { DeliveryReceipt, DeliveryRequest, Notifier } from "../../core/notifier.ts";
import { startSlackStandIn, type SlackStandIn } from "../../lab/channels/slack/slack-stand-in.ts";
import { startLabServer } from "../../lab/server.ts";
import {
  aClosedMessage,
  aMessage,
  aMessageWithEvidence,
  anAlert,
  aQuietMessage,
  aRequest,
} from "../shared/__fixtures__/messages.ts";
import { slackNotifier } from "./notifier.ts";

const SECRET = "xoxb-planted-secret-9f2c";

let slack: SlackStandIn;
let notifier: Notifier;

beforeEach(async () => {
  slack = await startSlackStandIn();
  notifier = await open({ token: slack.token });
});

afterEach(async () => {
  await notifier.close();
  await slack.close();
});

const open = (config: object): Promise<Notifier> =>
  slackNotifier.destination
    .parse({ type: "slack", name: "ops", channel: "alerts", api_url: slack.url, ...config })
    .open({ externalUrl: "https://watchkeeper.example.org" });

const opened = (): Promise<DeliveryReceipt> => notifier.deliver(aRequest());

/** One more disk is full than the last message told. */
const grown = aMessage({
  alerts: [anAlert({ fingerprint: "b", summary: "Disk sdb of db-2 is 95 % full", where: {} }), anAlert()],
  counts: { firing: 2, closed: 0, hidden: 0 },
  changes: {
    firing: [anAlert({ fingerprint: "b", summary: "Disk sdb of db-2 is 95 % full", where: {} })],
    moreFiring: 0,
    closed: [],
    moreClosed: 0,
  },
});

async function failureOf(request: Partial<DeliveryRequest> = {}, from = notifier): Promise<DeliveryError> {
  const thrown: unknown = await from.deliver(aRequest(request)).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof DeliveryError)) throw new Error(`not a DeliveryError: ${String(thrown)}`);
  return thrown;
}

const bodies = (): readonly Record<string, unknown>[] =>
  slack.requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>);

test("posts a message with its key, and keeps the channel's id and the message's ts", async () => {
  const { remote, answer } = await opened();
  const [seen] = slack.messages();
  expect(remote).toEqual({ channel: slack.channelId("alerts"), ts: seen?.id });
  expect(answer).toBe(`posted in ${slack.channelId("alerts")} as ${seen?.id}`);
  expect(seen).toMatchObject({ place: "#alerts", title: "🔥 [FIRING:1] DiskFull on db-1", edits: [] });
  expect(seen?.text).toContain("Disk sda of db-1 is 97 % full (value 97)");
  expect(bodies()[0]).toMatchObject({
    channel: "alerts",
    parse: "none",
    link_names: false,
    unfurl_links: false,
    metadata: { event_type: "watchkeeper_alert", event_payload: { key: "conversation-1/episode-1/1" } },
  });
});

test("edits the message and tells the thread and the channel what fires now", async () => {
  const { remote } = await opened();
  const receipt = await notifier.deliver(aRequest({ action: "update", remote, message: grown }));
  expect(receipt).toEqual({ remote, answer: `edited ${String(remote["ts"])} in ${String(remote["channel"])}` });
  const [seen, ...others] = slack.messages();
  expect(others).toEqual([]);
  expect(seen?.title).toBe("🔥 [FIRING:2] DiskFull on db-1");
  expect(seen?.edits).toHaveLength(1);
  expect(seen?.thread.map(({ text }) => text)).toEqual(["🔥 FIRING:2\nNew: Disk sdb of db-2 is 95 % full (value 97)"]);
  expect(bodies()[2]).toMatchObject({ thread_ts: remote["ts"], reply_broadcast: true });
});

test("a new episode is a new message", async () => {
  const { remote } = await opened();
  await notifier.deliver(aRequest({ remote }));
  expect(slack.messages()).toMatchObject([{ edits: [] }, { edits: [] }]);
});

test("tells the thread alone what is over, and nothing when nothing changed", async () => {
  const { remote } = await opened();
  const changes = { firing: [], moreFiring: 0, closed: [anAlert({ state: "silenced" })], moreClosed: 0 };
  await notifier.deliver(aRequest({ action: "update", remote, message: aMessage({ changes }) }));
  await notifier.deliver(aRequest({ action: "update", remote }));
  expect(slack.messages()[0]).toMatchObject({
    thread: [{ text: "🔥 FIRING:1\nOver (silenced): Disk sda of db-1 is 97 % full (value 97)" }],
    edits: [{}, {}],
  });
  expect(bodies()[2]).toMatchObject({ reply_broadcast: false });
});

test("reminds in the thread so that the channel sees it", async () => {
  const { remote } = await opened();
  expect((await notifier.deliver(aRequest({ action: "remind", remote }))).remote).toEqual(remote);
  expect(slack.messages()).toHaveLength(1);
  expect(slack.messages()[0]?.edits).toEqual([]);
  expect(slack.messages()[0]?.thread[0]?.text).toContain(
    "Still [FIRING:1] DiskFull on db-1, since 2026-11-20 10:00 UTC",
  );
  expect(bodies()[1]).toMatchObject({ reply_broadcast: true });
});

test("closes the message and says in the thread how long it lasted and why it is over", async () => {
  const { remote } = await opened();
  await notifier.deliver(aRequest({ action: "close", remote, message: aClosedMessage() }));
  const [seen] = slack.messages();
  expect(seen?.title).toBe("✅ [RESOLVED] DiskFull on db-1");
  expect(seen?.thread.map(({ text }) => text)).toEqual([
    "✅ RESOLVED, over at 2026-11-20 12:05 UTC after 2 h 5 min\nOver (resolved): Disk sda of db-1 is 97 % full (value 97)",
  ]);
});

test("an edit of the plain form leaves no old blocks", async () => {
  const { remote } = await opened();
  await notifier.deliver(aRequest({ action: "update", remote, plain: true, message: aMessage({ title: "Plain" }) }));
  expect(bodies()[1]).toMatchObject({ blocks: [] });
  expect(slack.messages()[0]?.title).toBe("🔥 [FIRING:1] Plain");
});

test.each([
  ["a message that was deleted", (ts: string) => slack.deleteMessage(ts)],
  ["a workspace where nobody may edit", () => slack.closeEditWindow(true)],
])("posts anew in place of an edit: %s", async (_, happen) => {
  const { remote } = await opened();
  happen(String(remote["ts"]));
  const receipt = await notifier.deliver(aRequest({ action: "close", remote, message: aClosedMessage() }));
  expect(receipt.remote["ts"]).not.toBe(remote["ts"]);
  expect(receipt.answer).toMatch(/^posted in \w+ as [\d.]+, because [\d.]+ can not be edited$/);
  expect(slack.messages().at(-1)?.title).toBe("✅ [RESOLVED] DiskFull on db-1");
});

test("posts anew in place of an edit of another's message", async () => {
  const ts = slack.postAsSomebody("alerts", "hello");
  const remote = { channel: slack.channelId("alerts"), ts };
  await notifier.deliver(aRequest({ action: "update", remote }));
  expect(slack.messages().map(({ title }) => title)).toEqual(["hello", "🔥 [FIRING:1] DiskFull on db-1"]);
});

test("posts anew in place of a reminder of a message that is gone, and when no answer ever told where it is", async () => {
  const { remote } = await opened();
  slack.deleteMessage(String(remote["ts"]));
  await notifier.deliver(aRequest({ action: "remind", remote }));
  await notifier.deliver(aRequest({ action: "close", remote: undefined, message: aClosedMessage() }));
  expect(slack.messages().map(({ title }) => title)).toEqual([
    "🔥 [FIRING:1] DiskFull on db-1",
    "✅ [RESOLVED] DiskFull on db-1",
  ]);
});

test("posts to the channel of the configuration when that of the message is gone", async () => {
  const { remote } = await opened();
  await slack.close();
  slack = await startSlackStandIn({ channels: ["other"] });
  await notifier.close();
  notifier = await open({ token: slack.token, channel: "other" });
  const receipt = await notifier.deliver(aRequest({ action: "update", remote }));
  expect(receipt.remote["channel"]).toBe(slack.channelId("other"));
});

test.each<[string, () => void | Promise<void>, Partial<DeliveryError>]>([
  ["a rate limit", () => slack.setRateLimited(7), { reason: "rate_limited", retryAfterMs: 7_000 }],
  ["an archived channel", () => slack.archiveChannel("alerts"), { reason: "destination_not_found" }],
  ["a fault of Slack's", () => slack.setFault({ kind: "status", status: 503 }), { reason: "server_error" }],
  ["a login page", () => slack.setFault({ kind: "html" }), { reason: "invalid_answer" }],
  ["an answer without an answer", () => slack.setFault({ kind: "empty_object" }), { reason: "invalid_answer" }],
  ["a connection that breaks", () => slack.setFault({ kind: "reset" }), { reason: "connection_lost" }],
  ["a port that is closed", () => slack.setFault({ kind: "refused" }), { reason: "unreachable" }],
])("fails by %s", async (_, happen, wanted) => {
  await happen();
  expect(await failureOf()).toMatchObject(wanted);
});

test.each<[string, boolean, string]>([
  ["missing_scope", false, "forbidden"],
  ["not_in_channel", false, "forbidden"],
  ["restricted_action_read_only_channel", false, "forbidden"],
  ["token_revoked", false, "unauthorized"],
  ["invalid_blocks", false, "message_rejected"],
  ["msg_blocks_too_long", true, "message_rejected"],
  ["fatal_error", false, "server_error"],
  ["ratelimited", false, "rate_limited"],
  ["a_word_of_tomorrow", false, "message_rejected"],
  ["a_word_of_tomorrow", true, "invalid_answer"],
  ["<script>alert(1)</script>", false, "invalid_answer"],
])("takes Slack's %s, in the plain form %s, for %s", async (error, plain, reason) => {
  const server = await startLabServer({ handler: () => ({ status: 200, body: JSON.stringify({ ok: false, error }) }) });
  const other = await open({ token: slack.token, api_url: server.url });
  expect(await failureOf({ plain }, other)).toMatchObject({ reason });
  await other.close();
  await server.close();
});

test("posts the plain form anew when its edit is refused, because there is nothing plainer to try", async () => {
  const refused = { status: 200, body: JSON.stringify({ ok: false, error: "msg_too_long" }) };
  const posted = { status: 200, body: JSON.stringify({ ok: true, channel: "C1", ts: "2.0" }) };
  const server = await startLabServer({ handler: ({ path }) => (path === "/chat.update" ? refused : posted) });
  const other = await open({ token: slack.token, api_url: server.url });
  const request = { action: "update", remote: { channel: "C1", ts: "1.0" } } as const;
  expect(await failureOf(request, other)).toMatchObject({ reason: "message_rejected" });
  const { remote } = await other.deliver(aRequest({ ...request, plain: true }));
  expect(remote).toEqual({ channel: "C1", ts: "2.0" });
  await other.close();
  await server.close();
});

test.each<[string, object, Partial<DeliveryError>]>([
  ["an unknown token", { token: SECRET }, { reason: "unauthorized", class: "destination" }],
  ["a channel that is none", { channel: "#nowhere" }, { reason: "destination_not_found", class: "destination" }],
])("is held back by %s, and says what to do", async (_, config, wanted) => {
  const other = await open({ token: slack.token, ...config });
  const error = await failureOf({}, other);
  expect(error).toMatchObject(wanted);
  expect(error.message).toMatch(/^POST http:\S+\/chat.postMessage: Slack says \w+: check/);
  await other.close();
});

test("reads the token anew from its file, and says so when it is gone", async () => {
  const folder = await createTemporaryFolder("slack");
  const file = join(folder.path, "token");
  const other = await open({ token_file: file });
  expect(await failureOf({}, other)).toMatchObject({ reason: "credential_unreadable" });
  await writeFile(file, `${slack.token}\n`);
  await other.deliver(aRequest());
  expect(slack.messages()).toHaveLength(1);
  await other.close();
  await folder.remove();
});

test("a reply that was certainly not taken fails the delivery, which can be made again", async () => {
  const { remote } = await opened();
  const headers = { "retry-after": "3" };
  await slack.setFault({ kind: "status", status: 429, headers, path: "/api/chat.postMessage" });
  const error = await failureOf({ action: "update", remote, message: grown });
  expect(error).toMatchObject({ reason: "rate_limited", retryAfterMs: 3_000 });
  await slack.setFault(undefined);
  await notifier.deliver(aRequest({ action: "update", remote, message: grown }));
  expect(slack.messages()[0]?.thread).toHaveLength(1);
});

test("a reply that may have been taken is not repeated: the edit tells it", async () => {
  const { remote } = await opened();
  await slack.setFault({ kind: "reset", path: "/api/chat.postMessage" });
  const receipt = await notifier.deliver(aRequest({ action: "update", remote, message: grown }));
  expect(receipt.remote).toEqual(remote);
  expect(receipt.answer).toMatch(
    /^edited [\d.]+ in \w+; the thread may not tell it: POST \S+: the connection was closed/,
  );
  expect(slack.messages()[0]?.thread).toHaveLength(1);
});

test("ends with the attempt's time", async () => {
  await slack.setFault({ kind: "hang" });
  expect(await failureOf({ signal: AbortSignal.timeout(50) })).toMatchObject({ reason: "timeout" });
});

test("shows the token in no error, even when the answer repeats it", async () => {
  const other = await open({ token: SECRET });
  const errors = [await failureOf({}, other)];
  await slack.setFault({ kind: "status", status: 400, errors: [SECRET] });
  errors.push(await failureOf({}, other));
  await slack.setFault({ kind: "refused" });
  errors.push(await failureOf({}, other));
  await other.close();
  for (const error of errors) expect(JSON.stringify([error.message, error.stack, error.cause])).not.toContain(SECRET);
});

test("evidence alone is an edit that nobody is called for, and no message where there is none to edit", async () => {
  const { remote } = await opened();
  const request = { action: "update", remote, message: aMessageWithEvidence() } as const;
  await notifier.deliver(aRequest(request));
  expect(slack.messages()).toMatchObject([{ edits: [{}], thread: [] }]);
  expect(slack.messages()[0]?.text).toContain("All that was found (https://w.example.org/evidence/1f2e3d4c5b6a7988)");
  const gone = { channel: String(remote["channel"]), ts: "1.000001" };
  for (const message of [request.message, aQuietMessage()]) {
    const receipt = await notifier.deliver(aRequest({ ...request, message, remote: gone }));
    expect(receipt).toMatchObject({ remote: gone, answer: expect.stringContaining("can not be edited") as string });
  }
  expect(slack.messages()).toHaveLength(1);
});
