import { formatDuration } from "../../core/duration.ts";
import type { Slo, Tier } from "../model.ts";
import { lengthOf, tiersOf } from "../tiers.ts";
import { error, percent, warning, type Fault, type SloCheck } from "./check.ts";

/** A tier that asks for more failures than there are events. */
export const deadTier: SloCheck = {
  name: "dead-tier",
  check: (slo) => perAlert(slo, (which, tiers) => deadOf(slo, which, tiers)),
};

function deadOf(slo: Slo, which: Tier["alert"], tiers: readonly Tier[]): readonly Fault[] {
  const budget = 1 - slo.objective;
  const dead = tiers.filter(({ factor }) => factor * budget >= 1);
  const least = Math.min(...dead.map(({ factor }) => factor));
  if (dead.length === 0) return [];
  const which_ = dead.map(({ long, factor }) => `${formatDuration(long)} (${factor}x)`).join(", ");
  const what = `can never fire on its ${dead.length === 1 ? "tier" : "tiers"} ${which_}: ${percent(budget)} of budget times ${least} is more than all events`;
  const remedy = `give tiers with factors below ${Math.floor((1 / budget) * 10) / 10}, or an objective above ${percent(1 - 1 / least)}`;
  if (dead.length < tiers.length)
    return [warning(`alerting.${which}`, `${what}; its other tiers fire. To be told sooner ${remedy}`)];
  return [
    error(`alerting.${which}`, `${what}, so the ${which} never fires at all: ${remedy}, or turn the ${which} off`),
  ];
}

/** A window that no row of the burn rate table fits into. */
export const noTier: SloCheck = {
  name: "no-tier",
  check(slo) {
    const length = formatDuration(lengthOf(slo.window));
    const all = tiersOf(slo);
    return (["page", "ticket"] as const).flatMap((which) =>
      !slo.alerting[which].enabled || all.some(({ alert }) => alert === which)
        ? []
        : [
            error(
              `alerting.${which}`,
              `is on, but the window of ${length} has no tier for it, so it is never written: take a longer window, give tiers of your own, or turn the ${which} off`,
            ),
          ],
    );
  },
};

/** A tier whose windows do not go together with each other or with the SLO's. */
export const oddTier: SloCheck = {
  name: "odd-tier",
  check: (slo) => (slo.alerting.tiers ?? []).flatMap((tier, i) => oddOf(slo, tier, `alerting.tiers.${i}`)),
};

function oddOf({ window, timeslices }: Slo, { long, short, factor }: Tier, field: string): readonly Fault[] {
  const text = { long: formatDuration(long), short: formatDuration(short), window: formatDuration(lengthOf(window)) };
  return [
    ...(factor > 0 ? [] : [error(field, `has the factor ${factor}: it would always fire; take one above 0`)]),
    ...(short < long
      ? []
      : [
          error(
            field,
            `has a short window of ${text.short}, which is not shorter than ${text.long}: take about a twelfth`,
          ),
        ]),
    ...(long <= lengthOf(window)
      ? []
      : [
          error(
            field,
            `looks back over ${text.long}, longer than the SLO's window of ${text.window}: take a shorter one`,
          ),
        ]),
    ...(timeslices === undefined || short >= timeslices.length
      ? []
      : [
          warning(
            field,
            `has a short window of ${text.short}, shorter than a slice of ${formatDuration(timeslices.length)}: take at least a slice`,
          ),
        ]),
  ];
}

function perAlert(
  slo: Slo,
  check: (which: Tier["alert"], tiers: readonly Tier[]) => readonly Fault[],
): readonly Fault[] {
  return (["page", "ticket"] as const).flatMap((which) => {
    const tiers = tiersOf(slo).filter(({ alert }) => alert === which);
    return slo.alerting[which].enabled && tiers.length > 0 ? check(which, tiers) : [];
  });
}
