import { afterEach, beforeEach, expect, test } from "vitest";
import { DeliveryError } from "../../core/delivery-errors.ts";
import type { Notifier } from "../../core/notifier.ts";
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
import { slackWebhookNotifier } from "./notifier.ts";

let slack: SlackStandIn;
let notifier: Notifier;

beforeEach(async () => {
  slack = await startSlackStandIn();
  notifier = await open(slack.webhookUrl);
});

afterEach(async () => {
  await notifier.close();
  await slack.close();
});

const open = (url: string): Promise<Notifier> =>
  slackWebhookNotifier.destination
    .parse({ type: "slack-webhook", name: "ops", url })
    .open({ externalUrl: "https://watchkeeper.example.org" });

async function failureOf(from = notifier, plain = false): Promise<DeliveryError> {
  const thrown: unknown = await from.deliver(aRequest({ plain })).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof DeliveryError)) throw new Error(`not a DeliveryError: ${String(thrown)}`);
  return thrown;
}

test("every action is a message of its own, because nothing that was posted can be changed", async () => {
  const changes = { firing: [anAlert({ summary: "Disk sdb is full" })], moreFiring: 0, closed: [], moreClosed: 0 };
  expect(await notifier.deliver(aRequest())).toEqual({ remote: {}, answer: "ok" });
  await notifier.deliver(aRequest({ action: "update", remote: {}, message: aMessage({ changes }) }));
  await notifier.deliver(aRequest({ action: "remind", remote: {} }));
  await notifier.deliver(aRequest({ action: "close", remote: {}, message: aClosedMessage() }));
  expect(slack.messages().map(({ title }) => title)).toEqual([
    "🔥 [FIRING:1] DiskFull on db-1",
    "🔥 [FIRING:1] DiskFull on db-1",
    "🔥 [FIRING:1] still: DiskFull on db-1",
    "✅ [RESOLVED] DiskFull on db-1",
  ]);
  expect(slack.messages()[1]?.text).toContain("New: Disk sdb is full");
});

test("the plain form is text alone", async () => {
  await notifier.deliver(aRequest({ plain: true }));
  expect(slack.requests[0]?.body).not.toContain("blocks");
  expect(slack.messages()[0]?.text).toContain("Runbook (https://runbooks.example.org/DiskFull)");
});

test.each<[string, (slack: SlackStandIn) => void | Promise<void>, Partial<DeliveryError>]>([
  ["a rate limit", (to) => to.setRateLimited(30), { reason: "rate_limited", retryAfterMs: 30_000 }],
  ["an archived channel", (to) => to.archiveChannel("alerts"), { reason: "destination_not_found" }],
  ["a login page", (to) => to.setFault({ kind: "html" }), { reason: "invalid_answer" }],
  ["a fault of Slack's", (to) => to.setFault({ kind: "status", status: 500 }), { reason: "server_error" }],
])("fails by %s", async (_, happen, wanted) => {
  await happen(slack);
  expect(await failureOf()).toMatchObject(wanted);
});

test.each([
  [404, "no_service", "destination_not_found"],
  [403, "invalid_token", "unauthorized"],
  [403, "action_prohibited", "forbidden"],
  [400, "invalid_payload", "message_rejected"],
  [400, "no_text", "message_rejected"],
  [500, "rollup_error", "server_error"],
])("takes %i %s for %s", async (status, body, reason) => {
  const server = await startLabServer({ handler: () => ({ status, body }) });
  const other = await open(`${server.url}/services/T1/B1/x`);
  expect(await failureOf(other)).toMatchObject({ reason, message: expect.stringContaining(body) as string });
  await other.close();
  await server.close();
});

test("an address that is none is a fault of the credential", async () => {
  const other = await open("hooks.slack.com/services/T1/B1/planted-secret");
  const error = await failureOf(other);
  expect(error).toMatchObject({ reason: "credential_unreadable" });
  expect(error.message).not.toContain("planted");
  await other.close();
});

test("shows the address in no error, even when the answer repeats it", async () => {
  const path = "/services/T1/B1/planted-secret-77";
  const server = await startLabServer({ handler: ({ target }) => ({ status: 403, body: `no right to ${target}` }) });
  const other = await open(`${server.url}${path}`);
  const errors = [await failureOf(other)];
  await server.setFault({ kind: "refused" });
  errors.push(await failureOf(other));
  expect(errors.map(({ reason }) => reason)).toEqual(["forbidden", "unreachable"]);
  for (const { message, stack, cause } of errors)
    expect(JSON.stringify([message, stack, cause])).not.toContain("planted");
  await other.close();
  await server.close();
});

test("evidence alone is told once in an episode, and says what it is", async () => {
  const { remote } = await notifier.deliver(aRequest());
  const told = await notifier.deliver(aRequest({ action: "update", remote, message: aMessageWithEvidence() }));
  const again = aRequest({ action: "update", remote: told.remote, message: aMessageWithEvidence() });
  expect(await notifier.deliver(again)).toEqual({ remote: told.remote, answer: "not sent: no alert came or went" });
  expect(slack.messages().map(({ title }) => title)).toEqual([
    "🔥 [FIRING:1] DiskFull on db-1",
    "🔥 [FIRING:1] what was found: DiskFull on db-1",
  ]);
});

test("evidence that stood in an earlier message is not told alone", async () => {
  const { changes: _, ...first } = aMessageWithEvidence();
  const { remote } = await notifier.deliver(aRequest({ message: first }));
  await notifier.deliver(aRequest({ action: "update", remote, message: aMessageWithEvidence() }));
  expect(slack.messages()).toHaveLength(1);
});

test("evidence that found nothing is not told alone, and does not keep what is found later from being told", async () => {
  const { remote } = await notifier.deliver(aRequest());
  const quiet = await notifier.deliver(aRequest({ action: "update", remote, message: aQuietMessage() }));
  expect(quiet).toEqual({ remote, answer: "not sent: no alert came or went" });
  const { remote: reminded } = await notifier.deliver(aRequest({ action: "remind", remote, message: aQuietMessage() }));
  await notifier.deliver(aRequest({ action: "update", remote: reminded, message: aMessageWithEvidence() }));
  expect(slack.messages().map(({ title }) => title)).toEqual([
    "🔥 [FIRING:1] DiskFull on db-1",
    "🔥 [FIRING:1] still: DiskFull on db-1",
    "🔥 [FIRING:1] what was found: DiskFull on db-1",
  ]);
});
