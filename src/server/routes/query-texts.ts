import { closest } from "fastest-levenshtein";
import { listOf } from "../../lib/documents/nearest.ts";

/** What is asked behind the `?`, as Fastify reads it. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The parameters of a query; or a sentence about the one that is not known, empty, or there twice: it would be a slip.
 */
export function readTexts(
  query: Query,
  known: readonly string[],
): { readonly texts: Readonly<Record<string, string>> } | { readonly fault: string } {
  for (const [name, value] of Object.entries(query)) {
    if (!known.includes(name)) return { fault: unknown(name, known) };
    if (typeof value !== "string") return { fault: `${name} is there more than once` };
    if (value.trim() === "") return { fault: `${name} is empty: give it a value, or leave it out` };
  }
  return { texts: query as Readonly<Record<string, string>> };
}

const MOST_SHOWN = 60;

function unknown(name: string, known: readonly string[]): string {
  const shown = name.slice(0, MOST_SHOWN);
  return `there is no parameter ${JSON.stringify(shown)}: did you mean ${closest(shown, known)}? There are ${listOf(known)}.`;
}
