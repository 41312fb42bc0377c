import { afterEach, expect, test } from "vitest";
import { startLabServer, type LabServer } from "../../lab/server.ts";
import { slackConfig } from "./config.ts";
import { openSlackApi } from "./web-api.ts";

let server: LabServer | undefined;
afterEach(() => server?.close());

/** What is made of an answer to an edit. */
async function edit(answer: object): Promise<unknown> {
  server = await startLabServer({ handler: () => ({ status: 200, body: JSON.stringify(answer) }) });
  const given = { type: "slack", name: "ops", channel: "C1", token: "xoxb-test", api_url: server.url };
  const api = await openSlackApi(slackConfig.parse(given));
  const signal = AbortSignal.timeout(20_000);
  const place = { channel: "C1", ts: "1.2" };
  try {
    return await api.call("chat.update", { ...place, text: "disk full", blocks: [] }, { plain: false, signal });
  } finally {
    await api.close();
  }
}

test("an edit's answer names its place", async () => {
  expect(await edit({ ok: true, channel: "C1", ts: "1.2" })).toEqual({ channel: "C1", ts: "1.2" });
});

test.each([
  { ok: true, channel: "C1\u001B[31m", ts: "1.2" },
  { ok: true, channel: "C1", ts: "1.2\n" },
  // of another message than the one that is edited
  { ok: true, channel: "C1", ts: "9.9" },
])("an answer that is no place of this message is none: %j", async (answer) => {
  await expect(edit(answer)).rejects.toMatchObject({ reason: "invalid_answer" });
});
