/** What stands in the place of a secret. */
export const REDACTED = "<redacted>";

const LEAST = 8;
/** A single word of a language is hardly longer. */
const LONGEST_WORD = 20;
const MOST_PIECES = 8;
/** Longer ones are no matter of words. */
const LONGEST_SAID = 60;

/**
 * Whether a text behind a name like `token`, which prose has too, can be a secret: `expired`, `default/shop-tls` or
 * `41205` are none.
 */
export function looksSecret(text: string): boolean {
  if (text.length < LEAST) return false;
  if (text.length > LONGEST_SAID) return true;
  const pieces = text.split(/[-_.:/,+ ]/);
  return pieces.length > MOST_PIECES || !pieces.every(isSaid);
}

/** A word, some words written as one, a plain number, or a short name with a number such as `v2`. */
const isSaid = (piece: string): boolean =>
  /^\d{0,12}$/.test(piece) ||
  /^[a-z]{1,4}\d{1,3}$/i.test(piece) ||
  (piece.length < LONGEST_WORD && (/^[A-Z]+$/.test(piece) || /^[a-z]*(?:[A-Z][a-z]{2,})*$/.test(piece)));

const decoded = (base64: string): string => Buffer.from(base64.slice(0, 400), "base64").toString("latin1");

/** Whether the beginning of a JSON Web Token is one: its header is an object in JSON. */
export const isTokenHeader = (base64: string): boolean => /^\{\s?"[\x20-\x7e]*$/.test(decoded(base64));

/** Whether it is a name and a password, as they stand in `Authorization: Basic`. */
export const isLogin = (base64: string): boolean =>
  /^[\x20-\x7e\x80-\xff]*:[\x20-\x7e\x80-\xff]*$/.test(decoded(base64));
