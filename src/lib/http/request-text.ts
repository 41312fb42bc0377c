import { REDACTED, type Secret } from "../../core/secret.ts";

/** The longest text of another system that goes into one of our messages. */
const EXCERPT_CHARACTERS = 200;
/** Shorter pieces of a credential or a query would redact ordinary words; a credential is never that short. */
const PIECE_CHARACTERS = 6;

/**
 * A URL as every message shows it: without user info, query and fragment. One that is itself a secret, such as an
 * incoming webhook's, shows its origin only.
 */
export const describeUrl = (url: URL, isSecret = false): string =>
  `${url.origin}${isSecret ? `/${REDACTED}` : url.pathname}`;

/** Method and URL as every message shows them: see {@link describeUrl}. */
export const describeRequest = (method: string, url: URL, urlIsSecret = false): string =>
  `${method} ${describeUrl(url, urlIsSecret)}`;

/** Text of another system for a message: one line, no control characters, at most 200 characters. */
export function printable(text: string): string {
  const line = text.replace(/[\p{C}\s]+/gu, " ").trim();
  const characters = [...line];
  return characters.length <= EXCERPT_CHARACTERS ? line : `${characters.slice(0, EXCERPT_CHARACTERS).join("")}…`;
}

/**
 * Takes a request's secrets out of a text that came back, for servers that echo what they were sent: each secret whole,
 * in pieces (`Bearer <token>`, `user!id=<token>`), decoded where it is a Basic login, and encoded for a URL, and the
 * values of the query.
 */
export function redact(text: string, secrets: readonly Secret[], url: URL): string {
  const whole = secrets.map((secret) => secret.reveal());
  const pieces = [...whole.flatMap((one) => one.split(/[\s=,;:"]+/)), url.search, ...url.searchParams.values()];
  const plain = [...whole, ...whole.flatMap(loginTexts), ...pieces.filter((piece) => piece.length >= PIECE_CHARACTERS)];
  const needles = [...new Set([...plain, ...plain.map(encodeText)])].filter((needle) => needle !== "");
  // The longest first, so that no part of a longer one stays behind.
  needles.sort((a, b) => b.length - a.length);
  return needles.reduce((rest, needle) => rest.replaceAll(needle, REDACTED), text);
}

/** What a server reads in a Basic login: user with password, and the password alone. */
function loginTexts(header: string): readonly string[] {
  const encoded = /^Basic (.+)$/.exec(header)?.[1];
  if (encoded === undefined) return [];
  const pair = Buffer.from(encoded, "base64").toString();
  return [pair, pair.slice(pair.indexOf(":") + 1)];
}

/** `encodeURIComponent` that keeps a text with half a surrogate pair as it is instead of throwing. */
function encodeText(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : text;
}
