import { simpleParser } from "mailparser";
import { Board } from "../board.ts";
import type { SeenMessage } from "../stand-in.ts";

/** A mail that was taken, as its reader gets it. */
export interface StoredMail {
  /** Unix milliseconds. */
  readonly at: number;
  /** With angle brackets. */
  readonly messageId: string;
  /** The first id that it refers to, or its own; with angle brackets. */
  readonly threadId: string;
  readonly subject: string;
  readonly text: string;
  /** Empty when the mail has none. */
  readonly html: string;
  /** Of the envelope: the ones that were taken. */
  readonly recipients: readonly string[];
  /** The header lines by lower-case name, decoded and unfolded; of several of one name the first. */
  readonly headers: ReadonlyMap<string, string>;
  /** The mail as it came. */
  readonly raw: string;
}

/** The mailboxes of all recipients, as a mail program shows them: by conversation, and copies of one mail once. */
export class Mailbox {
  readonly #board = new Board();
  readonly #mails: StoredMail[] = [];
  readonly #copies = new Map<string, number>();

  /** Takes a mail, or another copy of one. */
  async take(raw: Buffer, recipients: readonly string[]): Promise<void> {
    const mail = await read(raw, recipients);
    const copies = this.copies(mail.messageId);
    this.#copies.set(mail.messageId, copies + 1);
    if (copies > 0) return;
    this.#mails.push(mail);
    if (this.#board.has(mail.threadId)) this.#board.answer(mail.threadId, `${mail.subject}\n${mail.text}`);
    else this.#board.post(mail.threadId, recipients.join(", "), { title: mail.subject, text: mail.text });
  }

  /** Every mail but the copies, oldest first. */
  mails(): readonly StoredMail[] {
    return [...this.#mails];
  }

  /** How often a mail was taken, by its Message-ID with angle brackets. */
  copies(messageId: string): number {
    return this.#copies.get(messageId) ?? 0;
  }

  messages(): readonly SeenMessage[] {
    return this.#board.messages();
  }
}

async function read(raw: Buffer, recipients: readonly string[]): Promise<StoredMail> {
  const mail = await simpleParser(raw, { skipHtmlToText: true, skipTextToHtml: true });
  const messageId = mail.messageId ?? `<without-id-${Date.now()}@lab.test>`;
  const headers = new Map<string, string>();
  for (const { key, line } of mail.headerLines) {
    if (!headers.has(key))
      headers.set(
        key,
        line
          .slice(line.indexOf(":") + 1)
          .replaceAll(/\r?\n(?=[ \t])/g, "")
          .trim(),
      );
  }
  return {
    at: Date.now(),
    messageId,
    threadId: [mail.references ?? mail.inReplyTo ?? messageId].flat()[0] ?? messageId,
    subject: mail.subject ?? "",
    text: mail.text ?? "",
    html: mail.html === false ? "" : (mail.html ?? ""),
    recipients,
    headers,
    raw: raw.toString("latin1"),
  };
}
