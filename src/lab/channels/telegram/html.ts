/** A text with Telegram's markup taken out, or the Bot API's sentence about what is wrong with it. */
export type ParsedHtml = { readonly text: string } | { readonly error: string };

const ALLOWED = new Set(["b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"]);
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };
const ATTRIBUTES = /^(?:\s+[\w-]+(?:=(?:"[^"]*"|'[^']*'|[\w.:/-]+))?)*\s*$/;
const TOKEN = /<(\/?)([a-zA-Z][\w-]*)?([^>]*)(>?)|&(#\d+|#x[0-9a-fA-F]+|\w+);|[^<&]+|&/g;

/**
 * Reads the HTML style of the Bot API: a few tags, four named entities, everything else refused.
 * Source: https://core.telegram.org/bots/api#html-style
 */
export function parseTelegramHtml(html: string): ParsedHtml {
  const open: string[] = [];
  let text = "";
  for (const match of html.matchAll(TOKEN)) {
    const [whole, slash, tag, attributes = "", end, entity] = match;
    const refuse = (what: string): ParsedHtml => ({ error: `${what} at byte offset ${byteOffset(html, match.index)}` });
    if (entity !== undefined) text += decode(entity) ?? whole;
    else if (!whole.startsWith("<")) text += whole;
    else if (end !== ">") return refuse("Unclosed start tag");
    else if (tag === undefined || !ALLOWED.has(tag)) return refuse(`Unsupported start tag "${nameOf(whole)}"`);
    else if (!ATTRIBUTES.test(attributes)) return refuse("Unexpected end of name token");
    else if (slash === "/") {
      if (open.pop() !== tag) return refuse("Unmatched end tag");
    } else open.push(tag);
  }
  const left = open.at(-1);
  if (left !== undefined) return { error: `Can't find end tag corresponding to start tag "${left}"` };
  return { text: text.trim() };
}

const nameOf = (tag: string): string => /^<\/?([^\s>]*)/.exec(tag)?.[1] ?? "";

const byteOffset = (html: string, index: number): number => Buffer.byteLength(html.slice(0, index));

function decode(entity: string): string | undefined {
  if (!entity.startsWith("#")) return ENTITIES[entity];
  const code = entity[1] === "x" ? Number.parseInt(entity.slice(2), 16) : Number.parseInt(entity.slice(1), 10);
  return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : undefined;
}
