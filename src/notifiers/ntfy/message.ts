import { createHash } from "node:crypto";
import type { Message, MessageSeverity } from "../../core/message.ts";
import type { DeliveryRequest } from "../../core/notifier.ts";
import { clip } from "../../lib/text.ts";
import { bodyLines, BULLETS, type BodyLine } from "../shared/body-lines.ts";
import { headline, namedLinks } from "../shared/wording.ts";

/** A button that opens a page. */
interface ViewAction {
  readonly action: "view";
  readonly label: string;
  readonly url: string;
}

/** What is published. Source: https://docs.ntfy.sh/publish/#publish-as-json */
export interface NtfyMessage {
  readonly topic: string;
  /** A message of the same id takes the place of the one before; a server before 2.16 does not know the field. */
  readonly sequence_id: string;
  readonly title: string;
  readonly message: string;
  /** From 1, unseen, to 5, urgent; 2 makes no sound. */
  readonly priority: number;
  readonly tags?: readonly string[];
  readonly click?: string;
  readonly actions?: readonly ViewAction[];
}

/** ntfy takes 1024 bytes; this many characters are fewer, whatever they are. */
const TITLE_CHARACTERS = 250;
/** Beyond 4096 bytes a message becomes an attachment, which nobody reads on a phone. */
const MESSAGE_BYTES = 4096;
/** Source: https://docs.ntfy.sh/publish/#action-buttons */
const MOST_ACTIONS = 3;
/** With these the whole request stays below the 16 KiB that servers before 2.x take as JSON. */
const URL_CHARACTERS = 1000;

const PRIORITY: Readonly<Record<MessageSeverity, number>> = { critical: 5, error: 4, warning: 3, info: 2 };
const QUIET = 2;

/** Names of emoji, shown before the title. Source: https://docs.ntfy.sh/emojis/ */
const EMOJI: Readonly<Record<MessageSeverity, string>> = {
  critical: "fire",
  error: "red_circle",
  warning: "orange_circle",
  info: "large_blue_circle",
};

/** Renders a message within ntfy's limits. The plain form has no tags, no buttons and no page to open. */
export function ntfyMessage(topic: string, request: DeliveryRequest): NtfyMessage {
  const { message } = request;
  const bare = {
    topic,
    sequence_id: sequenceId(request.threadKey),
    title: clip(headline(message).toWellFormed(), TITLE_CHARACTERS),
    message: body(message),
    priority: priority(request),
  };
  if (request.plain) return bare;
  const click = [message.links.watchkeeper, message.links.runbook].find(isShort);
  const actions = namedLinks(message)
    .filter(({ name, url }) => !isElsewhere(name, message) && isShort(url))
    .slice(0, MOST_ACTIONS)
    .map(({ name, url }): ViewAction => ({ action: "view", label: name, url }));
  return { ...bare, tags: tags(message), actions, ...(click !== undefined && { click }) };
}

/** What has no button: the page that a tap opens, and what the page of the evidence leads to. */
const isElsewhere = (name: string, { links }: Message): boolean =>
  name === "Watchkeeper" || (name === "Dashboard" && links.evidence !== undefined);

/** The id of a conversation's episode in the form that ntfy takes: 1 to 64 letters, digits, dashes and underscores. */
const sequenceId = (threadKey: string): string =>
  `watchkeeper-${createHash("sha256").update(threadKey).digest("hex").slice(0, 32)}`;

/** A change that only closes something, and the end of all, make no sound. */
function priority({ action, message }: DeliveryRequest): number {
  const { changes, severity, status } = message;
  const isNews = action !== "update" || changes === undefined || changes.firing.length > 0;
  return status === "firing" && isNews ? PRIORITY[severity] : QUIET;
}

function tags({ kind, status, severity, source }: Message): readonly string[] {
  const emoji = kind === "test" ? "wrench" : status === "resolved" ? "white_check_mark" : EMOJI[severity];
  return [emoji, severity, source.replaceAll(/[^\w.-]/g, "_").slice(0, 63)];
}

function body(message: Message): string {
  const render = ({ kind, text }: BodyLine): string => `${BULLETS[kind]}${text}`;
  const measure = (line: BodyLine): number => Buffer.byteLength(render(line)) + 1;
  return bodyLines(message, { most: MESSAGE_BYTES, measure }).map(render).join("\n");
}

const isShort = (url: string | undefined): boolean => url !== undefined && url.length <= URL_CHARACTERS;
