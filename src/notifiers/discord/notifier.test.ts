import { afterEach, beforeEach, expect, test } from "vitest";
import { DeliveryError } from "../../core/delivery-errors.ts";
import type { DeliveryReceipt, DeliveryRequest, Notifier } from "../../core/notifier.ts";
import { startDiscordStandIn, type DiscordStandIn } from "../../lab/channels/discord/discord-stand-in.ts";
import { startLabServer } from "../../lab/server.ts";
import {
  aClosedMessage,
  aMessage,
  aMessageWithEvidence,
  anAlert,
  aQuietMessage,
  aRequest,
} from "../shared/__fixtures__/messages.ts";
import { discordNotifier } from "./notifier.ts";

const THREAD = "1100000000000000777";

let discord: DiscordStandIn;
let notifier: Notifier;

beforeEach(async () => {
  discord = await startDiscordStandIn({ threads: [THREAD] });
  notifier = await open({ url: discord.url });
});

afterEach(async () => {
  await notifier.close();
  await discord.close();
});

const open = (config: object): Promise<Notifier> =>
  discordNotifier.destination
    .parse({ type: "discord", name: "ops", ...config })
    .open({ externalUrl: "https://watchkeeper.example.org" });

const opened = (): Promise<DeliveryReceipt> => notifier.deliver(aRequest());

async function failureOf(request: Partial<DeliveryRequest> = {}, from = notifier): Promise<DeliveryError> {
  const thrown: unknown = await from.deliver(aRequest(request)).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof DeliveryError)) throw new Error(`not a DeliveryError: ${String(thrown)}`);
  return thrown;
}

const titles = (): readonly string[] => discord.messages().map(({ title }) => title);

const grown = aMessage({
  changes: { firing: [anAlert({ summary: "Disk sdb is full" })], moreFiring: 0, closed: [], moreClosed: 0 },
  counts: { firing: 2, closed: 0, hidden: 0 },
});

test("posts a message that calls nobody, and keeps its id", async () => {
  const { remote, answer } = await opened();
  const [seen] = discord.messages();
  expect(remote).toEqual({ id: seen?.id });
  expect(answer).toBe(`posted as ${seen?.id}`);
  expect(seen?.title).toBe("🔥 [FIRING:1] DiskFull on db-1");
  expect(discord.requests[0]?.target).toMatch(/\?wait=true$/);
  expect(JSON.parse(discord.requests[0]?.body ?? "")).toMatchObject({
    allowed_mentions: { parse: [] },
    embeds: [{ color: 0xc62828, timestamp: "2026-11-20T10:00:00.000Z" }],
  });
});

test("posts to a thread, and edits there", async () => {
  const other = await open({ url: `${discord.url}/`, thread_id: THREAD });
  const { remote } = await other.deliver(aRequest());
  await other.deliver(aRequest({ action: "update", remote }));
  expect(discord.messages()).toMatchObject([{ place: `#alerts, thread ${THREAD}`, edits: [{}] }]);
  await other.close();
});

test("edits silently what only closes, and posts beside the edit what fires now", async () => {
  const { remote } = await opened();
  const closed = { firing: [], moreFiring: 0, closed: [anAlert({ state: "silenced" })], moreClosed: 0 };
  await notifier.deliver(aRequest({ action: "update", remote, message: aMessage({ changes: closed }) }));
  expect(discord.messages()).toMatchObject([
    { edits: [{}], text: expect.stringContaining("Over (silenced)") as string },
  ]);
  const receipt = await notifier.deliver(aRequest({ action: "update", remote, message: grown }));
  expect(receipt).toEqual({ remote, answer: `edited ${String(remote["id"])}` });
  expect(discord.messages()[1]).toMatchObject({
    title: "🔥 [FIRING:2] DiskFull on db-1, since 2026-11-20 10:00 UTC",
    text: "• New: Disk sdb is full [instance=db-1, disk=sda] (value 97)",
  });
});

test("reminds and closes by a short post, and closes the message itself", async () => {
  const { remote } = await opened();
  expect((await notifier.deliver(aRequest({ action: "remind", remote }))).remote).toEqual(remote);
  await notifier.deliver(aRequest({ action: "close", remote, message: aClosedMessage() }));
  expect(titles()).toEqual([
    "✅ [RESOLVED] DiskFull on db-1",
    "🔥 Still [FIRING:1] DiskFull on db-1, since 2026-11-20 10:00 UTC",
    "✅ [RESOLVED] DiskFull on db-1, over at 2026-11-20 12:05 UTC after 2 h 5 min",
  ]);
});

test("an edit of the plain form leaves no old box", async () => {
  const { remote } = await opened();
  await notifier.deliver(aRequest({ action: "update", remote, plain: true }));
  expect(JSON.parse(discord.requests[1]?.body ?? "")).toMatchObject({ embeds: [] });
});

test.each<[string, (id: string) => void]>([
  ["of a message that was deleted", (id) => discord.deleteMessage(id)],
  ["that is one too many of an old message", () => discord.refuseOldEdits(true)],
])("posts anew in place of an edit %s", async (_, happen) => {
  const { remote } = await opened();
  happen(String(remote["id"]));
  const receipt = await notifier.deliver(aRequest({ action: "close", remote, message: aClosedMessage() }));
  expect(receipt.remote["id"]).not.toBe(remote["id"]);
  expect(receipt.answer).toMatch(/^posted as \d+, because \d+ can not be edited$/);
  expect(titles().at(-1)).toBe("✅ [RESOLVED] DiskFull on db-1");
});

test.each([aMessageWithEvidence(), aQuietMessage()])("posts no evidence anew, found or not", async (message) => {
  const { remote } = await opened();
  discord.deleteMessage(String(remote["id"]));
  const receipt = await notifier.deliver(aRequest({ action: "update", remote, message }));
  expect(receipt).toMatchObject({ remote, answer: expect.stringContaining("not told") as string });
  expect(titles()).toEqual([]);
});

test("a new episode is a new message", async () => {
  const { remote } = await opened();
  await notifier.deliver(aRequest({ remote }));
  expect(discord.messages()).toMatchObject([{ edits: [] }, { edits: [] }]);
});

test("posts anew when no answer ever told where the message is", async () => {
  await notifier.deliver(aRequest({ action: "close", remote: undefined, message: aClosedMessage() }));
  expect(titles()).toEqual(["✅ [RESOLVED] DiskFull on db-1"]);
});

test.each<[string, () => void | Promise<void>, Partial<DeliveryError>]>([
  ["a rate limit", () => discord.setRateLimited(0.35), { reason: "rate_limited", retryAfterMs: 350 }],
  ["a webhook that was deleted", () => discord.deleteWebhook(), { reason: "destination_not_found" }],
  ["a fault of Discord's", () => discord.setFault({ kind: "status", status: 502 }), { reason: "server_error" }],
  ["a page of a proxy", () => discord.setFault({ kind: "html" }), { reason: "invalid_answer" }],
  ["a connection that breaks", () => discord.setFault({ kind: "reset" }), { reason: "connection_lost" }],
])("fails by %s", async (_, happen, wanted) => {
  await happen();
  expect(await failureOf()).toMatchObject(wanted);
});

test("a token or a thread that is none holds the destination back, and says what to do", async () => {
  const unknown = await open({ url: discord.url.replace(/[^/]+$/, "another-token") });
  expect(await failureOf({}, unknown)).toMatchObject({
    reason: "unauthorized",
    message: expect.stringContaining("Invalid Webhook Token (code 50027) (the address is not") as string,
  });
  const nowhere = await open({ url: discord.url, thread_id: "1100000000000000999" });
  expect(await failureOf({}, nowhere)).toMatchObject({
    reason: "destination_not_found",
    message: expect.stringContaining("check `thread_id`") as string,
  });
  await Promise.all([unknown.close(), nowhere.close()]);
});

test("says what Discord finds wrong with a message, and posts its plain form anew", async () => {
  const errors = {
    embeds: {
      0: { description: { _errors: [{ code: "BASE_TYPE_MAX_LENGTH", message: "Must be 4096 or fewer in length." }] } },
    },
  };
  const refused = { status: 400, body: JSON.stringify({ message: "Invalid Form Body", code: 50035, errors }) };
  const posted = { status: 200, body: JSON.stringify({ id: "2" }) };
  const server = await startLabServer({ handler: ({ method }) => (method === "PATCH" ? refused : posted) });
  const other = await open({ url: `${server.url}/api/webhooks/1/x` });
  const request = { action: "update", remote: { id: "1" } } as const;
  const error = await failureOf(request, other);
  expect(error.reason).toBe("message_rejected");
  expect(error.message).toContain("embeds.0.description: Must be 4096 or fewer in length.");
  expect((await other.deliver(aRequest({ ...request, plain: true }))).remote).toEqual({ id: "2" });
  await other.close();
  await server.close();
});

test("a post beside an edit that may have been taken is not repeated; one that was not fails the delivery", async () => {
  const remote = { id: "1" };
  const answers = [
    { status: 200, body: JSON.stringify({ id: "1" }) },
    { status: 500, body: "" },
    { status: 200, body: JSON.stringify({ id: "1" }) },
    { status: 429, body: JSON.stringify({ message: "You are being rate limited.", retry_after: 2, global: false }) },
  ];
  const server = await startLabServer({ handler: () => answers.shift() ?? "abort" });
  const other = await open({ url: `${server.url}/api/webhooks/1/x` });
  const request = { action: "update", remote, message: grown } as const;
  expect((await other.deliver(aRequest(request))).answer).toMatch(
    /the post beside it may be missing: POST \S+ status 500$/,
  );
  expect(await failureOf(request, other)).toMatchObject({ reason: "rate_limited", retryAfterMs: 2_000 });
  await other.close();
  await server.close();
});

test("shows the address in no error, even when the answer repeats it", async () => {
  const token = "planted-secret-of-a-webhook-0123456789";
  const server = await startLabServer({
    handler: ({ target }) => ({
      status: 403,
      body: JSON.stringify({ code: 0, message: `no ${target} and no ${token}` }),
    }),
  });
  const other = await open({ url: `${server.url}/api/webhooks/1/${token}` });
  const errors = [await failureOf({}, other)];
  await server.setFault({ kind: "refused" });
  errors.push(await failureOf({}, other));
  expect(errors.map(({ reason }) => reason)).toEqual(["forbidden", "unreachable"]);
  for (const { message, stack, cause } of errors)
    expect(JSON.stringify([message, stack, cause])).not.toContain("planted");
  await other.close();
  await server.close();
});
