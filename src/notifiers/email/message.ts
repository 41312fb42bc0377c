import type { Message } from "../../core/message.ts";
import type { DeliveryRequest } from "../../core/notifier.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { hasNews, isEvidenceWorthTelling } from "../shared/news.ts";
import { statusWord } from "../shared/wording.ts";
import { contentOf, withFewerAlerts, type MailContent } from "./content.ts";
import { htmlPart } from "./html-part.ts";
import { textPart } from "./text-part.ts";

/** The parts of a mail that a message becomes. */
export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  /** Absent from the plain form. */
  readonly html: string | undefined;
}

const MOST_SUBJECT = 200;
/** Gmail hides what comes after 102 KB. */
const MOST_HTML_BYTES = 90_000;

/** Whether it deserves a mail: a value or a text that is another now does not, and evidence does once. */
export function isWorthTelling(request: Pick<DeliveryRequest, "action" | "message" | "remote">): boolean {
  const { action, message } = request;
  if (action !== "update" || message.changes === undefined || hasNews(message.changes)) return true;
  return isEvidenceWorthTelling(request);
}

/** What the subjects of one conversation have in common. */
export const subjectOf = ({ title }: Message): string => clip(oneLine(title.toWellFormed()) || "alert", 160);

/**
 * Renders a mail. `subject` is the first mail's {@link subjectOf}: Gmail breaks a conversation where the subject
 * changes, but leaves out what is in square brackets, and so do mail programs that follow RFC 5256, section 2.1.
 */
export function renderMail(message: Message, { subject, plain }: { subject: string; plain: boolean }): RenderedMail {
  const { content, html } = fitting(message);
  return {
    subject: clip(`[${statusWord(message)}] ${oneLine(subject)}`, MOST_SUBJECT),
    text: textPart(content).toWellFormed(),
    html: plain ? undefined : html,
  };
}

/** Shows as many alerts as a mail can hold, one at the least. */
function fitting(message: Message): { readonly content: MailContent; readonly html: string } {
  let content = contentOf(message);
  for (;;) {
    const html = htmlPart(content, message).toWellFormed();
    const { length } = content.alerts;
    if (length <= 1 || Buffer.byteLength(html) <= MOST_HTML_BYTES) return { content, html };
    content = withFewerAlerts(content, message, Math.ceil(length / 2));
  }
}
