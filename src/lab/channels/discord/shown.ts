import type { Shown } from "../board.ts";
import type { DiscordPost, Embed } from "./limits.ts";

/** What Discord shows of a message: its first line is the title. */
export function shownOf({ content, embeds }: DiscordPost): Shown {
  const text = [content, ...embeds.flatMap(linesOf)]
    .filter((part) => part !== "")
    .map(readable)
    .join("\n");
  const [title = "", ...rest] = text.split("\n");
  return { title, text: rest.join("\n") };
}

const linesOf = ({ author, title = "", description = "", fields = [], footer }: Embed): readonly string[] => [
  author?.name ?? "",
  title,
  description,
  ...fields.map(({ name, value }) => `${name}: ${value}`),
  footer?.text ?? "",
];

/** A backslash and what it protects, a link, or a sign that makes text bold, italic, struck through, code or hidden. */
const MARKUP = /\\([^0-9A-Za-z\s])|\[([^[\]\n]+)\]\(<?([^\s()<>]+)>?\)|\*\*|__|~~|\|\||[*`]/g;

/** Markdown as a person reads it: links with their address behind, mentions as they call somebody. */
const readable = (markdown: string): string =>
  markdown.replaceAll(
    MARKUP,
    (_, literal?: string, name?: string, address?: string) =>
      literal ?? (name === undefined ? "" : `${name} (${address})`),
  );
