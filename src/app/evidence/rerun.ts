import type { Bundle, EvidenceItem } from "../../core/evidence.ts";

/** What a bundle that was made again says differently. */
export interface Rerun {
  /** The same items stand out, in the same order, with the same verdicts. */
  readonly isSame: boolean;
  /** One line for each difference. */
  readonly differences: readonly string[];
}

/** Compares a bundle with the one of the same question that was made earlier. */
export function compareBundles(former: Bundle, now: Bundle): Rerun {
  const verdicts = former.reports.flatMap((report) => {
    const other = now.reports.find(({ signal }) => signal === report.signal);
    if (other === undefined || other.verdict === report.verdict) return [];
    return [`${report.signal}: was ${report.verdict}, is ${other.verdict}: ${other.said}`];
  });
  const [was, is] = [itemsOf(former), itemsOf(now)];
  const gone = former.top.flatMap((id) => (now.top.includes(id) ? [] : [`no longer stands out: ${titleIn(was, id)}`]));
  const come = now.top.flatMap((id) => (former.top.includes(id) ? [] : [`stands out now: ${titleIn(is, id)}`]));
  const isOrdered = former.top.every((id, i) => now.top[i] === id);
  const order = gone.length + come.length === 0 && !isOrdered ? ["the same items stand out, in another order"] : [];
  const differences = [...verdicts, ...gone, ...come, ...order];
  return { isSame: differences.length === 0, differences };
}

const itemsOf = ({ reports }: Bundle): ReadonlyMap<string, EvidenceItem> =>
  new Map(reports.flatMap(({ items }) => items.map((item) => [item.id, item])));

const titleIn = (items: ReadonlyMap<string, EvidenceItem>, id: string): string => items.get(id)?.title ?? id;
