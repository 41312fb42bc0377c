import { afterEach, expect, test } from "vitest";
import { startNtfyStandIn, type NtfyStandInOptions } from "./ntfy-stand-in.ts";

const VIEW = { action: "view", label: "x", url: "https://example.org" };
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function start(options: NtfyStandInOptions = {}) {
  const ntfy = await startNtfyStandIn({ now: () => 0, ...options });
  opened.push(ntfy);
  const publish = async (body: object, headers: Record<string, string> = {}): Promise<unknown> =>
    (await fetch(ntfy.url, { method: "POST", headers, body: JSON.stringify(body) })).json();
  return { ntfy, publish };
}

test("a message of the same sequence takes the place of the one before", async () => {
  const { ntfy, publish } = await start();
  const first = await publish({ topic: "t", message: "a", title: "A", tags: ["fire"], sequence_id: "s" });
  expect(first).toMatchObject({ event: "message", topic: "t", sequence_id: "s", message: "a", priority: 3 });
  const actions = [{ action: "view", label: "Open", url: "https://example.org" }];
  await publish({ topic: "t", message: "b", sequence_id: "s", actions });
  await publish({ topic: "t", message: "c" });
  expect(ntfy.messages()).toMatchObject([
    { place: "t", text: "b\npriority 3 · [Open]", edits: [{ title: "A", text: "a\npriority 3 · fire" }] },
    { place: "t", text: "c\npriority 3" },
  ]);
});

test.each([
  [{ topic: "a/b" }, 40009],
  [{ topic: "docs" }, 40010],
  [{ topic: "t", priority: 6 }, 40007],
  [{ topic: "t", message: "x".repeat(4097) }, 40014],
  [{ topic: "t", message: "é".repeat(2049) }, 40014],
  [{ topic: "t", title: "x".repeat(1025) }, 40057],
  [{ topic: "t", tags: ["x".repeat(300), "y".repeat(300)] }, 40058],
  [{ topic: "t", sequence_id: "a b" }, 40049],
  [{ topic: "t", actions: [{ action: "view", label: "x" }] }, 40018],
  [{ topic: "t", actions: [VIEW, VIEW, VIEW, VIEW] }, 40018],
  [{ topic: "t", message: "x".repeat(20_000) }, 41303],
])("refuses case %# with the code %i", async (body, code) => {
  const { ntfy, publish } = await start();
  expect(await publish(body)).toMatchObject({ code, http: Math.floor(code / 100), error: expect.any(String) });
  expect(ntfy.messages()).toEqual([]);
});

test("knows its users and their topics", async () => {
  const { publish } = await start({ users: [{ authorization: "Bearer a", topics: ["mine"] }] });
  expect(await publish({ topic: "mine" }, { authorization: "Bearer a" })).toMatchObject({ topic: "mine" });
  expect(await publish({ topic: "other" }, { authorization: "Bearer a" })).toMatchObject({ http: 403 });
  expect(await publish({ topic: "mine" }, { authorization: "Bearer b" })).toMatchObject({ http: 401 });
  expect(await publish({ topic: "mine" })).toMatchObject({ http: 403 });
});

test("takes 60 requests of a visitor at once", async () => {
  const { ntfy, publish } = await start();
  for (let i = 0; i < 60; i += 1) await publish({ topic: "t" });
  expect(await publish({ topic: "t" })).toMatchObject({ code: 42901, http: 429 });
  expect([ntfy.messages().length, ntfy.refusals()]).toEqual([60, { "429": 1 }]);
});
