import { afterEach, beforeEach, expect, test } from "vitest";
import { startDiscordStandIn, type DiscordStandIn } from "./discord-stand-in.ts";

const THREAD = "1100000000000000777";

let discord: DiscordStandIn;

beforeEach(async () => {
  discord = await startDiscordStandIn({ threads: [THREAD] });
});

afterEach(() => discord.close());

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

async function send(method: string, url: string, body: unknown): Promise<Answer> {
  const answer = await fetch(url, { method, body: typeof body === "string" ? body : JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? undefined : (JSON.parse(text) as Record<string, unknown>) };
}

const post = (body: unknown, query = "?wait=true"): Promise<Answer> => send("POST", `${discord.url}${query}`, body);
const edit = (id: unknown, body: unknown, query = ""): Promise<Answer> =>
  send("PATCH", `${discord.url}/messages/${String(id)}${query}`, body);

test("posts, edits, and keeps what was shown before", async () => {
  const { body } = await post({
    content: "**one**",
    embeds: [{ title: "t", description: "d", fields: [{ name: "n", value: "v" }] }],
  });
  expect((await edit(body?.["id"], { content: "[two](https://example.org) \\*", embeds: [] })).status).toBe(200);
  expect(discord.messages()).toMatchObject([
    {
      id: body?.["id"],
      place: "#alerts",
      title: "two (https://example.org) *",
      text: "",
      edits: [{ title: "one", text: "t\nd\nn: v" }],
    },
  ]);
});

test("tells the message only to who waits for it, and an edit keeps what it leaves out", async () => {
  expect(await post({ content: "x", embeds: [{ title: "old" }] }, "")).toEqual({ status: 204, body: undefined });
  await edit(discord.messages()[0]?.id, { content: "y" });
  expect(discord.messages()).toMatchObject([{ title: "y", text: "old" }]);
});

test("keeps threads apart", async () => {
  const { body } = await post({ content: "x" }, `?wait=true&thread_id=${THREAD}`);
  expect(body).toMatchObject({ channel_id: THREAD });
  expect((await edit(body?.["id"], { content: "y" })).body).toMatchObject({ code: 10008 });
  expect((await edit(body?.["id"], { content: "y" }, `?thread_id=${THREAD}`)).status).toBe(200);
  expect(await post({ content: "x" }, "?thread_id=1")).toMatchObject({ status: 404, body: { code: 10003 } });
});

test.each<[string, unknown, object]>([
  ["content", { content: "x".repeat(2_001) }, { content: { _errors: [{ code: "BASE_TYPE_MAX_LENGTH" }] } }],
  ["title", { embeds: [{ title: "x".repeat(257) }] }, { embeds: { 0: { title: { _errors: [{}] } } } }],
  ["description", { embeds: [{ description: "x".repeat(4_097) }] }, { embeds: { 0: { description: {} } } }],
  [
    "embeds together",
    { embeds: [{ description: "x".repeat(4_000) }, { description: "x".repeat(2_001) }] },
    { embeds: { _errors: [{ code: "MAX_EMBED_SIZE_EXCEEDED" }] } },
  ],
  ["list of embeds", { embeds: Array.from({ length: 11 }, () => ({ title: "x" })) }, { embeds: { _errors: [{}] } }],
])("refuses a %s that is too long", async (_, body, errors) => {
  expect(await post(body)).toMatchObject({ status: 400, body: { code: 50035, message: "Invalid Form Body", errors } });
});

test("refuses what is empty, no JSON or of another shape", async () => {
  expect(await post({ content: " " })).toMatchObject({ status: 400, body: { code: 50006 } });
  expect(await post("no JSON")).toMatchObject({ status: 400, body: { code: 50109 } });
  expect(await post({ content: 1 })).toMatchObject({ status: 400, body: { code: 50035 } });
  expect(discord.refusals()).toEqual({ 50006: 1, 50035: 1, 50109: 1 });
});

test("knows one webhook, one token, and the messages that were not taken away", async () => {
  const { body } = await post({ content: "x" });
  discord.refuseOldEdits(true);
  expect(await edit(body?.["id"], { content: "y" })).toMatchObject({ status: 429, body: { code: 30046 } });
  discord.deleteMessage(String(body?.["id"]));
  expect(await edit(body?.["id"], { content: "y" })).toMatchObject({ status: 404, body: { code: 10008 } });
  expect(await send("POST", `${discord.url}x`, { content: "x" })).toMatchObject({ status: 401, body: { code: 50027 } });
  discord.deleteWebhook();
  expect(await post({ content: "x" })).toMatchObject({ status: 404, body: { code: 10015 } });
});

test("holds back what comes too fast, when it is told to", async () => {
  const strict = await startDiscordStandIn({ enforceRates: true });
  const answers = await Promise.all(Array.from({ length: 50 }, () => send("POST", strict.url, { content: "x" })));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]?.body).toMatchObject({ message: "You are being rate limited.", retry_after: 1, global: false });
  expect(strict.messages()).toHaveLength(50 - refused.length);
  await strict.close();
});
