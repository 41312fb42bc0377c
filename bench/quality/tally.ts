import { rankReadings } from "../../src/correlation/rank/rank.ts";
import type { EvidenceItem } from "../../src/core/evidence.ts";
import { SHOP_FAULTS, type ShopFault } from "../../src/lab/shop/contract.ts";
import { makeIncident } from "./incident.ts";

/** How well one kind of incident is explained. */
export interface FaultTally {
  readonly fault: ShopFault;
  readonly incidents: number;
  /** Incidents whose true cause is the first, or among the first three, of what a person sees. */
  readonly first: number;
  readonly firstThree: number;
  /** Incidents of which nothing at all stands out. */
  readonly silent: number;
}

/** What came of all incidents, and of windows in which nothing was wrong. */
export interface QualityTally {
  readonly faults: readonly FaultTally[];
  readonly quiet: number;
  /** Quiet windows of which something stands out, though nothing was wrong. */
  readonly falseAlarms: number;
}

/** What a person sees first of an incident. */
export interface Verdict {
  readonly seed: number;
  readonly fault: ShopFault | undefined;
  readonly top: readonly EvidenceItem[];
  /** Place of the true cause, from 1 on; 0 when it is not among the top. */
  readonly place: number;
}

/** Makes an incident, ranks its evidence, and looks where the true cause stands. */
export function judge(seed: number, fault: ShopFault | undefined): Verdict {
  const { shop, question, readings } = makeIncident(seed, fault);
  const { reports, top } = rankReadings(readings, question);
  const items = new Map(reports.flatMap((report) => report.items.map((item) => [item.id, item])));
  const seen = top.flatMap((id) => items.get(id) ?? []);
  return { seed, fault, top: seen, place: seen.findIndex((item) => shop.causes(item)) + 1 };
}

/** Judges every fault with every seed, and as many quiet shops. */
export function tallyQuality(seeds: readonly number[], onVerdict?: (verdict: Verdict) => void): QualityTally {
  const judged = (fault: ShopFault | undefined): Verdict[] =>
    seeds.map((seed) => {
      const verdict = judge(seed, fault);
      onVerdict?.(verdict);
      return verdict;
    });
  const quiet = judged(undefined);
  const faults = SHOP_FAULTS.map((fault) => {
    const verdicts = judged(fault);
    const count = (isMeant: (verdict: Verdict) => boolean): number => verdicts.filter(isMeant).length;
    return {
      fault,
      incidents: verdicts.length,
      first: count(({ place }) => place === 1),
      firstThree: count(({ place }) => place >= 1 && place <= 3),
      silent: count(({ top }) => top.length === 0),
    };
  });
  return { faults, quiet: quiet.length, falseAlarms: quiet.filter(({ top }) => top.length > 0).length };
}
