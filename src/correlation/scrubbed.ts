import { REDACTED } from "../lib/scrub/looks.ts";

type Scrub = (text: string) => string;

/** A copy of a plain document with every text of it scrubbed, that too which is a secret only by its key; keys stay. */
export function scrubbed<T>(document: T, scrub: Scrub): T {
  return walk("", document, scrub) as T;
}

/**
 * The scrubbed value of something that has a name, such as an attribute: `<redacted>` as a whole when the name is that
 * of a secret.
 */
export function scrubbedValue(name: string, value: string, scrub: Scrub): string {
  const plain = scrub(value);
  if (name === "" || plain === "" || plain === REDACTED) return plain;
  const named = `${name.replace(SUBFIELD, "")}=${plain}`;
  return scrub(named) === named ? plain : REDACTED;
}

/**
 * A path with its query, each parameter scrubbed as what it stands for: a secret may not be known for one in its
 * escaped form.
 */
export const scrubbedPath = (path: string, scrub: Scrub): string =>
  path.replaceAll(PARAMETER, (all: string, name: string, value: string) => {
    const plain = new URLSearchParams(`x=${value}`).get("x") ?? "";
    const after = scrubbedValue(name, plain, scrub);
    return after === plain ? all : all.slice(0, -value.length) + encodeURIComponent(after);
  });

const PARAMETER = /[?&]([^=&#?]*)=([^&#]+)/g;

/** Elasticsearch indexes a text a second time under a name below its own. */
const SUBFIELD = /\.(?:keyword|text|raw)$/;

/** Texts that are remembered, in characters; more are forgotten at once. */
const MOST_CHARACTERS = 8 * 1024 * 1024;
const OF_AN_ENTRY = 64;

/**
 * The same, but a text that comes again is not looked through again. To be used for one document, since it holds its
 * secrets.
 */
export function remembering(scrub: Scrub): Scrub {
  const known = new Map<string, string>();
  let characters = 0;
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    if (characters > MOST_CHARACTERS) {
      known.clear();
      characters = 0;
    }
    const after = scrub(text);
    known.set(text, after);
    characters += text.length + OF_AN_ENTRY;
    return after;
  };
}

function walk(key: string, value: unknown, scrub: Scrub): unknown {
  if (typeof value === "string") return scrubbedValue(key, value, scrub);
  if (Array.isArray(value)) return isNumbers(value) ? value : value.map((one) => walk(key, one, scrub));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walk(name, one, scrub)]));
}

/** Points are most of a bundle, and hold no text. */
const isNumbers = (values: readonly unknown[]): boolean => {
  const [first] = values;
  return typeof first === "number" || (Array.isArray(first) && typeof first[0] === "number");
};
