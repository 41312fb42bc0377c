import { scoreSeries, type ScoredSeries } from "../../src/correlation/statistics/series-score.ts";
import { createRandom } from "../../src/lab/proxmox/random.ts";
import { printNumber } from "../figures.ts";
import { report, type Report } from "../report.ts";
import { cpuSeconds } from "./timed.ts";

const SERIES = 1_000;
const STEP_MS = 15_000;

/** Measures how long it takes to score 1,000 series of 60 points against 360 others, against only sorting those points. */
export function measureSeries(): Report {
  const series = makeManySeries();
  const ours = 1_000 * cpuSeconds(() => series.map((one) => scoreSeries(one)));
  const sorted = 1_000 * cpuSeconds(() => series.map((one) => Object.values(one).map(sortValues)));
  return report([
    {
      what: `${printNumber(SERIES)} series scored (CPU)`,
      unit: "ms",
      ours,
      against: { name: "only sorting their points", value: sorted },
      figure: "score_1000_ms",
      aim: { is: "<", value: 300 },
      ratio: { of: "ours / theirs", figure: "score_vs_sort" },
    },
  ]);
}

/** As many series as the limit is about; every tenth one leaves its course. */
export const makeManySeries = (): readonly ScoredSeries[] => Array.from({ length: SERIES }, (_, at) => makeSeries(at));

const sortValues = (points: readonly (readonly [number, number])[]): Float64Array =>
  Float64Array.from(points, ([, value]) => value).toSorted();

function makeSeries(seed: number): ScoredSeries {
  const random = createRandom(seed);
  let level = 0;
  const points = (count: number, lift: number): [number, number][] =>
    Array.from({ length: count }, (_, at) => {
      level = 0.9 * level + random.next() - 0.5;
      return [at * STEP_MS, 10 + level + lift];
    });
  // every tenth one has a step
  return {
    before: points(240, 0),
    yesterday: points(60, 0),
    lastWeek: points(60, 0),
    window: points(60, seed % 10 === 0 ? 8 : 0),
  };
}
