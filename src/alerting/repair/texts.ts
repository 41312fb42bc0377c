import type { TextMap } from "../../core/notification.ts";

/** Whether two sets of labels or annotations are equal. */
export function sameTexts(a: TextMap, b: TextMap): boolean {
  const entries = Object.entries(a);
  return entries.length === Object.keys(b).length && entries.every(([name, value]) => b[name] === value);
}

/** A moment in words, in UTC, to the minute: every reader's clock is another. */
export const moment = (unixMs: number): string =>
  `${new Date(unixMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
