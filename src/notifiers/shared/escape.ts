/** What is escaped as one: the beginning of an address, or a single character. */
const PIECES = /:\/\/|./gsu;

/**
 * Escapes a text piece by piece with `escape` and cuts it so that the result has at most `most` UTF-16 units; what was
 * cut ends in an ellipsis. No escape is ever cut in half. Reads no more of a long text than it keeps.
 */
export function escapeWithin(text: string, most: number, escape: (piece: string) => string): string {
  let kept = "";
  let fitting = "";
  for (const [piece] of text.toWellFormed().matchAll(PIECES)) {
    kept += escape(piece);
    if (kept.length > most) return `${fitting}…`;
    if (kept.length < most) fitting = kept;
  }
  return kept;
}
