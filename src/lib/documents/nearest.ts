import { closest, distance } from "fastest-levenshtein";

/** The known name that was probably meant: about a third of its letters may differ, upper case counts as lower case. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const lower = known.map((one) => one.toLowerCase());
  if (lower.length === 0) return undefined;
  const best = closest(name.toLowerCase(), lower);
  const near = distance(name.toLowerCase(), best) <= Math.max(1, Math.round(best.length / 3));
  return near ? known[lower.indexOf(best)] : undefined;
}

const LISTED = 12;

/** Names as a list for a sentence, cut off when there are many. */
export function listOf(names: readonly string[]): string {
  return names.length <= LISTED ? names.join(", ") : `${names.slice(0, LISTED).join(", ")}, ...`;
}
