import fc from "fast-check";
import { simpleParser } from "mailparser";
import { describe, expect, it } from "vitest";
import { aMessage, anAlert, hostileMessage } from "../shared/__fixtures__/messages.ts";
import { emailConfig } from "./config.ts";
import { renderMail } from "./message.ts";
import { idsOf, writeMail } from "./mime.ts";

const config = emailConfig.parse({
  type: "email",
  name: "on-call",
  host: "mail.example.org",
  from: "Wächter <alerts@bücher.example>",
  to: ["one@example.org", "Two, Jr. <two@example.org>"],
});
const KEYS = { idempotencyKey: "conversation/1/3", threadKey: "conversation/1" };
const write = (message = aMessage(), subject = message.title, plain = false): Promise<Buffer> =>
  writeMail(config, renderMail(message, { subject, plain }), idsOf(config, KEYS));

const HEADERS = [
  "List-ID",
  "Auto-Submitted",
  "X-Auto-Response-Suppress",
  "From",
  "To",
  "Subject",
  "Message-ID",
  "In-Reply-To",
  "References",
  "Date",
  "MIME-Version",
  "Content-Type",
].toSorted();

const headerNames = (raw: string): string[] =>
  [...(raw.split("\r\n\r\n")[0] ?? "").matchAll(/^([^\s:]+):/gm)].map(([, name = ""]) => name).toSorted();

describe("a written mail", () => {
  it("has the headers of an automatic mail of a conversation", async () => {
    const mail = await simpleParser(await write());
    const { messageId, threadId } = idsOf(config, KEYS);
    expect(mail).toMatchObject({
      messageId,
      inReplyTo: threadId,
      references: threadId,
      subject: "[FIRING:1] DiskFull on db-1",
    });
    expect(mail.from?.value).toEqual([{ name: "Wächter", address: "alerts@bücher.example" }]);
    expect([mail.to ?? []].flat()[0]?.value).toEqual([
      { name: "", address: "one@example.org" },
      { name: "Two, Jr.", address: "two@example.org" },
    ]);
    expect(mail.headers.get("auto-submitted")).toBe("auto-generated");
    expect(mail.headers.get("x-auto-response-suppress")).toBe("All");
    expect(mail.headerLines.find(({ key }) => key === "list-id")?.line).toBe(
      "List-ID: <on-call.watchkeeper.xn--bcher-kva.example>",
    );
    expect(Math.abs((mail.date?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it("has its text before its HTML, both quoted-printable", async () => {
    const message = aMessage({ alerts: [anAlert({ description: "磁盘已满".repeat(200) })] });
    const raw = (await write(message)).toString("latin1");
    expect(raw).toMatch(/^Content-Type: multipart\/alternative;/m);
    expect(raw.match(/^Content-(Type: text.*|Transfer-Encoding:.*)$/gm)?.toSorted()).toEqual([
      "Content-Transfer-Encoding: quoted-printable",
      "Content-Transfer-Encoding: quoted-printable",
      "Content-Type: text/html; charset=utf-8",
      "Content-Type: text/plain; charset=utf-8",
    ]);
    expect(raw.indexOf("text/plain")).toBeLessThan(raw.indexOf("text/html"));
  });

  it("in the plain form is one text", async () => {
    const raw = (await write(aMessage(), "x", true)).toString("latin1");
    expect(raw).toMatch(/^Content-Type: text\/plain; charset=utf-8$/m);
    expect(raw).not.toContain("text/html");
  });

  it("encodes a subject of any language", async () => {
    const raw = await write(aMessage(), "Überlauf 磁盘已满 🔥");
    expect(raw.toString("latin1")).toMatch(/^Subject: =\?UTF-8\?/m);
    expect((await simpleParser(raw)).subject).toBe("[FIRING:1] Überlauf 磁盘已满 🔥");
  });

  it("has the same ids for the same keys, and others for others", () => {
    const ids = idsOf(config, KEYS);
    expect(idsOf(config, { ...KEYS })).toEqual(ids);
    expect(ids.messageId).toMatch(/^<[0-9a-f]{64}\.watchkeeper@xn--bcher-kva\.example>$/);
    expect(idsOf(config, { ...KEYS, idempotencyKey: "x" })).toEqual({
      ...ids,
      messageId: expect.not.stringMatching(ids.messageId),
    });
    expect(ids.threadId).not.toBe(ids.messageId);
  });
});

it("whatever the texts are, a mail has no header but its own, and no byte that a mail may not have", async () => {
  await fc.assert(
    fc.asyncProperty(hostileMessage, fc.string({ unit: "binary" }), async (message, subject) => {
      const raw = (await write(message, subject)).toString("latin1");
      expect(headerNames(raw)).toEqual(HEADERS);
      expect(raw).toMatch(/^(?:[\t\x20-\x7e]{0,998}\r\n)*$/);
      const mail = await simpleParser(raw, { skipTextToHtml: true, skipHtmlToText: true });
      expect(mail.attachments).toEqual([]);
      expect(mail.headers.has("x-injected")).toBe(false);
      expect(mail.text).toBe(renderMail(message, { subject, plain: true }).text);
    }),
    { numRuns: 20 },
  );
}, 60_000);
