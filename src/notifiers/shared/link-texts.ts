import type { Message } from "../../core/message.ts";
import { namedLinks, type NamedLink } from "./wording.ts";

/** The address if a reader can be sent there: `http` or `https`, written as a URL parser writes it; else undefined. */
export function webAddress(text: string): string | undefined {
  const url = URL.parse(text);
  return url?.protocol === "http:" || url?.protocol === "https:" ? url.href : undefined;
}

/**
 * The links of a message as `write` renders them, as many as fit into `most` characters with `between` between two;
 * half a link is of no use. The last one, Watchkeeper's own page, has what finds no room here, so it comes before all
 * others.
 */
export function linkTexts(
  message: Message,
  { most, between, write }: { most: number; between: string; write: (link: NamedLink) => string | undefined },
): string {
  const texts = namedLinks(message).flatMap((link) => write(link) ?? []);
  const own = texts.pop();
  let left = most - (own?.length ?? 0);
  const fitting = texts.filter((text) => {
    const size = text.length + between.length;
    if (size > left) return false;
    left -= size;
    return true;
  });
  return [...fitting, ...(own === undefined || own.length > most ? [] : [own])].join(between);
}
