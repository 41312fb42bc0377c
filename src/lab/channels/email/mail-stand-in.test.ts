import { createTransport, type NodemailerError, type SendMailOptions } from "nodemailer";
import { afterEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../../../test/helpers/wait-until.ts";
import { startMailStandIn, type MailStandIn, type MailStandInOptions } from "./mail-stand-in.ts";
import type { MailTrouble } from "./trouble.ts";

let server: MailStandIn;
afterEach(() => server.close());

const start = async (options?: MailStandInOptions): Promise<void> => {
  server = await startMailStandIn(options);
};

/** Sends with nodemailer's own transport, and gives its error if it fails. */
async function send(mail: SendMailOptions = {}, options: object = {}): Promise<NodemailerError | undefined> {
  const url = new URL(server.url);
  const transport = createTransport({
    host: url.hostname,
    port: Number(url.port),
    secure: url.protocol === "smtps:",
    tls: { ca: server.caPem },
    ...options,
  });
  try {
    await transport.sendMail({ from: "a@example.org", to: "b@example.org", subject: "Hello", text: "there", ...mail });
    return undefined;
  } catch (error) {
    return error as NodemailerError;
  } finally {
    transport.close();
  }
}

describe("mails", () => {
  it("are shown by conversation, as the mail program of their reader does", async () => {
    await start();
    await send({ messageId: "<1@example.org>", references: "<root@example.org>", subject: "Grüße 🔥" });
    await send({ messageId: "<2@example.org>", references: ["<root@example.org>", "<1@example.org>"], text: "again" });
    await send({ messageId: "<3@example.org>", to: ["b@example.org", "c@example.org"] });
    expect(server.messages()).toMatchObject([
      {
        id: "<root@example.org>",
        place: "b@example.org",
        title: "Grüße 🔥",
        text: "there\n",
        thread: [{ text: "Hello\nagain\n" }],
      },
      { id: "<3@example.org>", place: "b@example.org, c@example.org", edits: [], thread: [] },
    ]);
    expect(server.messages()[0]).not.toHaveProperty("isClosed");
  });

  it("that come twice are shown once and counted", async () => {
    await start();
    for (let sent = 0; sent < 3; sent++) await send({ messageId: "<1@example.org>" });
    expect(server.mails()).toHaveLength(1);
    expect(server.copies("<1@example.org>")).toBe(3);
    expect(server.copies("<2@example.org>")).toBe(0);
  });

  it("keep their headers and both of their parts", async () => {
    await start();
    await send({ html: "<b>there</b>", headers: { "X-One": "a ".repeat(60) } });
    const [mail] = server.mails();
    expect(mail?.html).toBe("<b>there</b>");
    expect(mail?.headers.get("x-one")).toBe("a ".repeat(60).trim());
    expect(mail?.raw).toContain("\r\nSubject: Hello\r\n");
  });
});

describe("a session", () => {
  it.each(["starttls", "implicit", "none"] as const)("with %s takes mail", async (tls) => {
    await start({ tls });
    expect(await send({}, { requireTLS: tls === "starttls" })).toBeUndefined();
    expect(server.mails()).toHaveLength(1);
    await waitUntil("the connection is gone", () => server.connections() === 0);
  });

  it("needs the login, if there is one, and over an encrypted connection", async () => {
    const login = { username: "me", password: "pa55" };
    await start({ login });
    expect(await send()).toMatchObject({ responseCode: 530 });
    expect(await send({}, { auth: { user: "me", pass: "wrong" } })).toMatchObject({ responseCode: 535 });
    expect(await send({}, { auth: { user: "me", pass: "pa55" }, ignoreTLS: true })).toMatchObject({
      responseCode: 538,
    });
    for (const method of ["PLAIN", "LOGIN"])
      expect(await send({}, { auth: { user: "me", pass: "pa55", method } })).toBeUndefined();
    expect(server.refusals()).toEqual({ 535: 1 });
  });

  it("takes no mail above its size", async () => {
    await start({ maxBytes: 500 });
    expect((await send({ text: "x".repeat(600) }))?.code).toBe("EMESSAGE");
    expect(server.mails()).toEqual([]);
  });
});

describe("trouble", () => {
  it.each<[MailTrouble & { kind: "answer" }, string]>([
    [{ kind: "answer", at: "connect", reply: "421 4.3.2 closing" }, "CONN"],
    [{ kind: "answer", at: "sender", reply: "451 4.3.0 later" }, "MAIL FROM"],
    [{ kind: "answer", at: "recipient", reply: "550 5.1.1 nobody" }, "RCPT TO"],
    [{ kind: "answer", at: "message", reply: "552 5.3.4 too much" }, "DATA"],
  ])("may be an answer: %o", async (trouble, command) => {
    await start();
    server.setTrouble(trouble);
    const code = Number(trouble.reply.slice(0, 3));
    expect(await send()).toMatchObject({ responseCode: code, command, response: trouble.reply });
    expect(server.refusals()).toEqual({ [code]: 1 });
    server.setTrouble(undefined);
    expect(await send()).toBeUndefined();
  });

  it("may concern one recipient", async () => {
    await start();
    server.setTrouble({ kind: "answer", at: "recipient", recipient: "c@example.org", reply: "550 nobody" });
    expect(await send({ to: "b@example.org, c@example.org" })).toBeUndefined();
    expect(server.mails()[0]?.recipients).toEqual(["b@example.org"]);
  });

  it.each<[string, MailTrouble]>([
    ["hang after the mail", { kind: "hang_after_data" }],
    ["drip a greeting", { kind: "drip_greeting", intervalMs: 5 }],
  ])("may be to %s", async (_, trouble) => {
    await start();
    server.setTrouble(trouble);
    const error = await send({}, { socketTimeout: 200, greetingTimeout: 200 });
    expect(error?.code).toMatch(/^(ETIMEDOUT|ECONNECTION|ESOCKET)$/);
    expect(server.mails()).toHaveLength(0);
  });

  it.each([true, false])(
    "may be to drop the connection after the mail, and to keep the mail or not: %s",
    async (isKept) => {
      await start();
      server.setTrouble({ kind: "drop_after_data", isKept });
      const error = await send();
      expect(error?.code).toMatch(/^(ECONNECTION|ESOCKET)$/);
      expect(server.mails()).toHaveLength(isKept ? 1 : 0);
    },
  );
});
