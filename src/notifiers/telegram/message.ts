import type { Message } from "../../core/message.ts";
import type { DeliveryRequest } from "../../core/notifier.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { bodyLines, BULLETS, type BodyLine } from "../shared/body-lines.ts";
import { changeLines, closedText, headline, namedLinks, symbol, timing, type NamedLink } from "../shared/wording.ts";

/** A text in the form that the Bot API takes. Source: https://core.telegram.org/bots/api#html-style */
export interface TelegramText {
  readonly text: string;
  /** Absent for a text without markup. */
  readonly parse_mode?: "HTML";
}

/** Telegram takes 4096 UTF-16 units of what is left when the markup is gone; some stay free. */
const TEXT_UNITS = 4000;
/** At most two units each. */
const REPLY_CHARACTERS = 2000;
const TITLE_CHARACTERS = 300;
/** A longer address is left out: cut off it would lead nowhere. */
const URL_CHARACTERS = 2000;
const PLAIN_URL_CHARACTERS = 300;

/** Renders a message within Telegram's limits. The plain form has no markup at all. */
export function telegramText(message: Message, isPlain: boolean): TelegramText {
  return isPlain ? { text: plainText(message) } : { text: htmlText(message), parse_mode: "HTML" };
}

/**
 * What is answered under the message, because nobody is told of an edit: new alerts, a reminder, the end. Undefined
 * when the edit is enough. It has no markup.
 */
export function telegramReply({ action, message }: DeliveryRequest): string | undefined {
  const { changes } = message;
  const title = clip(oneLine(message.title), TITLE_CHARACTERS);
  if (action === "remind") return unlinked(`${symbol(message)} Still there: ${title}, ${timing(message)}`);
  if (action === "close") return unlinked(`${symbol(message)} Over: ${title}, ${timing(message)}${reasonOf(message)}`);
  if (action !== "update" || changes === undefined || changes.firing.length === 0) return undefined;
  const news = changeLines({ ...message, changes: { ...changes, closed: [], moreClosed: 0 } });
  return clip(`${symbol(message)} ${news.map(unlinked).join("\n")}`, REPLY_CHARACTERS);
}

/** Why it is over, when it is for another reason than that it was resolved, the same for all. */
function reasonOf({ alerts }: Message): string {
  const [first] = alerts;
  if (first === undefined || first.state === "resolved") return "";
  const reason = closedText(first);
  return alerts.every((alert) => closedText(alert) === reason) ? ` (${clip(reason, 200)})` : "";
}

function htmlText(message: Message): string {
  const title = titleOf(message);
  const links = namedLinks(message).filter(({ url }) => url.length <= URL_CHARACTERS);
  const names = links.map(({ name }) => name).join(" · ");
  const lines = body(message, TEXT_UNITS - title.length - names.length - 4);
  const anchor = ({ name, url }: NamedLink): string => `<a href="${escapeHtml(url)}">${name}</a>`;
  return [
    `<b>${escapeHtml(title)}</b>`,
    ...lines.map(htmlLine),
    ...(links.length === 0 ? [] : [`\n${links.map(anchor).join(" · ")}`]),
  ].join("\n");
}

function plainText(message: Message): string {
  const title = titleOf(message);
  const links = namedLinks(message)
    .filter(({ url }) => url.length <= PLAIN_URL_CHARACTERS)
    .map(({ name, url }) => `${name}: ${url}`);
  const lines = body(message, TEXT_UNITS - title.length - links.join("\n").length - 4);
  return [title, ...lines.map(shownLine), ...links].join("\n");
}

const titleOf = (message: Message): string =>
  unlinked(`${symbol(message)} ${clip(headline(message), TITLE_CHARACTERS)}`);

const body = (message: Message, most: number): readonly BodyLine[] =>
  bodyLines(message, { most, measure: (line) => shownLine(line).length + 1 });

const shownLine = ({ kind, text }: BodyLine): string => `${BULLETS[kind]}${unlinked(text)}`;

function htmlLine(line: BodyLine): string {
  const text = escapeHtml(shownLine(line));
  return line.kind === "detail" ? `<i>${text}</i>` : text;
}

/** Keeps a `@name` in an alert from calling that person or group: an unseen character parts the sign from the name. */
const unlinked = (text: string): string =>
  oneLine(text)
    .toWellFormed()
    .replaceAll(/(?<!\w)@(?=\w)/g, "@\u2060");

const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
