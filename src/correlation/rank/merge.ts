import type { EvidenceItem } from "../../core/evidence.ts";
import { byScore } from "./finding.ts";
import { meaningOf } from "./meaning.ts";

const MOST_TOP = 10;
/** Each further piece of one signal among the top counts for so much less: others may say something new. */
const MORE_OF_SAME = 0.8;

/** Ids of what a person should look at first, of all signals; what two signals say alike is there once. */
export function topOf(items: readonly EvidenceItem[]): string[] {
  const rest = withoutEchoes(items.filter(({ isSignificant }) => isSignificant).toSorted(byScore));
  const seen = new Map<string, number>();
  const top: string[] = [];
  while (top.length < MOST_TOP && rest.length > 0) {
    const worth = rest.map(({ signal, score }) => score * MORE_OF_SAME ** (seen.get(signal) ?? 0));
    const [next] = rest.splice(worth.indexOf(Math.max(...worth)), 1);
    if (next === undefined) break;
    seen.set(next.signal, (seen.get(next.signal) ?? 0) + 1);
    top.push(next.id);
  }
  return top;
}

/** A field of logs and an attribute of traces often are one thing with one value: the better one of them stays. */
function withoutEchoes(items: readonly EvidenceItem[]): EvidenceItem[] {
  const seen = new Set<string>();
  return items.filter(({ detail }) => {
    if (detail.kind !== "field_value") return true;
    const key = `${meaningOf(detail.field)} ${detail.value}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
