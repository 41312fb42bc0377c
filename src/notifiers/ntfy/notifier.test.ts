import { afterEach, expect, test } from "vitest";
import type { Notifier } from "../../core/notifier.ts";
import type { LabRequest } from "../../lab/exchange.ts";
import { startLabServer } from "../../lab/server.ts";
import type { ChannelStandIn } from "../../lab/channels/stand-in.ts";
import { startNtfyStandIn, type NtfyStandInOptions } from "../../lab/channels/ntfy/ntfy-stand-in.ts";
import { everythingOf, failureOf } from "../shared/__fixtures__/failures.ts";
import {
  aClosedMessage,
  aMessage,
  aMessageWithEvidence,
  anAlert,
  aQuietMessage,
  aRequest,
} from "../shared/__fixtures__/messages.ts";
import { ntfyMessage } from "./message.ts";
import { ntfyNotifier } from "./notifier.ts";

const TOKEN = "tk_plantedsecret0123456789abcde";
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function open(options: NtfyStandInOptions = {}, login: object = {}): Promise<[Notifier, ChannelStandIn]> {
  const standIn = await startNtfyStandIn(options);
  const config = { type: "ntfy", name: "phone", url: standIn.url, topic: "alerts-x7", ...login };
  const notifier = await ntfyNotifier.destination.parse(config).open({ externalUrl: "http://localhost:9797" });
  opened.push(notifier, standIn);
  return [notifier, standIn];
}

test("a conversation is one message that changes and ends", async () => {
  const [notifier, standIn] = await open();
  const first = await notifier.deliver(aRequest());
  const changes = { firing: [anAlert({ summary: "Disk sdb is full" })], moreFiring: 0, closed: [], moreClosed: 0 };
  await notifier.deliver(aRequest({ action: "update", remote: first.remote, message: aMessage({ changes }) }));
  await notifier.deliver(aRequest({ action: "close", remote: undefined, message: aClosedMessage() }));
  const [seen, ...others] = standIn.messages();
  expect(others).toEqual([]);
  expect(seen).toMatchObject({ place: "alerts-x7", title: "[RESOLVED] DiskFull on db-1" });
  expect(seen?.edits.map(({ title }) => title)).toEqual(["[FIRING:1] DiskFull on db-1", "[FIRING:1] DiskFull on db-1"]);
  expect(seen?.edits[1]?.text).toContain("→ New: Disk sdb is full");
  expect(first.answer).toBe("published");
});

test("another episode is another message", async () => {
  const [notifier, standIn] = await open();
  await notifier.deliver(aRequest());
  await notifier.deliver(aRequest({ threadKey: "conversation-1/episode-2" }));
  expect(standIn.messages()).toHaveLength(2);
});

test("a server before 2.16 shows each as a new message, and the answer says so", async () => {
  const [notifier, standIn] = await open({ hasSequences: false });
  await notifier.deliver(aRequest());
  const { answer } = await notifier.deliver(aRequest({ action: "close", message: aClosedMessage() }));
  expect(standIn.messages()).toHaveLength(2);
  expect(answer).toContain("ntfy 2.16");
});

test("a token and a password open the topic, and a wrong one says what to do without saying itself", async () => {
  const users = [
    { authorization: `Bearer ${TOKEN}`, topics: ["alerts-x7"] },
    { authorization: `Basic ${Buffer.from("bot:s3cret").toString("base64")}`, topics: ["alerts-x7"] },
    { authorization: "Bearer tk_other", topics: ["other"] },
  ];
  const logins = [{ token: TOKEN }, { username: "bot", password: "s3cret" }];
  for (const login of logins) {
    const [notifier, standIn] = await open({ users }, login);
    await notifier.deliver(aRequest());
    expect(standIn.messages()).toHaveLength(1);
  }
  const refusals = [
    [{ token: `${TOKEN}x` }, "unauthorized"],
    [{ token: "tk_other" }, "forbidden"],
    [{}, "forbidden"],
  ] as const;
  for (const [login, reason] of refusals) {
    const [notifier] = await open({ users }, login);
    const error = await failureOf(notifier.deliver(aRequest()));
    expect([error.reason, error.class]).toEqual([reason, "destination"]);
    expect(error.message).not.toContain("tk_");
  }
});

test.each([
  ["token", { token: TOKEN }],
  ["password", { username: "bot", password: TOKEN }],
])("a server that says the %s back does not get it into the error", async (_, login) => {
  const handler = ({ headers: { authorization = "" } }: LabRequest) => {
    const decoded = Buffer.from(authorization.split(" ")[1] ?? "", "base64").toString();
    return { status: 403, body: JSON.stringify({ code: 40301, http: 403, error: `not ${authorization} ${decoded}` }) };
  };
  const server = await startLabServer({ handler });
  const config = { type: "ntfy", name: "phone", url: server.url, topic: "alerts", ...login };
  const notifier = await ntfyNotifier.destination.parse(config).open({ externalUrl: "http://localhost:9797" });
  opened.push(notifier, server);
  const error = await failureOf(notifier.deliver(aRequest()));
  expect(error.message).toContain("not ");
  expect(everythingOf(error)).not.toContain(TOKEN);
  expect(everythingOf(error)).not.toContain(Buffer.from(`bot:${TOKEN}`).toString("base64"));
});

test("too many requests are for later, and the wait that was asked for is kept", async () => {
  const [notifier, standIn] = await open({ limit: { burst: 1, everyMs: 5_000 } });
  await notifier.deliver(aRequest());
  const limited = await failureOf(notifier.deliver(aRequest({ threadKey: "other" })));
  expect([limited.class, limited.retryAfterMs]).toEqual(["rate_limit", undefined]);
  standIn.setRateLimited(7);
  expect((await failureOf(notifier.deliver(aRequest()))).retryAfterMs).toBe(7000);
  expect(standIn.refusals()).toEqual({ "429": 2 });
});

test.each([
  [{ kind: "status", status: 503 }, "server_error"],
  [{ kind: "status", status: 413 }, "message_rejected"],
  [{ kind: "html" }, "invalid_answer"],
  [{ kind: "empty_object" }, "invalid_answer"],
  [{ kind: "refused" }, "unreachable"],
  [{ kind: "reset" }, "connection_lost"],
] as const)("%o is told as %s", async (fault, reason) => {
  const [notifier, standIn] = await open();
  await standIn.setFault(fault);
  expect((await failureOf(notifier.deliver(aRequest()))).reason).toBe(reason);
});

test("a server that does not answer ends with the attempt's time", async () => {
  const [notifier, standIn] = await open();
  await standIn.setFault({ kind: "hang" });
  const error = await failureOf(notifier.deliver(aRequest({ signal: AbortSignal.timeout(50) })));
  expect(error.reason).toBe("timeout");
});

test.each([
  [{ token: "a", token_file: "b" }, "keep one of the two"],
  [{ username: "a" }, "needs password"],
  [{ password: "a" }, "needs username"],
  [{ username: "a", password: "b", token: "c" }, "stands beside a token"],
  [{ topic: "a/b" }, "letters, digits"],
])("%o is a fault of the configuration", (wrong, message) => {
  const result = ntfyNotifier.destination.safeParse({ type: "ntfy", name: "phone", topic: "alerts", ...wrong });
  expect(result.error?.issues.map((issue) => issue.message).join()).toContain(message);
});

test("evidence alone changes the message without a sound, and is nothing for a server that can not change it", async () => {
  const [notifier, standIn] = await open();
  const { remote } = await notifier.deliver(aRequest());
  const request = aRequest({ action: "update", remote, message: aMessageWithEvidence() });
  await notifier.deliver(request);
  expect(standIn.messages()).toMatchObject([{ edits: [{}] }]);
  expect(ntfyMessage("alerts-x7", request)).toMatchObject({ priority: 2 });
  const [former, old] = await open({ hasSequences: false });
  const first = await former.deliver(aRequest());
  for (const message of [request.message, aQuietMessage()]) {
    const receipt = await former.deliver({ ...request, message, remote: first.remote });
    expect(receipt).toMatchObject({ remote: first.remote, answer: expect.stringContaining("not sent") as string });
  }
  expect(old.messages()).toHaveLength(1);
});
