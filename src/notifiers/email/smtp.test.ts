import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { waitUntil } from "../../../test/helpers/wait-until.ts";
import { milliseconds, minutes } from "../../core/duration.ts";
import { createAuthority, type IssueOptions } from "../../lab/certificates.ts";
import type { MailMoment, MailTrouble } from "../../lab/channels/email/trouble.ts";
import { aRequest } from "../shared/__fixtures__/messages.ts";
import { failureOf, LOGIN, MailRoom, PLANTED } from "../../../test/helpers/mail-room.ts";
import { SmtpClient, type SmtpServer } from "./smtp.ts";

let room: MailRoom;
beforeAll(async () => {
  room = await MailRoom.create();
  return () => room.remove();
});
afterEach(() => room.tidy());

const answer = (at: MailMoment, reply: string): MailTrouble => ({ kind: "answer", at, reply });

describe("a server's reply", () => {
  it.each<[MailMoment, string, string]>([
    ["connect", "421 4.3.2 shutting down", "server_error"],
    ["connect", "554 5.7.1 your network is not welcome", "forbidden"],
    ["sender", "451 4.3.0 try again later", "server_error"],
    ["sender", "450 4.7.1 rate limit exceeded", "rate_limited"],
    ["sender", "421 4.7.0 Try again later, closing connection", "rate_limited"],
    ["sender", "452 4.3.1 out of storage", "server_error"],
    ["sender", "530 5.7.0 Authentication required", "unauthorized"],
    ["sender", "550 5.7.60 not allowed to send as this sender", "forbidden"],
    ["sender", "552 5.3.4 too big", "message_rejected"],
    ["sender", "503 5.5.1 not now", "server_error"],
    ["recipient", "450 4.2.1 greylisted", "server_error"],
    ["recipient", "550 5.1.1 no such user", "destination_not_found"],
    ["recipient", "551 user not local", "destination_not_found"],
    ["recipient", "553 5.1.3 bad mailbox", "destination_not_found"],
    ["recipient", "554 5.7.1 <x>: Relay access denied", "forbidden"],
    ["message", "451 4.3.0 scanner is busy", "server_error"],
    ["message", "452 4.7.0 too many messages", "rate_limited"],
    ["message", "550 5.7.1 looks like spam", "message_rejected"],
    ["message", "552 5.2.3 too long", "message_rejected"],
    ["message", "554 5.6.0 content refused", "message_rejected"],
  ])("to the %s, %s, is %s", async (at, reply, reason) => {
    const { server, error } = await room.failureIn(answer(at, reply));
    expect(error.reason).toBe(reason);
    expect(error.message).toMatch(new RegExp(`^SMTP 127\\.0\\.0\\.1:${server.port}: .* was answered: `));
    expect(error.message).toContain(reply);
    expect(server.mails()).toEqual([]);
    expect(server.refusals()[reply.slice(0, 3)]).toBeGreaterThan(0);
  });

  it.each([
    ["535 5.7.8 bad credentials", "unauthorized"],
    [`535 5.7.8 ${PLANTED.plain} (${PLANTED.base64}) is wrong`, "unauthorized"],
    ["454 4.7.0 temporary authentication failure", "server_error"],
  ])("to a login, %s, is %s", async (reply, reason) => {
    const login = { username: LOGIN.username, password_file: join(room.folder, "password") };
    const { error } = await room.failureIn(answer("login", reply), login, { login: LOGIN });
    expect(error.reason).toBe(reason);
    expect(error.message).toContain("AUTH PLAIN was answered: ");
  });

  it("that there is no login is unauthorized", async () => {
    const server = await room.server();
    const login = { username: LOGIN.username, password: LOGIN.password };
    const error = await failureOf((await room.open(server, login)).deliver(aRequest()));
    expect(error).toMatchObject({ reason: "unauthorized", message: expect.stringContaining("offers no login") });
  });

  it("that a login is needed is unauthorized", async () => {
    const server = await room.server({ login: LOGIN });
    expect((await failureOf((await room.open(server)).deliver(aRequest()))).reason).toBe("unauthorized");
  });

  it("that the mail is too large is about the mail", async () => {
    const server = await room.server({ maxBytes: 1000 });
    expect((await failureOf((await room.open(server)).deliver(aRequest()))).reason).toBe("message_rejected");
  });

  it("that it has had too many mails pauses the destination", async () => {
    const server = await room.server();
    server.setRateLimited(30);
    const notifier = await room.open(server);
    expect((await failureOf(notifier.deliver(aRequest()))).reason).toBe("rate_limited");
    server.setRateLimited(undefined);
    await notifier.deliver(aRequest());
  });
});

describe("encryption", () => {
  it("that is not offered is demanded, in a sentence", async () => {
    const server = await room.server({ tls: "none" });
    const error = await failureOf((await room.open(server)).deliver(aRequest()));
    expect(error.reason).toBe("tls_untrusted");
    expect(error.message).toContain("the server offers no STARTTLS, and mail is not sent unencrypted");
    expect(server.mails()).toEqual([]);
  });

  const problems: readonly (readonly [string, IssueOptions])[] = [
    ["that expired", { hosts: ["127.0.0.1"], notAfter: new Date(Date.now() - 3_600_000) }],
    ["for another host", { hosts: ["mail.example.org"] }],
  ];
  it.each(["starttls", "implicit"] as const)(
    "by %s is refused with a bad certificate, before the login",
    async (tls) => {
      for (const [, options] of problems) {
        const server = await room.server({ tls, certificate: await room.authority.issue(options), login: LOGIN });
        const login = { username: LOGIN.username, password: LOGIN.password };
        expect((await failureOf((await room.open(server, { tls, ...login })).deliver(aRequest()))).reason).toBe(
          "tls_untrusted",
        );
      }
      const foreign = await room.server({ tls, authority: await createAuthority() });
      const error = await failureOf((await room.open(foreign, { tls })).deliver(aRequest()));
      expect(error).toMatchObject({
        reason: "tls_untrusted",
        message: expect.stringContaining("not signed by a trusted"),
      });
    },
  );

  it.each(["starttls", "implicit"] as const)("by %s goes by `server_name` instead of the host", async (tls) => {
    for (const server_name of ["mail.example.org", "127.0.0.9"]) {
      const server = await room.server({ tls, certificate: await room.authority.issue({ hosts: [server_name] }) });
      await (await room.open(server, { tls, server_name })).deliver(aRequest());
      expect(server.mails()).toHaveLength(1);
    }
  });

  it("with an unusable file of authorities names the file", async () => {
    const server = await room.server();
    for (const [ca_file, why] of [
      ["/nowhere/ca.pem", "ENOENT"],
      [join(room.folder, "password"), "no PEM certificate"],
    ] as const) {
      const error = await failureOf(room.open(server, { ca_file }));
      expect(error.reason).toBe("tls_untrusted");
      expect(error.message).toContain(ca_file);
      expect(error.message).toContain(why);
    }
  });
});

describe("a connection", () => {
  it("that is refused reached nothing", async () => {
    const server = await room.server();
    await server.setFault({ kind: "refused" });
    const notifier = await room.open(server);
    const error = await failureOf(notifier.deliver(aRequest()));
    expect(error).toMatchObject({ reason: "unreachable", message: expect.stringContaining("ECONNREFUSED") });
    await server.setFault(undefined);
    await notifier.deliver(aRequest());
    expect(server.mails()).toHaveLength(1);
  });

  it("to a name that is not known reached nothing", async () => {
    const server = await room.server();
    const error = await failureOf((await room.open(server, { host: "mail.invalid" })).deliver(aRequest()));
    expect(error).toMatchObject({ reason: "unreachable", message: expect.stringContaining("can not be resolved") });
  });

  it("in whose TLS handshake the server speaks SMTP reached nothing", async () => {
    const server = await room.server();
    expect((await failureOf((await room.open(server, { tls: "implicit" })).deliver(aRequest()))).reason).toBe(
      "unreachable",
    );
  });

  it("that ends after the mail without an answer may have delivered it, and a second attempt makes no second mail", async () => {
    const { server, error } = await room.failureIn({ kind: "drop_after_data", isKept: true });
    expect(error).toMatchObject({ reason: "connection_lost", message: expect.stringContaining("after the mail was") });
    server.setTrouble(undefined);
    const { remote } = await (await room.open(server)).deliver(aRequest({ mayRepeat: true }));
    expect(server.mails()).toHaveLength(1);
    expect(server.copies(String(remote["messageId"]))).toBe(2);
  });

  it.each<[string, MailTrouble | "hang"]>([
    ["no greeting", "hang"],
    ["a greeting without an end", { kind: "drip_greeting", intervalMs: 5 }],
    ["no answer to the mail", { kind: "hang_after_data" }],
  ])("with %s ends with the attempt's time", async (_, trouble) => {
    const server = await room.server();
    if (trouble === "hang") await server.setFault({ kind: "hang" });
    else server.setTrouble(trouble);
    const signal = AbortSignal.timeout(500);
    const error = await failureOf((await room.open(server)).deliver(aRequest({ signal })));
    expect(error).toMatchObject({ reason: "timeout", message: expect.stringContaining("before the attempt's time") });
  });

  it("is dropped at once when the service stops", async () => {
    const server = await room.server();
    server.setTrouble({ kind: "hang_after_data" });
    const stop = new AbortController();
    const notifier = await room.open(server);
    const failure = failureOf(notifier.deliver(aRequest({ signal: stop.signal })));
    await waitUntil("the server has the connection", () => server.connections() === 1);
    stop.abort(new DOMException("the service stops", "AbortError"));
    await failure;
    await waitUntil("the connection is gone", () => server.connections() === 0);
    expect(server.mails()).toEqual([]);
  });

  it("is dropped when the destination is closed", async () => {
    const server = await room.server();
    server.setTrouble({ kind: "hang_after_data" });
    const notifier = await room.open(server);
    const failure = failureOf(notifier.deliver(aRequest()));
    await waitUntil("the server has the connection", () => server.connections() === 1);
    await notifier.close();
    expect((await failure).reason).toMatch(/^(unreachable|connection_lost)$/);
    await waitUntil("the connection is gone", () => server.connections() === 0);
  });

  it("is not left open after a mail, and none is opened for a signal that is aborted already", async () => {
    const server = await room.server();
    const notifier = await room.open(server);
    await notifier.deliver(aRequest());
    await waitUntil("the connection is gone", () => server.connections() === 0);
    await failureOf(notifier.deliver(aRequest({ signal: AbortSignal.abort(new DOMException("x", "TimeoutError")) })));
    expect(server.mails()).toHaveLength(1);
  });
});

/** A server that does with each connection what it is told. */
async function listen(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    serve(socket);
  }).listen(0, "127.0.0.1");
  others.push(server);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
const others: Server[] = [];
afterEach(() => {
  for (const server of others.splice(0)) server.close();
});

describe("each step", () => {
  const long = minutes(1);
  const submit = (server: Omit<SmtpServer, "host">): Promise<unknown> => {
    const client = new SmtpClient({ host: "127.0.0.1", ...server });
    const mail = { from: "a@example.org", to: ["b@example.org"], bytes: Buffer.from("Subject: x\r\n\r\nx\r\n") };
    return client.submit({ ...mail, signal: AbortSignal.timeout(20_000) }).finally(() => client.close());
  };

  it("has its own bound", async () => {
    const short = milliseconds(50);
    const server = await room.server({ tls: "implicit" });
    await server.setFault({ kind: "hang" });
    const timeouts = { connect: short, greeting: long, answer: long };
    const connecting = await failureOf(submit({ port: server.port, tls: "implicit", timeouts }));
    expect(connecting).toMatchObject({
      reason: "unreachable",
      message: expect.stringContaining("no connection within 50ms"),
    });

    const dripping = await room.server();
    dripping.setTrouble({ kind: "drip_greeting", intervalMs: 5 });
    const greeting = { connect: long, greeting: short, answer: long };
    const greeted = await failureOf(submit({ port: dripping.port, tls: "starttls", timeouts: greeting }));
    expect(greeted).toMatchObject({ reason: "timeout", message: expect.stringContaining("no greeting came in time") });

    const silent = await room.server({ tls: "none" });
    silent.setTrouble({ kind: "hang_after_data" });
    const answered = await failureOf(
      submit({ port: silent.port, tls: "none", timeouts: { connect: long, greeting: long, answer: short } }),
    );
    expect(answered).toMatchObject({ reason: "timeout", message: expect.stringContaining("answered no more") });
  });

  it.each<[string, (socket: Socket) => void, string]>([
    ["closed before the greeting", (socket) => socket.end(), "unreachable"],
    ["reset before the greeting", (socket) => socket.resetAndDestroy(), "unreachable"],
    ["closed after the greeting", (socket) => socket.end("220 mail.lab.test\r\n"), "unreachable"],
    ["greeted wrongly", (socket) => socket.end("250 mail.lab.test\r\n"), "invalid_answer"],
    ["answered by HTTP", (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"), "invalid_answer"],
    ["answered without an end", (socket) => socket.end(`220-${"x".repeat(100_000)}`), "invalid_answer"],
  ])("of a connection that is %s is told apart", async (_, serve, reason) => {
    const port = await listen(serve);
    expect((await failureOf(submit({ port, tls: "starttls" }))).reason).toBe(reason);
  });

  it("may be cut off, before the mail was handed over too", async () => {
    const script = ["220 mail.lab.test\r\n", "250 mail.lab.test\r\n"];
    const port = await listen((socket) => {
      let step = 0;
      socket.write(script[step++] ?? "");
      socket.on("data", () => {
        const next = script[step++];
        if (next === undefined) socket.destroy();
        else socket.write(next);
      });
    });
    const error = await failureOf(submit({ port, tls: "none" }));
    expect(error).toMatchObject({ reason: "connection_lost", message: expect.stringContaining("before the mail was") });
  });
});
