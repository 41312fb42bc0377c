import { readdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { simpleParser, type ParsedMail } from "mailparser";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import type { Notifier } from "../../src/core/notifier.ts";
import { createAuthority } from "../../src/lab/certificates.ts";
import { emailNotifier } from "../../src/notifiers/email/notifier.ts";
import { aClosedMessage, aMessage, anAlert, aRequest } from "../../src/notifiers/shared/__fixtures__/messages.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { freePorts } from "../helpers/free-ports.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { startProcess, type RunningProcess } from "../helpers/process.ts";

/** Wants a login, takes nothing without one, and sends every first attempt away, as servers with a greylist do. */
const STRICT_SERVER = `
import base64
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import AuthResult


class Strict(Mailbox):
    seen = set()

    async def auth_PLAIN(self, server, args):
        right = base64.b64decode(args[1]) == b"\\0watchkeeper\\0planted-password"
        return AuthResult(success=right, handled=False)

    async def handle_MAIL(self, server, session, envelope, address, options):
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message_id = self.prepare_message(session, envelope)["message-id"]
        if message_id not in self.seen:
            self.seen.add(message_id)
            return "451 4.2.0 Greylisted, come again"
        return await super().handle_DATA(server, session, envelope)
`;

describeReal("a mail server (aiosmtpd)", ["aiosmtpd"], ({ aiosmtpd }) => {
  let folder: TemporaryFolder;
  let port: number;
  let server: RunningProcess;
  let notifier: Notifier;

  const path = (name: string): string => join(folder.path, name);

  const startServer = (at: string, onPort: number, handler = "aiosmtpd.handlers.Mailbox"): Promise<RunningProcess> => {
    const listen = ["--nosetuid", "--listen", `127.0.0.1:${onPort}`, "--size", "200000"];
    const tls = ["--tlscert", path("cert.pem"), "--tlskey", path("key.pem")];
    return startProcess({
      command: aiosmtpd,
      args: [...listen, ...tls, "--class", handler, path(at)],
      // where Python finds the handler
      cwd: folder.path,
      ready: () => answers(onPort),
    });
  };

  async function start(): Promise<void> {
    server = await startServer("mail", port);
  }

  const open = (onPort: number, more: object = {}): Promise<Notifier> => {
    const destination = emailNotifier.destination.parse({
      type: "email",
      name: "on-call",
      host: "127.0.0.1",
      port: onPort,
      ca_file: path("ca.pem"),
      from: "Wächter <alerts@example.org>",
      to: ["one@example.org", "Two <two@example.org>"],
      ...more,
    });
    return destination.open({ externalUrl: "https://watchkeeper.example.org" });
  };

  /** The mails in the maildir, in no order. */
  async function mails(at = "mail"): Promise<ParsedMail[]> {
    const names = await readdir(path(`${at}/new`));
    return Promise.all(names.map(async (name) => simpleParser(await readFile(path(`${at}/new/${name}`)))));
  }

  beforeAll(async () => {
    folder = await createTemporaryFolder("mail");
    [port = 0] = await freePorts(1);
    const authority = await createAuthority();
    const { certificatePem, keyPem } = await authority.issue({ hosts: ["127.0.0.1"] });
    await writeFile(path("ca.pem"), authority.certificatePem);
    await writeFile(path("cert.pem"), certificatePem);
    await writeFile(path("key.pem"), keyPem);
    await start();
    notifier = await open(port);
  });
  afterAll(async () => {
    await notifier?.close();
    await server?.stop();
    await folder?.remove();
  });

  it("takes an incident as one conversation, over STARTTLS", async () => {
    const message = aMessage({
      title: "DiskFull auf db-1 🔥",
      alerts: [anAlert({ description: ".\n..\nFrom here on\n" })],
    });
    const { remote, answer } = await notifier.deliver(aRequest({ message }));
    expect(answer).toMatch(/^250 /);
    await notifier.deliver(aRequest({ action: "close", message: aClosedMessage(), remote, idempotencyKey: "close" }));

    const taken = await mails();
    const [first, second] = ["[FIRING", "[RESOLVED"].map((word) => taken.find((one) => one.subject?.startsWith(word)));
    expect(first).toMatchObject({
      subject: "[FIRING:1] DiskFull auf db-1 🔥",
      messageId: remote["messageId"],
      inReplyTo: second?.inReplyTo,
    });
    expect(second?.subject).toBe("[RESOLVED] DiskFull auf db-1 🔥");
    expect(first?.text).toContain("     .\n     ..\n     From here on\n");
    expect(first?.html).toContain("Disk sda of db-1 is 97 % full");
    expect(first?.headers.get("x-rcptto")).toBe("one@example.org, two@example.org");
  });

  it("that is down and comes back gets the mail then, under the same id", async () => {
    await server.stop();
    const request = aRequest({ idempotencyKey: "down", threadKey: "down" });
    await expect(notifier.deliver(request)).rejects.toMatchObject({ reason: "unreachable" });
    await start();
    const { remote } = await notifier.deliver({ ...request, mayRepeat: true });
    expect((await mails()).map(({ messageId }) => messageId)).toContain(remote["messageId"]);
  });

  it("that wants a login and has a greylist gets the mail once, at the second attempt", async () => {
    const [strictPort = 0] = await freePorts(1);
    await writeFile(path("strict_server.py"), STRICT_SERVER);
    const strict = await startServer("strict", strictPort, "strict_server.Strict");
    const login = { username: "watchkeeper", password: "planted-password" };
    const right = await open(strictPort, login);
    const wrong = await open(strictPort, { ...login, password: "wrong-password" });
    const anonymous = await open(strictPort);
    onTestFinished(async () => {
      await Promise.all([right, wrong, anonymous].map((one) => one.close()));
      await strict.stop();
    });
    const request = aRequest({ idempotencyKey: "greylist", threadKey: "greylist" });
    await expect(wrong.deliver(request)).rejects.toMatchObject({ reason: "unauthorized" });
    await expect(anonymous.deliver(request)).rejects.toMatchObject({ reason: "unauthorized" });
    await expect(right.deliver(request)).rejects.toMatchObject({ reason: "server_error" });
    expect(await mails("strict")).toEqual([]);
    const { remote } = await right.deliver({ ...request, mayRepeat: true });
    expect((await mails("strict")).map(({ messageId }) => messageId)).toEqual([remote["messageId"]]);
  });

  it("that freezes ends the attempt, not the service", async () => {
    await server.pause();
    try {
      const frozen = notifier.deliver(aRequest({ idempotencyKey: "frozen", signal: AbortSignal.timeout(500) }));
      await expect(frozen).rejects.toMatchObject({ reason: "timeout" });
    } finally {
      server.resume();
    }
  });
});

/** Whether the server greets. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("data", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
