import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  aClosedMessage,
  aMessage,
  aMessageWithEvidence,
  anAlert,
  aQuietMessage,
  aRequest,
} from "../shared/__fixtures__/messages.ts";
import { failureOf, LOGIN, MailRoom } from "../../../test/helpers/mail-room.ts";
import { emailNotifier } from "./notifier.ts";

let room: MailRoom;
beforeAll(async () => {
  room = await MailRoom.create();
  return () => room.remove();
});
afterEach(() => room.tidy());

describe("mail", () => {
  it("goes over STARTTLS to all recipients, and says what the server said", async () => {
    const server = await room.server();
    const receipt = await (await room.open(server)).deliver(aRequest());
    expect(receipt.answer).toBe("250 OK: message queued");
    expect(server.mails()).toEqual([
      expect.objectContaining({
        recipients: ["one@example.org", "two@example.org"],
        subject: "[FIRING:1] DiskFull on db-1",
        messageId: receipt.remote["messageId"],
      }),
    ]);
    expect(server.messages()).toMatchObject([{ place: "one@example.org, two@example.org" }]);
  });

  it("of one episode is one conversation, with one subject but for the status", async () => {
    const server = await room.server();
    const notifier = await room.open(server);
    const { remote } = await notifier.deliver(aRequest());
    const two = aMessage({ title: "DiskFull on 2 hosts", counts: { firing: 2, closed: 0, hidden: 0 } });
    const send = async (action: "update" | "remind" | "close", message: typeof two) =>
      notifier.deliver(aRequest({ action, message, remote, idempotencyKey: action }));
    await send("update", two);
    await send("remind", two);
    await send("close", aClosedMessage({ title: "DiskFull" }));
    expect(server.mails().map(({ subject }) => subject)).toEqual([
      "[FIRING:1] DiskFull on db-1",
      "[FIRING:2] DiskFull on db-1",
      "[FIRING:2] DiskFull on db-1",
      "[RESOLVED] DiskFull on db-1",
    ]);
    const [conversation, ...more] = server.messages();
    expect(more).toEqual([]);
    expect(conversation?.thread).toHaveLength(3);
    for (const { headers } of server.mails())
      expect(headers.get("in-reply-to")).toBe(server.mails()[0]?.headers.get("references"));
  });

  it("of the next episode is another conversation", async () => {
    const server = await room.server();
    const notifier = await room.open(server);
    await notifier.deliver(aRequest());
    await notifier.deliver(aRequest({ idempotencyKey: "b", threadKey: "conversation-1/episode-2" }));
    expect(server.messages()).toHaveLength(2);
  });

  it("is not sent when no alert came or went, unless nobody knows what was told before", async () => {
    const server = await room.server();
    const notifier = await room.open(server);
    const { remote } = await notifier.deliver(aRequest());
    const message = aMessage({ changes: { firing: [], moreFiring: 0, closed: [], moreClosed: 0 } });
    const update = aRequest({ action: "update", message, remote, idempotencyKey: "b" });
    expect(await notifier.deliver(update)).toEqual({ remote, answer: "not sent: no alert came or went" });
    await notifier.deliver({ ...update, remote: undefined });
    await notifier.deliver({ ...update, action: "remind", idempotencyKey: "c" });
    expect(server.mails()).toHaveLength(3);
  });

  it("tells evidence by itself once, in the conversation, and again only beside something else", async () => {
    const server = await room.server();
    const notifier = await room.open(server);
    const { remote } = await notifier.deliver(aRequest());
    const quiet = aRequest({ action: "update", message: aQuietMessage(), remote, idempotencyKey: "a" });
    expect(await notifier.deliver(quiet)).toEqual({ remote, answer: "not sent: no alert came or went" });
    const update = aRequest({ action: "update", message: aMessageWithEvidence(), remote, idempotencyKey: "b" });
    const told = await notifier.deliver(update);
    const again = { ...update, remote: told.remote, idempotencyKey: "c" };
    expect(await notifier.deliver(again)).toEqual({ remote: told.remote, answer: "not sent: no alert came or went" });
    expect(server.mails()).toHaveLength(2);
    const [first, followUp] = server.mails();
    expect(followUp?.threadId).toBe(first?.threadId);
    expect(first?.text).not.toContain("What was found");
    expect(followUp?.text).toContain("What was found\n  14 lines say no space left, none before");
    const changes = { firing: [], moreFiring: 1, closed: [], moreClosed: 0, hasNewEvidence: true } as const;
    await notifier.deliver({ ...again, message: aMessageWithEvidence({ changes }) });
    expect(server.mails()).toHaveLength(3);
  });

  it("that is sent again has the same Message-ID, from every replica", async () => {
    const server = await room.server();
    const { remote } = await (await room.open(server)).deliver(aRequest());
    await (await room.open(server)).deliver(aRequest({ mayRepeat: true }));
    expect(server.mails()).toHaveLength(1);
    expect(server.copies(String(remote["messageId"]))).toBe(2);
  });

  it("goes over TLS from the first byte on, too", async () => {
    const server = await room.server({ tls: "implicit" });
    await (await room.open(server, { tls: "implicit" })).deliver(aRequest());
    expect(server.mails()).toHaveLength(1);
  });

  it("goes without encryption to this machine only", async () => {
    const server = await room.server({ tls: "none", login: LOGIN });
    const login = { username: LOGIN.username, password: LOGIN.password };
    await (await room.open(server, { tls: "none", host: "localhost", ...login })).deliver(aRequest());
    expect(server.mails()).toHaveLength(1);
  });

  it("is sent with a login, whose password file is read anew each time", async () => {
    const server = await room.server({ login: LOGIN });
    const file = join(room.folder, "changing");
    await writeFile(file, "old");
    const notifier = await room.open(server, { username: LOGIN.username, password_file: file });
    expect((await failureOf(notifier.deliver(aRequest()))).reason).toBe("unauthorized");
    await writeFile(file, LOGIN.password);
    await notifier.deliver(aRequest());
    expect(server.mails()).toHaveLength(1);
  });

  it("that a server refused is sent again as plain text", async () => {
    const server = await room.server();
    await (await room.open(server)).deliver(aRequest({ plain: true }));
    expect(server.mails()).toMatchObject([{ html: "", text: expect.stringContaining("DiskFull") }]);
  });

  it("is not held up by a recipient who is refused, and the answer names that one", async () => {
    const server = await room.server();
    server.setTrouble({
      kind: "answer",
      at: "recipient",
      recipient: "two@example.org",
      reply: "550 5.1.1 no such user",
    });
    const { answer: said } = await (await room.open(server)).deliver(aRequest());
    expect(said).toBe(
      "250 OK: message queued; not taken for 1 of 2 recipients: two@example.org (550 5.1.1 no such user)",
    );
    expect(server.mails()).toMatchObject([{ recipients: ["one@example.org"] }]);
  });

  it("of a hostile kind arrives whole", async () => {
    const server = await room.server();
    const description = "\r\n.\r\nQUIT\r\nSubject: x\r\n\r\n<script>alert(1)</script>";
    const message = aMessage({ title: "a\r\nBcc: thief@example.org", alerts: [anAlert({ description })] });
    await (await room.open(server)).deliver(aRequest({ message }));
    const [mail] = server.mails();
    expect(mail?.subject).toBe("[FIRING:1] a Bcc: thief@example.org");
    expect(mail?.recipients).toEqual(["one@example.org", "two@example.org"]);
    expect(mail?.headers.has("bcc")).toBe(false);
    expect(mail?.text).toContain("   .\n     QUIT\n     Subject: x");
    expect(mail?.html).toContain("&lt;script>alert(1)&lt;/script>");
  });
});

describe("the configuration", () => {
  const base = {
    type: "email",
    name: "on-call",
    host: "mail.example.org",
    from: "a@example.org",
    to: ["b@example.org"],
  };
  const faults = (more: object): readonly string[] =>
    emailNotifier.destination.safeParse({ ...base, ...more }).error?.issues.map(({ message }) => message) ?? [];

  it("has defaults", () => {
    expect(emailNotifier.destination.parse(base)).toMatchObject({
      policy: { rate: { perSecond: 1, burst: 10 }, concurrency: 2, timeout: 60_000, giveUpAfter: 86_400_000 },
    });
  });

  it.each<[string, object, string]>([
    ["no encryption to another machine", { tls: "none" }, "without encryption"],
    ["a password without a user", { password: "x" }, "is missing beside the password"],
    ["a user without a password", { username: "x" }, "is missing beside username"],
    ["two passwords", { username: "x", password: "x", password_file: "y" }, "keep one of the two"],
    ["no recipient", { to: [] }, "at least one address"],
    ["an address that is none", { to: ["not an address"] }, "write an address"],
    ["a header in an address", { from: "a@example.org>\r\nBcc: <x@example.org" }, "write an address"],
    ["a header in a name", { from: "Alerts\r\nBcc: x <a@example.org>" }, "write an address"],
    ["a URL as host", { host: "smtp://mail.example.org" }, "host name or an IP address"],
  ])("refuses %s", (_, more, fault) => {
    expect(faults(more).join()).toContain(fault);
  });

  it.each(["localhost", "127.0.0.1", "::1"])("allows no encryption to %s", (host) => {
    expect(faults({ tls: "none", host })).toEqual([]);
  });
});
