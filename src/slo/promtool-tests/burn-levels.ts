import type { Slo, Tier } from "../model.ts";
import { tiersOf } from "../tiers.ts";

/** How fast the budget burns in a case, and what must come of it. */
export interface BurnLevel {
  /** Times too fast. */
  readonly burn: number;
  /** Share of events that fail. */
  readonly ratio: number;
  readonly page: boolean;
  readonly ticket: boolean;
}

/** The tiers of an SLO whose alerts are written. */
export const writtenTiers = (slo: Slo): readonly Tier[] =>
  tiersOf(slo).filter(({ alert }) => slo.alerting[alert].enabled);

/** What must happen when the budget burns so many times too fast from the first minute on, and events are many. */
export function levelAt(slo: Slo, burn: number): BurnLevel {
  const raises = (which: Tier["alert"]): boolean =>
    writtenTiers(slo).some(({ alert, factor }) => alert === which && factor < burn);
  return { burn, ratio: burn * (1 - slo.objective), page: raises("page"), ticket: raises("ticket") };
}

/**
 * One level between each factor and the next, so that each tier is seen alone; none that more than all events would
 * need.
 */
export function levelsOf(slo: Slo): readonly BurnLevel[] {
  const outage = 1 / (1 - slo.objective);
  const factors = [...new Set(writtenTiers(slo).map(({ factor }) => factor))].toSorted((a, b) => a - b);
  return factors.flatMap((factor, i) => {
    const next = Math.min(factors[i + 1] ?? factor * 2, outage);
    return factor < next * 0.99 ? [levelAt(slo, rounded(Math.sqrt(factor * next)))] : [];
  });
}

/** Half of what the budget allows, or of what the lowest tier does. */
export const quietBurn = (slo: Slo): number =>
  rounded(Math.min(1, ...writtenTiers(slo).map(({ factor }) => factor)) / 2);

const rounded = (burn: number): number => Number(burn.toPrecision(3));

/** `4.24 times too fast`. */
export const burnText = ({ burn }: BurnLevel): string => `${burn} times too fast`;
