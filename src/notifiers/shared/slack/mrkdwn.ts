import { oneLine } from "../../../lib/text.ts";
import { escapeWithin } from "../escape.ts";
import { webAddress } from "../link-texts.ts";
import type { NamedLink } from "../wording.ts";

/**
 * Slack's three control characters; and the backtick, because two of them anywhere make code of all that is between.
 * Source: https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "'" };

/**
 * A hostile text on one line as Slack's mrkdwn shows it literally: no mention, link or code comes about. Measures at
 * most `most` UTF-16 units with its escapes.
 */
export const mrkdwn = (text: string, most = Number.POSITIVE_INFINITY): string =>
  escapeWithin(oneLine(text), most, (piece) => ESCAPES[piece] ?? piece);

/** The longest address of a link; longer ones are left out, because a part of an address leads nowhere. */
const LONGEST_ADDRESS = 1_500;

/** A link in mrkdwn; undefined when the address is none that a reader can be sent to. The name is one of ours. */
export function mrkdwnLink({ name, url }: NamedLink): string | undefined {
  const address = mrkdwn(webAddress(url)?.replaceAll("|", "%7C").replaceAll("`", "%60") ?? "");
  return address === "" || address.length > LONGEST_ADDRESS ? undefined : `<${address}|${name}>`;
}
