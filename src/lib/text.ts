/**
 * Cuts a text to that many characters (code points, so that no pair is torn apart); what was cut ends in an ellipsis.
 */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  // a character has at most two units, so that no more of a long text is looked at
  const points = Array.from(text.slice(0, 2 * most + 2));
  return points.length <= most ? text : `${points.slice(0, Math.max(0, most - 1)).join("")}…`;
}

/** Cuts a text to that many bytes of UTF-8; what was cut ends in an ellipsis. */
export function clipBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  let bytes = 0;
  let kept = "";
  for (const point of text) {
    bytes += Buffer.byteLength(point);
    if (bytes > most - 3) break;
    kept += point;
  }
  return `${kept}…`;
}

/** Control characters, and those that turn the direction of a text or hide themselves in it. */
// eslint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** The text without what a reader can not see; line breaks and tabs stay. */
export const visible = (text: string): string => text.replaceAll("\r\n", "\n").replace(UNSEEN, "");

/** The text on one line, without what a reader can not see. */
export const oneLine = (text: string): string => visible(text).replaceAll(/\s+/g, " ").trim();

/** A text as a sentence: it begins with a capital letter and ends with a stop. */
export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
