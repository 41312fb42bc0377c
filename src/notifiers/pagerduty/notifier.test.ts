import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { DeliveryError } from "../../core/delivery-errors.ts";
import type { Notifier, NotifierKind } from "../../core/notifier.ts";
import { createAuthority } from "../../lab/certificates.ts";
import {
  startPagerDutyStandIn,
  type PagerDutyStandIn,
  type PagerDutyStandInOptions,
} from "../../lab/channels/pagerduty/pagerduty-stand-in.ts";
import { startLabServer } from "../../lab/server.ts";
import { aClosedMessage, aMessage, anAlert, aRequest } from "../shared/__fixtures__/messages.ts";
import { dedupKeyOf } from "./message.ts";
import { pagerDutyNotifier, pagerDutyChangeNotifier } from "./notifier.ts";

const KEY = "PlantedKey0123456789abcdefABCDEF";
const HASH = createHash("sha256").update(KEY).digest("hex").slice(0, 16);
const DEDUP_KEY = dedupKeyOf(aMessage());

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function standIn(options?: PagerDutyStandInOptions): Promise<PagerDutyStandIn> {
  const started = await startPagerDutyStandIn(options);
  cleanups.push(() => started.close());
  return started;
}

async function open(url: string, kind: NotifierKind = pagerDutyNotifier, more: object = {}): Promise<Notifier> {
  const key = "routing_key_file" in more ? {} : { routing_key: KEY };
  const destination = kind.destination.parse({ type: kind.type, name: "pages", api_url: url, ...key, ...more });
  const notifier = await destination.open({ externalUrl: "https://watchkeeper.example.org" });
  cleanups.push(() => notifier.close());
  return notifier;
}

async function failureOf(work: Promise<unknown>): Promise<DeliveryError> {
  const error = await work.then(
    (value) => new TypeError(`did not fail but gave ${inspect(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DeliveryError)) throw error;
  expect(inspect(error, { depth: 10 }) + String(error.stack)).not.toContain(KEY);
  return error;
}

describe("an incident", () => {
  it("is opened, updated and resolved under one key", async () => {
    const service = await standIn();
    const notifier = await open(service.url);
    const first = await notifier.deliver(aRequest());
    expect(first).toEqual({ remote: { dedupKey: DEDUP_KEY, keyHash: HASH }, answer: "202 Event processed" });

    const two = aMessage({
      revision: 2,
      alerts: [anAlert(), anAlert({ fingerprint: "b", summary: "Disk sdb is full" })],
    });
    const second = await notifier.deliver(aRequest({ action: "update", message: two, remote: first.remote }));
    await notifier.deliver(aRequest({ action: "remind", message: two, remote: second.remote }));
    await notifier.deliver(aRequest({ action: "close", message: aClosedMessage(), remote: second.remote }));

    expect(service.events().map(({ action, effect, dedupKey }) => [action, effect, dedupKey])).toEqual([
      ["trigger", "opened", DEDUP_KEY],
      ["trigger", "updated", DEDUP_KEY],
      ["trigger", "updated", DEDUP_KEY],
      ["resolve", "resolved", DEDUP_KEY],
    ]);
    expect(service.messages()).toEqual([
      expect.objectContaining({ title: "DiskFull on db-1", isClosed: true, place: `service ${HASH}` }),
    ]);
  });

  it("that is sent twice is still one, and one that comes back is a new one", async () => {
    const service = await standIn();
    const notifier = await open(service.url);
    await notifier.deliver(aRequest());
    await notifier.deliver(aRequest({ mayRepeat: true }));
    await notifier.deliver(aRequest({ action: "close", message: aClosedMessage() }));
    await notifier.deliver(aRequest({ threadKey: "conversation-1/episode-2" }));
    expect(service.messages().map(({ isClosed }) => isClosed)).toEqual([true, false]);
  });

  it("is resolved by the key that it was opened with, though the group's key is another now", async () => {
    const service = await standIn();
    const notifier = await open(service.url);
    const { remote } = await notifier.deliver(aRequest());
    const message = aClosedMessage({ groupKey: "another" });
    await notifier.deliver(aRequest({ action: "close", message, remote }));
    expect(service.messages().map(({ isClosed }) => isClosed)).toEqual([true]);
  });

  it("whose routing key was replaced is told to be looked after by hand", async () => {
    const folder = await mkdtemp(join(tmpdir(), "watchkeeper-key-"));
    cleanups.push(() => rm(folder, { recursive: true }));
    const file = join(folder, "key");
    await writeFile(file, `${KEY}\n`);
    const service = await standIn();
    const notifier = await open(service.url, pagerDutyNotifier, { routing_key_file: file });
    const { remote } = await notifier.deliver(aRequest());
    await writeFile(file, "N".repeat(32));
    const { answer } = await notifier.deliver(aRequest({ action: "close", message: aClosedMessage(), remote }));
    expect(answer).toMatch(/^202 Event processed; the routing key was replaced .* by hand$/);
    expect(service.events().map(({ effect }) => effect)).toEqual(["opened", "dropped"]);
    expect(service.messages()).toEqual([expect.objectContaining({ isClosed: false })]);
  });

  it("may be sent over HTTPS to an address of one's own", async () => {
    const authority = await createAuthority();
    const folder = await mkdtemp(join(tmpdir(), "watchkeeper-ca-"));
    cleanups.push(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "ca.pem"), authority.certificatePem);
    const answer = { status: 202, body: '{"status":"success","message":"Event processed"}' };
    const service = await startLabServer({ authority, handler: () => answer });
    cleanups.push(() => service.close());
    const trusting = await open(service.url, pagerDutyNotifier, { ca_file: join(folder, "ca.pem") });
    expect((await trusting.deliver(aRequest())).answer).toBe("202 Event processed");
    const error = await failureOf((await open(service.url)).deliver(aRequest()));
    expect(error.reason).toBe("tls_untrusted");
  });
});

describe("a change event", () => {
  it("is posted once, and nothing more is sent of it", async () => {
    const service = await standIn();
    const notifier = await open(service.url, pagerDutyChangeNotifier);
    const { remote, answer } = await notifier.deliver(aRequest());
    expect(answer).toBe("202 Change event processed");
    for (const action of ["update", "remind", "close"] as const) {
      const receipt = await notifier.deliver(aRequest({ action, message: aClosedMessage(), remote }));
      expect(receipt).toEqual({ remote, answer: expect.stringMatching(/^nothing was sent: /) });
    }
    expect(service.events()).toMatchObject([{ action: "change", summary: "DiskFull on db-1", effect: "recorded" }]);
    expect(service.messages()).toMatchObject([{ place: `changes of service ${HASH}` }]);
  });

  it("is posted later when nobody knows whether it was taken", async () => {
    const service = await standIn();
    const notifier = await open(service.url, pagerDutyChangeNotifier);
    await notifier.deliver(aRequest({ action: "update", mayRepeat: true }));
    expect(service.events()).toHaveLength(1);
  });
});

describe("a refusal", () => {
  it("of a key that PagerDuty does not know concerns the destination, not the event", async () => {
    const service = await standIn({ routingKeys: ["x".repeat(32)] });
    const error = await failureOf((await open(service.url)).deliver(aRequest()));
    expect(error).toMatchObject({ reason: "unauthorized", class: "destination" });
    expect(error.message).toBe(
      `POST ${service.url}/v2/enqueue: status 400: Event object is invalid; Invalid routing key`,
    );
  });

  it("of a key of the wrong length concerns the destination too", async () => {
    const service = await standIn();
    const error = await failureOf(
      (await open(service.url, pagerDutyNotifier, { routing_key: "abc" })).deliver(aRequest()),
    );
    expect(error.reason).toBe("unauthorized");
    expect(error.message).toContain("should be 32 characters");
  });

  it.each([
    [400, "message_rejected", "message"],
    [403, "forbidden", "destination"],
    [404, "destination_not_found", "destination"],
    [413, "message_rejected", "message"],
    [429, "rate_limited", "rate_limit"],
    [500, "server_error", "retry"],
    [503, "server_error", "retry"],
    [200, "invalid_answer", "retry"],
    [302, "invalid_answer", "retry"],
  ] as const)("by status %i is %s", async (status, reason, kind) => {
    const service = await standIn();
    const headers = { "retry-after": "7" };
    await service.setFault({ kind: "status", status, errors: [`no ${KEY} here`], headers });
    const error = await failureOf((await open(service.url)).deliver(aRequest()));
    expect(error).toMatchObject({ reason, class: kind, retryAfterMs: 7_000 });
    expect(error.message).toContain(`status ${status}: no <redacted> here`);
  });

  it("for too many events is a matter of waiting", async () => {
    const service = await standIn();
    service.setRateLimited(30);
    const notifier = await open(service.url);
    expect(await failureOf(notifier.deliver(aRequest()))).toMatchObject({
      reason: "rate_limited",
      retryAfterMs: 30_000,
    });
    service.setRateLimited(undefined);
    await notifier.deliver(aRequest());
    expect(service.refusals()).toEqual({ 429: 1 });
  });

  it.each([
    ["refused", "unreachable"],
    ["reset", "connection_lost"],
    ["not_http", "invalid_answer"],
    ["html", "invalid_answer"],
  ] as const)("of a connection (%s) is %s", async (kind, reason) => {
    const service = await standIn();
    await service.setFault({ kind });
    expect((await failureOf((await open(service.url)).deliver(aRequest()))).reason).toBe(reason);
  });

  it("by silence ends with the attempt's time", async () => {
    const service = await standIn();
    await service.setFault({ kind: "hang" });
    const work = (await open(service.url)).deliver(aRequest({ signal: AbortSignal.timeout(100) }));
    expect((await failureOf(work)).reason).toBe("timeout");
  });

  it.each(['{"status":"succ', "{}", '{"status":null,"message":null}', '{"status":"success","dedup_key":"another"}'])(
    "is seen in a 202 that does not say that this event was taken: %s",
    async (body) => {
      const service = await startLabServer({ handler: () => ({ status: 202, body }) });
      cleanups.push(() => service.close());
      const error = await failureOf((await open(service.url)).deliver(aRequest()));
      expect(error.reason).toBe("invalid_answer");
    },
  );

  it("of a key file names the file", async () => {
    const service = await standIn();
    const notifier = await open(service.url, pagerDutyNotifier, { routing_key_file: "/nowhere/key" });
    const error = await failureOf(notifier.deliver(aRequest()));
    expect(error).toMatchObject({ reason: "credential_unreadable", message: expect.stringContaining("/nowhere/key") });
  });
});

describe("the configuration", () => {
  const parse = (more: object) =>
    pagerDutyNotifier.destination.safeParse({ type: "pagerduty", name: "pages", ...more });

  it("needs one key and has defaults for the rest", () => {
    const { data } = parse({ routing_key: KEY, rate: 60 });
    expect(data).toMatchObject({
      policy: { rate: { perSecond: 1, burst: 20 }, timeout: 15_000, giveUpAfter: 86_400_000 },
    });
    expect(parse({}).success).toBe(false);
    expect(parse({ routing_key: KEY, routing_key_file: "key" }).success).toBe(false);
    expect(parse({ routing_key: KEY, severity: "x" }).success).toBe(false);
    expect(parse({ routing_key: KEY, api_url: "events.pagerduty.com" }).success).toBe(false);
  });
});
