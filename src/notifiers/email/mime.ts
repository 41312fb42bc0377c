import { createHash } from "node:crypto";
import MailComposer from "nodemailer/lib/mail-composer";
import type { EmailConfig } from "./config.ts";
import type { RenderedMail } from "./message.ts";

/** What tells one mail from another and ties it to those of its conversation. */
export interface MailIds {
  /** The same for each attempt to send one mail, so that mail programs show copies once; with angle brackets. */
  readonly messageId: string;
  /** The same for all mails of one episode: the id of a mail that was never sent, to which all of them answer. */
  readonly threadId: string;
}

/** The ids of a mail, the same in every replica. */
export function idsOf(config: EmailConfig, keys: { idempotencyKey: string; threadKey: string }): MailIds {
  const id = (key: string, what: string): string =>
    `<${createHash("sha256").update(key).digest("hex")}.${what}@${domainOf(config)}>`;
  return { messageId: id(keys.idempotencyKey, "watchkeeper"), threadId: id(keys.threadKey, "thread.watchkeeper") };
}

/** Writes a mail as it goes over the wire. Source: https://www.rfc-editor.org/rfc/rfc5322, RFC 3834 and RFC 2919. */
export async function writeMail(config: EmailConfig, mail: RenderedMail, ids: MailIds): Promise<Buffer> {
  const composer = new MailComposer({
    from: config.from,
    to: config.to.map((mailbox) => ({ ...mailbox })),
    subject: mail.subject,
    text: mail.text,
    ...(mail.html !== undefined && { html: mail.html }),
    messageId: ids.messageId,
    inReplyTo: ids.threadId,
    references: ids.threadId,
    date: new Date(),
    headers: {
      "List-ID": { prepared: true, value: `<${config.name}.watchkeeper.${domainOf(config)}>` },
      "Auto-Submitted": "auto-generated",
      "X-Auto-Response-Suppress": "All",
    },
    encoding: "quoted-printable",
    newline: "win",
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}

const domainOf = ({ from: { address } }: EmailConfig): string => address.slice(address.lastIndexOf("@") + 1);
