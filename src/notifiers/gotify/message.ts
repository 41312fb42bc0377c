import type { Message, MessageSeverity } from "../../core/message.ts";
import type { DeliveryRequest } from "../../core/notifier.ts";
import { clip } from "../../lib/text.ts";
import { bodyLines, BULLETS, type BodyLine } from "../shared/body-lines.ts";
import { hasNews } from "../shared/news.ts";
import { headline, namedLinks, type NamedLink } from "../shared/wording.ts";

/** What is sent. Sources: https://gotify.net/api-docs and https://gotify.net/docs/msgextras */
export interface GotifyMessage {
  readonly title: string;
  readonly message: string;
  /** On a phone 1 to 3 make no sound, 8 and more vibrate too. */
  readonly priority: number;
  readonly extras?: {
    readonly "client::display": { readonly contentType: "text/markdown" };
    readonly "client::notification": { readonly click: { readonly url: string } };
  };
}

const TITLE_CHARACTERS = 250;
/** Gotify has no limit of its own; nobody reads more on a phone, and every database it has takes this. */
const MESSAGE_CHARACTERS = 8000;
/** A longer address is left out: cut off it would lead nowhere. */
const URL_CHARACTERS = 1000;

const PRIORITY: Readonly<Record<MessageSeverity, number>> = { critical: 10, error: 8, warning: 5, info: 3 };
const QUIET = 2;

/** Renders a message for Gotify: Markdown, or in the plain form text alone. */
export function gotifyMessage(request: DeliveryRequest): GotifyMessage {
  const { message, plain } = request;
  const title = clip(headline(message).toWellFormed(), TITLE_CHARACTERS);
  if (plain) return { title, message: plainText(message), priority: priority(request) };
  return {
    title,
    message: markdown(message),
    priority: priority(request),
    extras: {
      "client::display": { contentType: "text/markdown" },
      "client::notification": { click: { url: message.links.watchkeeper } },
    },
  };
}

/** Whether an update is worth a message: Gotify can not edit, so that each one is seen on its own. */
export function isWorthTelling({ action, remote, message: { changes } }: DeliveryRequest): boolean {
  if (action !== "update" || remote === undefined || changes === undefined) return true;
  return hasNews(changes);
}

/** A change that only closes something, and the end of all, make no sound. */
function priority({ action, message: { status, severity, changes } }: DeliveryRequest): number {
  const isNews = action !== "update" || changes === undefined || changes.firing.length > 0;
  return status === "firing" && isNews ? PRIORITY[severity] : QUIET;
}

function markdown(message: Message): string {
  const links = shortLinks(message).map(
    ({ name, url }) => `[${name}](<${url.replaceAll(/[<>\\\s]/g, encodeURIComponent)}>)`,
  );
  const render = ({ kind, text }: BodyLine): string => `${BULLETS[kind]}${escapeMarkdown(text)}`;
  return joined(message, render, links.join(" · "));
}

function plainText(message: Message): string {
  const render = ({ kind, text }: BodyLine): string => `${BULLETS[kind]}${text}`;
  return joined(
    message,
    render,
    shortLinks(message)
      .map(({ name, url }) => `${name}: ${url}`)
      .join("\n"),
  );
}

/** Two spaces before a line break keep it one in Markdown. */
const BREAK = "  \n";

function joined(message: Message, render: (line: BodyLine) => string, links: string): string {
  const most = MESSAGE_CHARACTERS - links.length - 2;
  const lines = bodyLines(message, { most, measure: (line) => render(line).length + BREAK.length });
  return `${lines.map(render).join(BREAK)}${links === "" ? "" : `\n\n${links}`}`;
}

const shortLinks = (message: Message): readonly NamedLink[] =>
  namedLinks(message).filter(({ url }) => url.length <= URL_CHARACTERS);

/**
 * Takes the meaning of Markdown from a line: an image in an alert would tell a stranger who reads it. An underscore
 * within a word has none. Source: https://spec.commonmark.org/0.31.2/#backslash-escapes
 */
const escapeMarkdown = (text: string): string =>
  text
    .replaceAll(/[\\`*[\]<>&~|#!$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, String.raw`\$&`)
    .replace(/^[-+=]/, String.raw`\$&`)
    .replace(/^(\d+)([.)])/, String.raw`$1\$2`);
