import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Notifier } from "../../core/notifier.ts";
import type { LabHandler } from "../../lab/exchange.ts";
import { startLabServer } from "../../lab/server.ts";
import {
  startWebhookStandIn,
  type WebhookStandIn,
  type WebhookStandInOptions,
} from "../../lab/channels/webhook/webhook-stand-in.ts";
import { everythingOf, failureOf } from "../shared/__fixtures__/failures.ts";
import { aClosedMessage, aMessage, anAlert, aRequest } from "../shared/__fixtures__/messages.ts";
import { webhookNotifier } from "./notifier.ts";

const PATH = "/hooks/planted-secret-token?key=planted-secret-key";
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function openAt(config: object): Promise<Notifier> {
  const destination = webhookNotifier.destination.parse({ type: "webhook", name: "hook", ...config });
  const notifier = await destination.open({ externalUrl: "http://localhost:9797" });
  opened.push(notifier);
  return notifier;
}

async function open(options: WebhookStandInOptions = {}, config: object = {}): Promise<[Notifier, WebhookStandIn]> {
  const receiver = await startWebhookStandIn(options);
  opened.push(receiver);
  return [await openAt({ url: `${receiver.url}${PATH}`, ...config }), receiver];
}

/** A receiver that answers everything alike. */
async function openAnswering(handler: LabHandler, config: object = {}): Promise<Notifier> {
  const server = await startLabServer({ handler });
  opened.push(server);
  return openAt({ url: `${server.url}${PATH}`, ...config });
}

/** HMAC by its definition: https://www.rfc-editor.org/rfc/rfc2104#section-2 */
function hmac(key: string, text: string): string {
  const sha256 = (...parts: (string | Buffer)[]): Buffer =>
    parts.reduce<ReturnType<typeof createHash>>((hash, part) => hash.update(part), createHash("sha256")).digest();
  const bytes = Buffer.byteLength(key) > 64 ? sha256(key) : Buffer.from(key);
  const padded = Buffer.concat([bytes], 64);
  const inner = sha256(padded.map((byte) => byte ^ 0x36) as Buffer, text);
  return sha256(padded.map((byte) => byte ^ 0x5c) as Buffer, inner).toString("hex");
}

test("each step is posted with its key, in order", async () => {
  const [notifier, receiver] = await open();
  const changes = { firing: [anAlert({ summary: "Disk sdb is full" })], moreFiring: 0, closed: [], moreClosed: 0 };
  const { answer } = await notifier.deliver(aRequest());
  await notifier.deliver(
    aRequest({ action: "update", idempotencyKey: "1/2", message: aMessage({ changes, revision: 2 }) }),
  );
  await notifier.deliver(aRequest({ action: "close", idempotencyKey: "1/3", message: aClosedMessage() }));
  expect(answer).toBe('status 202: {"ok":true}');
  expect(receiver.bodies.map(({ action, revision }) => [action, revision])).toEqual([
    ["open", 1],
    ["update", 2],
    ["close", 3],
  ]);
  expect(receiver.messages()).toMatchObject([
    { place: "homelab", title: "resolved: DiskFull on db-1", isClosed: true, edits: [{}, {}] },
  ]);
  expect(receiver.requests[0]).toMatchObject({
    method: "POST",
    target: PATH,
    headers: { "content-type": "application/json", "idempotency-key": "conversation-1/episode-1/1" },
  });
});

test("a repeat has the same key and body, so that the receiver takes it once", async () => {
  const [notifier, receiver] = await open();
  await receiver.setFault({ kind: "reset" });
  expect((await failureOf(notifier.deliver(aRequest()))).reason).toBe("connection_lost");
  await receiver.setFault(undefined);
  await notifier.deliver(aRequest({ mayRepeat: true }));
  expect(receiver.bodies).toHaveLength(1);
  expect([...receiver.copies().values()]).toEqual([2]);
  expect(receiver.requests[0]?.body).toBe(receiver.requests[1]?.body);
});

test("the signature is the HMAC of timestamp and body, as anybody else works it out", async () => {
  for (const secret of ["short", "a key that is longer than the block of SHA-256, which is sixty-four bytes, by far"]) {
    const [notifier, receiver] = await open({ secret }, { secret });
    await notifier.deliver(aRequest({ message: aMessage({ title: "Gerät außer Betrieb 🔥" }) }));
    const [request] = receiver.requests;
    const timestamp = String(request?.headers["x-watchkeeper-timestamp"]);
    const digest = hmac(secret, `${timestamp}.${request?.body}`);
    expect(request?.headers["x-watchkeeper-signature"]).toBe(`sha256=${digest}`);
    expect(Math.abs(Date.now() / 1000 - Number(timestamp))).toBeLessThan(60);
    expect(receiver.bodies).toHaveLength(1);
  }
});

test("a receiver with another key refuses it", async () => {
  const [notifier, receiver] = await open({ secret: "a" }, { secret: "planted-secret-hmac" });
  const error = await failureOf(notifier.deliver(aRequest()));
  expect(error.reason).toBe("unauthorized");
  expect(everythingOf(error)).not.toContain("planted");
  expect(receiver.bodies).toEqual([]);
  expect(receiver.refusals()).toEqual({ "401 bad signature": 1 });
});

test("URL, headers and key may be in files, which are read anew each time", async () => {
  const folder = await mkdtemp(join(tmpdir(), "watchkeeper-webhook-"));
  const [url, value, secret] = [join(folder, "url"), join(folder, "value"), join(folder, "secret")];
  const receiver = await startWebhookStandIn({ secret: "k2" });
  const notifier = await openAt({
    url_file: url,
    secret_file: secret,
    headers: [{ name: "Authorization", value_file: value }],
  });
  opened.push(receiver);
  await writeFile(url, "no url with planted-secret");
  const malformed = await failureOf(notifier.deliver(aRequest()));
  expect(malformed.reason).toBe("credential_unreadable");
  expect(everythingOf(malformed)).not.toContain("planted");
  await Promise.all([writeFile(url, `${receiver.url}/x\n`), writeFile(value, "Bearer t\n"), writeFile(secret, "k2\n")]);
  await notifier.deliver(aRequest());
  expect(receiver.requests[0]?.headers.authorization).toBe("Bearer t");
  await rm(folder, { recursive: true });
  expect((await failureOf(notifier.deliver(aRequest()))).class).toBe("destination");
});

test.each([
  [401, "unauthorized"],
  [403, "forbidden"],
  [404, "destination_not_found"],
  [405, "destination_not_found"],
  [410, "destination_not_found"],
  [400, "message_rejected"],
  [409, "message_rejected"],
  [413, "message_rejected"],
  [422, "message_rejected"],
  [302, "invalid_answer"],
  [500, "server_error"],
])("status %i is told as %s", async (status, reason) => {
  const notifier = await openAnswering(() => ({ status, body: "why not" }));
  const error = await failureOf(notifier.deliver(aRequest()));
  expect(error.reason).toBe(reason);
  expect(error.message).toContain(status === 302 ? "redirect" : "why not");
});

test.each([200, 201, 202, 204])("status %i is enough", async (status) => {
  const notifier = await openAnswering(() => ({ status }));
  expect((await notifier.deliver(aRequest())).answer).toBe(`status ${status}`);
});

test("409 is a known message, but only if it may have arrived before", async () => {
  const notifier = await openAnswering(() => ({ status: 409 }));
  expect((await notifier.deliver(aRequest({ mayRepeat: true }))).answer).toContain("has this message already");
  expect((await failureOf(notifier.deliver(aRequest()))).class).toBe("message");
});

test.each([429, 503])("a wait that is asked for with %i is kept", async (status) => {
  const notifier = await openAnswering(() => ({ status, headers: { "retry-after": "12" } }));
  expect((await failureOf(notifier.deliver(aRequest()))).retryAfterMs).toBe(12_000);
});

test.each([
  ["refused", "unreachable"],
  ["cut_short", "connection_lost"],
] as const)("a connection that is %s is told as %s, without the URL", async (kind, reason) => {
  const [notifier, receiver] = await open();
  await receiver.setFault({ kind });
  const error = await failureOf(notifier.deliver(aRequest()));
  expect(error.reason).toBe(reason);
  expect(everythingOf(error)).not.toContain("planted");
});

test("a receiver that says everything back does not get a secret into error or answer", async () => {
  const headers = [{ name: "X-Token", value: "Token planted-secret-header" }];
  for (const status of [200, 400]) {
    const notifier = await openAnswering(
      ({ target, path, headers }) => ({
        status,
        body: `no: ${JSON.stringify(headers["x-token"])} ${target} ${path.split("/").at(-1)} planted-secret-hmac`,
      }),
      { headers, secret: "planted-secret-hmac" },
    );
    const work = notifier.deliver(aRequest());
    const said = status === 200 ? (await work).answer : everythingOf(await failureOf(work));
    expect(said).toContain("no: ");
    expect(said).not.toContain("planted");
  }
});

test.each([
  [{ url: "ftp://example.org/x" }, "http:// or https://"],
  [{ url: "https://user:pass@example.org/x" }, "without a user name"],
  [{ url: "https://a.example.org", url_file: "x" }, "keep one of the two"],
  [{}, "needs url or url_file"],
  [{ url: "https://a.example.org", secret: "a", secret_file: "b" }, "keep one of the two"],
  [{ url: "https://a.example.org", headers: [{ name: "Idempotency-Key", value: "x" }] }, "sets itself"],
  [{ url: "https://a.example.org", headers: [{ name: "a b", value: "x" }] }, "name of an HTTP header"],
  [
    {
      url: "https://a.example.org",
      headers: [
        { name: "a", value: "x" },
        { name: "A", value: "y" },
      ],
    },
    "twice",
  ],
])("%o is a fault of the configuration", (wrong, message) => {
  const result = webhookNotifier.destination.safeParse({ type: "webhook", name: "hook", ...wrong });
  expect(result.error?.issues.map((issue) => issue.message).join()).toContain(message);
});
