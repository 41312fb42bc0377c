import { afterEach, expect, test } from "vitest";
import type { Notifier } from "../../core/notifier.ts";
import { startGotifyStandIn, type GotifyStandIn } from "../../lab/channels/gotify/gotify-stand-in.ts";
import type { LabRequest } from "../../lab/exchange.ts";
import { startLabServer } from "../../lab/server.ts";
import { everythingOf, failureOf } from "../shared/__fixtures__/failures.ts";
import {
  aClosedMessage,
  aMessage,
  aMessageWithEvidence,
  anAlert,
  aQuietMessage,
  aRequest,
} from "../shared/__fixtures__/messages.ts";
import { gotifyNotifier } from "./notifier.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function openAt(url: string, token: string): Promise<Notifier> {
  const destination = gotifyNotifier.destination.parse({ type: "gotify", name: "phone", url, token });
  const notifier = await destination.open({ externalUrl: "http://localhost:9797" });
  opened.push(notifier);
  return notifier;
}

async function open(): Promise<[Notifier, GotifyStandIn]> {
  const gotify = await startGotifyStandIn();
  opened.push(gotify);
  return [await openAt(`${gotify.url}/`, gotify.token), gotify];
}

const changes = { firing: [anAlert({ summary: "Disk sdb is full" })], moreFiring: 0, closed: [], moreClosed: 0 };

test("each step of a conversation is a message", async () => {
  const [notifier, gotify] = await open();
  const { remote, answer } = await notifier.deliver(aRequest());
  await notifier.deliver(aRequest({ action: "update", remote, message: aMessage({ changes }) }));
  await notifier.deliver(aRequest({ action: "remind", remote }));
  await notifier.deliver(aRequest({ action: "close", remote, message: aClosedMessage() }));
  expect([remote, answer]).toEqual([{ id: 1 }, "sent as message 1"]);
  expect(gotify.messages().map(({ title }) => title)).toEqual([
    "[FIRING:1] DiskFull on db-1",
    "[FIRING:1] DiskFull on db-1",
    "[FIRING:1] DiskFull on db-1",
    "[RESOLVED] DiskFull on db-1",
  ]);
  expect(gotify.messages()[1]?.text).toContain("→ New: Disk sdb is full [instance=db-1, disk=sda] (value 97)");
});

test("an update without an alert that came or went is not sent, unless nobody knows whether the first one was", async () => {
  const [notifier, gotify] = await open();
  const message = aMessage({ changes: { ...changes, firing: [] } });
  const skipped = await notifier.deliver(aRequest({ action: "update", remote: { id: 1 }, message }));
  expect(skipped).toEqual({ remote: { id: 1 }, answer: "not sent: no alert came or went" });
  expect(gotify.messages()).toEqual([]);
  await notifier.deliver(aRequest({ action: "update", message }));
  expect(gotify.messages()).toHaveLength(1);
});

test("a wrong token is told, without saying it", async () => {
  const [, gotify] = await open();
  const error = await failureOf((await openAt(gotify.url, "plantedsecret")).deliver(aRequest()));
  expect([error.reason, error.message]).toEqual([
    "unauthorized",
    expect.stringContaining("you need to provide a valid access token"),
  ]);
  expect(everythingOf(error)).not.toContain("plantedsecret");
  const handler = ({ headers }: LabRequest) => ({
    status: 403,
    body: JSON.stringify({ errorDescription: `no ${String(headers["x-gotify-key"])}` }),
  });
  const echo = await startLabServer({ handler });
  opened.push(echo);
  const echoed = await failureOf((await openAt(echo.url, "plantedsecret")).deliver(aRequest()));
  expect(echoed.message).toContain("no <redacted>");
  expect(everythingOf(echoed)).not.toContain("plantedsecret");
});

test.each([
  [{ kind: "status", status: 500 }, "server_error"],
  [{ kind: "status", status: 404 }, "destination_not_found"],
  [{ kind: "status", status: 400 }, "message_rejected"],
  [{ kind: "html" }, "invalid_answer"],
  [{ kind: "wrong_types" }, "invalid_answer"],
  [{ kind: "refused" }, "unreachable"],
  [{ kind: "reset" }, "connection_lost"],
] as const)("%o is told as %s", async (fault, reason) => {
  const [notifier, gotify] = await open();
  await gotify.setFault(fault);
  expect((await failureOf(notifier.deliver(aRequest()))).reason).toBe(reason);
});

test("a limit of a proxy is kept", async () => {
  const [notifier, gotify] = await open();
  gotify.setRateLimited(9);
  expect(await failureOf(notifier.deliver(aRequest()))).toMatchObject({ reason: "rate_limited", retryAfterMs: 9_000 });
  gotify.setRateLimited(undefined);
  await notifier.deliver(aRequest());
  expect(gotify.refusals()).toEqual({ "429": 1 });
});

test("evidence alone is not sent", async () => {
  const [notifier, gotify] = await open();
  const { remote } = await notifier.deliver(aRequest());
  for (const message of [aMessageWithEvidence(), aQuietMessage()])
    await notifier.deliver(aRequest({ action: "update", remote, message }));
  expect(gotify.messages()).toHaveLength(1);
});
