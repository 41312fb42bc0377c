import { createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startWebhookStandIn, type WebhookStandIn } from "./webhook-stand-in.ts";

const SECRET = "lab";
let receiver: WebhookStandIn;
beforeEach(async () => {
  receiver = await startWebhookStandIn({ secret: SECRET });
});
afterEach(() => receiver.close());

const document = (key: string, over: object = {}) => ({
  version: "1",
  action: "open",
  status: "firing",
  severity: "error",
  title: "DiskFull",
  since: "2026-11-20T10:00:00.000Z",
  counts: { firing: 1, closed: 0, hidden: 0 },
  alerts: [],
  moreAlerts: 1,
  links: { watchkeeper: "https://watchkeeper.example.org/1" },
  source: "homelab",
  groupKey: "k",
  thread: "t",
  revision: 1,
  idempotencyKey: key,
  ...over,
});

async function post(body: object, { at = Date.now(), key = "1", secret = SECRET } = {}): Promise<number> {
  const [text, timestamp] = [JSON.stringify(body), String(Math.floor(at / 1000))];
  const answer = await fetch(`${receiver.url}/any/path`, {
    method: "POST",
    headers: {
      "idempotency-key": key,
      "x-watchkeeper-timestamp": timestamp,
      "x-watchkeeper-signature": `sha256=${createHmac("sha256", secret).update(`${timestamp}.${text}`).digest("hex")}`,
    },
    body: text,
  });
  await answer.arrayBuffer();
  return answer.status;
}

test("takes each key once, in order, and counts its copies", async () => {
  expect(await post(document("1"))).toBe(202);
  expect(await post(document("2", { status: "resolved", action: "close" }), { key: "2" })).toBe(202);
  expect(await post(document("1"))).toBe(200);
  expect(receiver.bodies.map(({ idempotencyKey }) => idempotencyKey)).toEqual(["1", "2"]);
  expect([...receiver.copies()]).toEqual([
    ["1", 2],
    ["2", 1],
  ]);
  expect(receiver.messages()).toMatchObject([
    { title: "resolved: DiskFull", isClosed: true, edits: [{ title: "error: DiskFull" }] },
  ]);
});

test("takes nothing with a wrong or an old signature, another form, or without its key", async () => {
  expect(await post(document("1"), { secret: "other" })).toBe(401);
  expect(await post(document("1"), { at: Date.now() - 400_000 })).toBe(401);
  expect(await post(document("1", { version: "2" }))).toBe(422);
  expect(await post(document("1"), { key: "2" })).toBe(400);
  expect((await fetch(receiver.url)).status).toBe(405);
  expect([receiver.bodies, receiver.copies().size]).toEqual([[], 0]);
  expect(receiver.refusals()).toMatchObject({ "401 bad signature": 2, "405 method not allowed": 1 });
});
