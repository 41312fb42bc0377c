import { figuresOf, isMet, printAim, printNumber, printQuantity, type Figure } from "./figures.ts";
import { measuredClaims, type Results } from "./results.ts";

/** A ratio may be so many times worse than the one that is kept: two runs on a quiet machine differ by less. */
export const WORSE = 1.5;

/** What a person must look at before a release; nothing when all is well. Only ratios are compared, which machines of another speed share. */
export function findFaults(now: Results, kept: Results): readonly string[] {
  const failed = Object.entries(now.claims).flatMap(([name, claim]) =>
    "failed" in claim ? [`${name} failed: ${claim.failed}`] : [],
  );
  const measured = measuredClaims(now).flatMap(([claim, { rows }]) => {
    const before = keptFigures(kept, claim);
    const figures = figuresOf(rows);
    return [
      ...figures.flatMap((figure) => missedAim(claim, figure, before.get(figure.name))),
      ...figures.flatMap((figure) => becameWorse(claim, figure, before.get(figure.name))),
      ...[...before.keys()]
        .filter((name) => !figures.some((figure) => figure.name === name))
        .map((name) => `${claim} ${name}: was not measured this time`),
    ];
  });
  return [...failed, ...measured];
}

function keptFigures({ claims }: Results, name: string): ReadonlyMap<string, Figure> {
  const claim = claims[name];
  return new Map(claim !== undefined && "rows" in claim ? figuresOf(claim.rows).map((one) => [one.name, one]) : []);
}

function missedAim(claim: string, { name, value, unit, aim }: Figure, kept: Figure | undefined): readonly string[] {
  if (aim === undefined || isMet(value, aim)) return [];
  const before =
    kept === undefined ? "" : ` (it was ${printQuantity(kept.value, kept.unit)} in the results that are kept)`;
  return [`${claim} ${name}: ${printQuantity(value, unit)}, and the aim is ${printAim(aim, unit)}${before}`];
}

function becameWorse(claim: string, now: Figure, kept: Figure | undefined): readonly string[] {
  if (!now.isRatio || kept === undefined) return [];
  const times = now.moreIsBetter ? kept.value / now.value : now.value / kept.value;
  if (times <= WORSE) return [];
  const [is, was] = [printNumber(now.value), printNumber(kept.value)];
  return [
    `${claim} ${now.name}: ${is}, which is more than ${WORSE} times worse than ${was} in the results that are kept`,
  ];
}
