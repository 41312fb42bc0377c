import { oneLine } from "../../lib/text.ts";
import { escapeWithin } from "../shared/escape.ts";
import { webAddress } from "../shared/link-texts.ts";
import type { NamedLink } from "../shared/wording.ts";

/**
 * What is live in Discord's markdown wherever it stands, mentions and the beginning of an address included. Headings,
 * lists and quotes are live at the beginning of a line only, where no hostile text ever stands.
 * Sources: https://support.discord.com/hc/en-us/articles/210298617 and
 * https://docs.discord.com/developers/reference#message-formatting
 */
const LIVE = new Set(["\\", "*", "_", "~", "`", "|", "<", "[", "]", "@"]);

const escape = (piece: string): string => (piece === "://" ? ":\\//" : LIVE.has(piece) ? `\\${piece}` : piece);

/** A hostile text on one line as Discord shows it literally. Measures at most `most` UTF-16 units with its escapes. */
export const markdown = (text: string, most = Number.POSITIVE_INFINITY): string =>
  escapeWithin(oneLine(text), most, escape);

/** The longest address of a link; longer ones are left out, because a part of an address leads nowhere. */
const LONGEST_ADDRESS = 800;

/** A link in markdown; undefined when the address is none that a reader can be sent to. The name is one of ours. */
export function markdownLink({ name, url }: NamedLink): string | undefined {
  const address = webAddress(url)?.replaceAll(/[()<>\\`[\]]/g, percentEncoded);
  return address === undefined || address.length > LONGEST_ADDRESS ? undefined : `[${name}](${address})`;
}

const percentEncoded = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
