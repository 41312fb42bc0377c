import { round } from "../report.ts";
import type { FaultTally, QualityTally } from "./tally.ts";

/** The figures by their lasting names; shares from 0 to 1. */
export function qualityFigures({ faults, quiet, falseAlarms }: QualityTally): Readonly<Record<string, number>> {
  const sum = (count: (tally: FaultTally) => number): number => faults.reduce((total, one) => total + count(one), 0);
  const incidents = sum((one) => one.incidents);
  return {
    top1_share: round(sum(({ first }) => first) / incidents),
    top3_share: round(sum(({ firstThree }) => firstThree) / incidents),
    false_significant_share: round(falseAlarms / quiet),
    ...Object.fromEntries(faults.map((one) => [`top3_share_${one.fault}`, round(one.firstThree / one.incidents)])),
  };
}

/** The tally for people. */
export function printQuality(tally: QualityTally, from: number): string {
  const { faults, quiet, falseAlarms } = tally;
  const figures = qualityFigures(tally);
  const share = (count: number, of: number): string => `${((100 * count) / of).toFixed(0)} %`;
  const rows = [
    ["true cause is", "first", "in the first three", "nothing stands out"],
    ...faults.map(({ fault, incidents, first, firstThree, silent }) => [
      fault,
      ...[first, firstThree, silent].map((count) => share(count, incidents)),
    ]),
    ["all", percent(figures["top1_share"]), percent(figures["top3_share"]), ""],
  ];
  const seeds = `seeds ${from} to ${from + quiet - 1}; those up to 100 and from 1,000 on were looked at when it was tuned`;
  return [
    ...rows.map((row) => row.map((cell, at) => (at === 0 ? cell.padEnd(22) : cell.padStart(20))).join("")),
    `quiet windows with something that stands out: ${falseAlarms} of ${quiet} (${share(falseAlarms, quiet)}), aim <= 5 %`,
    `in the first three: aim >= 90 %`,
    seeds,
    "",
  ].join("\n");
}

const percent = (share: number | undefined): string => `${(100 * (share ?? 0)).toFixed(0)} %`;
