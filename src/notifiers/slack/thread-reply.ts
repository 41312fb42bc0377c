import type { Message } from "../../core/message.ts";
import type { DeliveryAction } from "../../core/notifier.ts";
import { mrkdwn } from "../shared/slack/mrkdwn.ts";
import { alertLine, changeLines, headline, statusWord, symbol, timing } from "../shared/wording.ts";

/** A reply in the thread of a message. */
export interface ThreadReply {
  /** mrkdwn, less than 4000 characters. */
  readonly text: string;
  /** Whether the channel sees it too. An edit is noticed by nobody, so what somebody must notice is told there. */
  readonly isBroadcast: boolean;
}

/** Slack wants less than 4000. Source: https://docs.slack.dev/reference/methods/chat.postMessage#truncating */
const REPLY_MOST = 3_500;
const REMINDED = 5;

/** What the thread is told beside the edit; undefined when nothing is to be told. */
export function threadReply(action: DeliveryAction, message: Message): ThreadReply | undefined {
  const changes = changeLines(message);
  if (action === "open" || (action === "update" && changes.length === 0)) return undefined;
  if (action === "remind") return { text: lines(reminder(message)), isBroadcast: true };
  if (action === "close")
    return {
      text: lines([`${symbol(message)} ${statusWord(message)}, ${timing(message)}`, ...changes]),
      isBroadcast: false,
    };
  const { firing = [], moreFiring = 0 } = message.changes ?? {};
  return {
    text: lines([`${symbol(message)} ${statusWord(message)}`, ...changes]),
    isBroadcast: firing.length + moreFiring > 0,
  };
}

function reminder(message: Message): readonly string[] {
  const firing = message.alerts.filter(({ state }) => state === "firing");
  return [
    `${symbol(message)} Still ${headline(message)}, ${timing(message)}`,
    ...firing.slice(0, REMINDED).map((alert) => `• ${alertLine(alert)}`),
  ];
}

/** Each line has its share, so that a long one does not push out the others. */
function lines(texts: readonly string[]): string {
  const most = Math.floor(REPLY_MOST / texts.length);
  return texts.map((text) => mrkdwn(text, Math.max(100, most - 1))).join("\n");
}
