import type { Message, MessageSeverity } from "../../core/message.ts";
import type { DeliveryAction } from "../../core/notifier.ts";
import { bodyLines, type BodyLine } from "../shared/body-lines.ts";
import { linkTexts } from "../shared/link-texts.ts";
import { alertLine, changeLines, headline, symbol, timing } from "../shared/wording.ts";
import { markdown, markdownLink } from "./markdown.ts";

/** Source: https://docs.discord.com/developers/resources/message#embed-object */
interface Embed {
  readonly description: string;
  /** 24 bits of red, green and blue. */
  readonly color: number;
  /** When it began, in ISO 8601; Discord shows it in the reader's own time. */
  readonly timestamp: string;
}

/** What is posted or edited. Source: https://docs.discord.com/developers/resources/webhook#execute-webhook */
export interface DiscordBody {
  readonly content: string;
  /** Sent when empty too: those that are left out of an edit would stay. */
  readonly embeds: readonly Embed[];
  /** Nobody is ever called by a text of an alert. */
  readonly allowed_mentions: { readonly parse: readonly never[] };
}

/** Discord takes 2000 characters of content. */
const CONTENT_MOST = 2_000;
const TITLE_MOST = 600;
const LINE_MOST = 400;
/**
 * Discord takes 4096 characters of description, and 6000 in all embeds. Source:
 * https://docs.discord.com/developers/resources/message#embed-object-embed-limits
 */
const BODY_MOST = 2_400;
const LINKS_MOST = 1_600;
const PLAIN_BODY_MOST = 1_500;

const COLORS: Readonly<Record<MessageSeverity, number>> = {
  critical: 0xc62828,
  error: 0xe53935,
  warning: 0xfb8c00,
  info: 0x1e88e5,
};
const RESOLVED_COLOR = 0x2e7d32;
const TEST_COLOR = 0x757575;

/** The whole message: one line, and the rest in a coloured box; of the plain form only text. */
export function discordBody(message: Message, plain: boolean): DiscordBody {
  const title = `${symbol(message)} ${markdown(headline(message), TITLE_MOST)}`;
  if (plain) {
    const lines = [title, ...bodyLines(message, { most: PLAIN_BODY_MOST, measure }).map(lineText)];
    return textOnly(within(lines, CONTENT_MOST));
  }
  const links = linkTexts(message, { most: LINKS_MOST, between: " · ", write: markdownLink });
  const description = [...bodyLines(message, { most: BODY_MOST, measure }).map(lineText), links].join("\n");
  const embed = { description, color: colorOf(message), timestamp: new Date(message.since).toISOString() };
  return { ...textOnly(title), embeds: [embed] };
}

/**
 * A webhook can not answer a message, so a post of its own tells what somebody must notice; undefined when nobody must.
 */
export function discordNotice(action: DeliveryAction, message: Message): DiscordBody | undefined {
  const { firing = [], moreFiring = 0 } = message.changes ?? {};
  if (action === "open" || (action === "update" && firing.length + moreFiring === 0)) return undefined;
  const still = action === "remind" ? "Still " : "";
  const title = `${symbol(message)} ${still}${markdown(headline(message), TITLE_MOST)}, ${timing(message)}`;
  const told = action === "remind" ? remindedOf(message) : changeLines(message);
  return textOnly(within([title, ...told.map((text) => `• ${markdown(text, LINE_MOST)}`)], CONTENT_MOST));
}

const REMINDED = 5;

const remindedOf = ({ alerts }: Message): readonly string[] =>
  alerts
    .filter(({ state }) => state === "firing")
    .slice(0, REMINDED)
    .map(alertLine);

const textOnly = (content: string): DiscordBody => ({ content, embeds: [], allowed_mentions: { parse: [] } });

/** As many lines as fit; no line is cut, because half an escape could bring its text to life. */
function within(lines: readonly string[], most: number): string {
  let left = most - 2;
  const kept: string[] = [];
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) return [...kept, "…"].join("\n");
    kept.push(line);
  }
  return kept.join("\n");
}

const colorOf = ({ kind, status, severity }: Message): number =>
  kind === "test" ? TEST_COLOR : status === "resolved" ? RESOLVED_COLOR : COLORS[severity];

/** Something of ours begins each line, so that no text of an alert does. */
const MARKS: Readonly<Record<BodyLine["kind"], string>> = {
  fact: "· ",
  change: "↳ ",
  alert: "• ",
  closed: "✓ ",
  detail: "— ",
  rest: "… ",
  evidence: "› ",
};

const lineText = ({ kind, text }: BodyLine): string => `${MARKS[kind]}${markdown(text)}`;
const measure = (line: BodyLine): number => lineText(line).length + 1;
