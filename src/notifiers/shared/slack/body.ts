import type { Message } from "../../../core/message.ts";
import { oneLine } from "../../../lib/text.ts";
import { bodyLines, type BodyLine } from "../body-lines.ts";
import { escapeWithin } from "../escape.ts";
import { linkTexts } from "../link-texts.ts";
import { headline, symbol, timing } from "../wording.ts";
import { mrkdwn, mrkdwnLink } from "./mrkdwn.ts";

interface PlainText {
  readonly type: "plain_text";
  readonly text: string;
}

interface Mrkdwn {
  readonly type: "mrkdwn";
  readonly text: string;
  /** Keeps Slack from making links of what looks like an address, a channel or a person. */
  readonly verbatim: true;
}

/** The blocks that are used here. Source: https://docs.slack.dev/reference/block-kit/blocks */
export type Block =
  | { readonly type: "header"; readonly text: PlainText }
  | { readonly type: "section"; readonly text: Mrkdwn }
  | { readonly type: "context"; readonly elements: readonly Mrkdwn[] };

/** What a message of Slack consists of. */
export interface SlackBody {
  /** What notifications and screen readers tell; all of it when there are no blocks. mrkdwn. */
  readonly text: string;
  /** Empty in the plain form. */
  readonly blocks: readonly Block[];
}

/** Slack takes 150 characters. Source: https://docs.slack.dev/reference/block-kit/blocks/header-block */
const HEADER_MOST = 150;
/**
 * All lines of the body together. Slack takes 3000 characters a section, and 13,000 or so in all blocks together (not
 * documented; https://github.com/slackapi/bolt-js/issues/2509).
 */
const BODY_MOST = 2_800;
const LINKS_MOST = 2_800;
const SECTION_MOST = 3_000;
/**
 * Slack wants less than 4000 in `text`. Source: https://docs.slack.dev/reference/methods/chat.postMessage#truncating
 */
const PLAIN_BODY_MOST = 2_000;
const PLAIN_LINKS_MOST = 1_400;
const SUMMARY_MOST = 500;

/** The message in blocks with a summary as text, or all of it as text. */
export function slackBody(message: Message, plain: boolean): SlackBody {
  const title = `${symbol(message)} ${headline(message)}`;
  const first = mrkdwn(title, SUMMARY_MOST);
  if (plain) return { text: [first, ...plainLines(message)].join("\n"), blocks: [] };
  const lines = bodyLines(message, { most: BODY_MOST, measure });
  const [state, ...labels] = lines.filter(({ kind }) => kind === "fact");
  const found = evidenceSection(lines, message);
  const ofKind = (...kinds: readonly BodyLine["kind"][]): readonly BodyLine[] =>
    lines.filter(({ kind }) => kinds.includes(kind));
  return {
    text: `${first}\n${mrkdwn(timing(message))}`,
    blocks: [
      {
        type: "header",
        text: { type: "plain_text", text: escapeWithin(oneLine(title), HEADER_MOST, (piece) => piece) },
      },
      ...section(lineTexts([...(state === undefined ? [] : [state]), ...ofKind("alert", "closed", "detail", "rest")])),
      ...section(lineTexts(ofKind("change"))),
      ...section(found.text),
      ...section(linksOf(found.hasLink ? withoutEvidenceLink(message) : message, LINKS_MOST)),
      ...context(lineTexts(labels)),
    ],
  };
}

/** What was found, with the link to all of it where both have room in one section. */
function evidenceSection(lines: readonly BodyLine[], { links }: Message) {
  const text = lineTexts(lines.filter(({ kind }) => kind === "evidence"));
  const link = links.evidence && mrkdwnLink({ name: "All that was found", url: links.evidence });
  const hasLink = text !== "" && link !== undefined && text.length + link.length < SECTION_MOST;
  return { text: hasLink ? `${text}\n${link}` : text, hasLink };
}

const withoutEvidenceLink = (message: Message): Message => {
  const { evidence: _, ...links } = message.links;
  return { ...message, links };
};

const plainLines = (message: Message): readonly string[] => [
  lineTexts(bodyLines(message, { most: PLAIN_BODY_MOST, measure })),
  linksOf(message, PLAIN_LINKS_MOST),
];

const linksOf = (message: Message, most: number): string =>
  linkTexts(message, { most, between: "  ·  ", write: mrkdwnLink });

const MARKS: Readonly<Record<BodyLine["kind"], string>> = {
  fact: "",
  change: "↳ ",
  alert: "• ",
  closed: "✓ ",
  detail: "— ",
  rest: "… ",
  evidence: "› ",
};

const lineText = ({ kind, text }: BodyLine): string => `${MARKS[kind]}${mrkdwn(text)}`;
const measure = (line: BodyLine): number => lineText(line).length + 1;
const lineTexts = (lines: readonly BodyLine[]): string => lines.map(lineText).join("\n");

const written = (text: string): Mrkdwn => ({ type: "mrkdwn", text, verbatim: true });
const section = (text: string): readonly Block[] => (text === "" ? [] : [{ type: "section", text: written(text) }]);
const context = (text: string): readonly Block[] =>
  text === "" ? [] : [{ type: "context", elements: [written(text)] }];
