import type { BundleQuestion } from "../../core/evidence.ts";
import type { Exemplar, MetricReading, MetricSeries } from "../../core/telemetry.ts";
import { mapInSteps, type Steps } from "../../lib/steps.ts";
import { isUnjudged, scoreSeries, type Comparison, type SeriesScore } from "../statistics/series-score.ts";
import { withZerosBefore } from "./begun.ts";
import { areFewEvents, rareEvents } from "./few-events.ts";
import { toItem, type Finding } from "./finding.ts";
import { measured } from "../../lib/measure.ts";
import { nameSeries } from "./series-name.ts";
import { STATE, weightOf } from "./series-weight.ts";
import { stoppedSeries } from "./stopped.ts";
import { number, times } from "../../lib/words.ts";

/**
 * From these on a series stands out; found by quiet windows (`npm run quality`), since no chance can be computed of
 * what is autocorrelated.
 */
export const LEAST_VALUE = 0.12;
export const LEAST_EXCURSION = 2;
/**
 * Of the worst third of the window more is asked: of three parts one is always the worst, and two errors fill half of
 * it.
 */
export const LEAST_OF_PART = 0.25;
export const LEAST_EXCURSION_OF_PART = 3;
/** What lasts counts for more than what fills a part of the window. */
const WORTH_OF_PART = 0.8;
/** As what just stands out in a part of the window. */
const STRENGTH_OF_RARE = 0.4;
const MOST_EXEMPLARS = 5;
/** A series takes some tenths of a millisecond. */
const SERIES_PER_STEP = 10;

/** What the series say, and how many of them could be judged. */
export interface MetricFindings {
  readonly findings: readonly Finding[];
  readonly judged: number;
  /** Series with points in the window, and too few before. */
  readonly unjudged: number;
}

interface Scored extends SeriesScore {
  readonly series: MetricSeries;
  readonly isSignificant: boolean;
  /** Not the whole window is unusual, but a third of it. */
  readonly isPart: boolean;
  /** What stands out is not the course, but that these rare events came at all. */
  readonly rare?: number;
  /** See `EvidenceItem`. */
  readonly score: number;
}

/**
 * Looks for series that left what is usual at this time; those of one metric that did so in the same way are one piece.
 */
export function* rankMetrics(reading: MetricReading, question: BundleQuestion): Steps<MetricFindings> {
  const { scope } = question;
  const stopped = stoppedSeries(reading, question);
  const all = withZerosBefore(reading.series);
  const judged = yield* mapInSteps(all, SERIES_PER_STEP, (series): Scored[] => {
    const score = scoreSeries(series);
    if (score === undefined) return [];
    const isWhole = score.value >= LEAST_VALUE && score.excursion >= LEAST_EXCURSION;
    const { worst } = score;
    const isPart =
      !isWhole && worst !== undefined && worst.value >= LEAST_OF_PART && worst.excursion >= LEAST_EXCURSION_OF_PART;
    const rare = isWhole || isPart ? undefined : rareEvents(series);
    const strength = isPart ? WORTH_OF_PART * strengthOf(worst) : strengthOf(score);
    return [
      {
        ...score,
        ...(isPart && { value: worst.value }),
        series,
        isSignificant: isWhole || isPart || rare !== undefined,
        isPart,
        ...(rare !== undefined && { rare }),
        score: weightOf(series, scope) * (rare === undefined ? strength : STRENGTH_OF_RARE),
      },
    ];
  });
  const scored = withoutFewEvents(judged.flat());
  const groups = Map.groupBy(
    scored.filter(({ value, isSignificant }) => value > 0 || isSignificant),
    ({ series, direction, isSignificant }) => `${series.metric} ${direction} ${isSignificant}`,
  );
  const ofMetric = Map.groupBy(scored, ({ series }) => series.metric);
  const findings = [...groups.values()].map((group) => toFinding(group, ofMetric));
  return {
    findings: [...findings, ...stopped.findings, ...reading.exemplars.slice(0, MOST_EXEMPLARS).map(exemplar)],
    judged: scored.length + stopped.series.filter((series) => scoreSeries(series) === undefined).length,
    unjudged: all.filter(({ window, before }) => isUnjudged(window, before)).length,
  };
}

/** Those of one metric count together: what is spread over many pods is few events of each. */
function withoutFewEvents(scored: readonly Scored[]): readonly Scored[] {
  const rising = scored.filter(({ isSignificant, direction }) => isSignificant && direction === "above");
  const metrics = Map.groupBy(rising, ({ series }) => series.metric);
  const few = new Set([...metrics.values()].filter((of) => areFewEvents(of.map(({ series }) => series))).flat());
  return scored.map((one) => (few.has(one) ? { ...one, isSignificant: false } : one));
}

/** How much of the window is unusual, and how unusual: the first is bounded by when it began. */
const strengthOf = ({ value, excursion }: Comparison): number =>
  Math.sqrt(value) * (0.6 + 0.4 * Math.min(1, Math.log2(1 + excursion) / 6));

function toFinding(group: readonly Scored[], ofMetric: ReadonlyMap<string, readonly Scored[]>): Finding {
  const [best] = group.toSorted((a, b) => b.score - a.score || (a.series.expr < b.series.expr ? -1 : 1));
  if (best === undefined) throw new RangeError("a group of no series");
  const { series, value, score, isSignificant, rare } = best;
  const all = ofMetric.get(series.metric)?.length ?? group.length;
  const others =
    group.length === 1
      ? ""
      : `; the same in ${group.length === all ? `all ${number(all)}` : `${number(group.length)} of its ${number(all)}`} series`;
  const item = toItem({
    signal: "metrics",
    identity: [series.expr],
    title: `${told(best)}${others}`,
    score,
    isSignificant,
    numbers: rare === undefined ? { statistic: "exceedance_ks", value } : { statistic: "none", value: 0 },
    detail: {
      kind: "metric",
      metric: series.metric,
      expr: series.expr,
      labels: series.labels,
      window: series.window,
      before: series.before,
      yesterday: series.yesterday,
      lastWeek: series.lastWeek,
    },
  });
  return { item, role: STATE.test(series.metric) ? "context" : "symptom" };
}

function told(one: Scored): string {
  const { series, isPart, rare } = one;
  return rare === undefined
    ? `${nameSeries(series)}: ${change(one)}${isPart ? ", in a part of the window" : ""}`
    : `${nameSeries({ ...series, expr: series.metric })}: counted ${number(rare)}, none in the time before`;
}

/** How the level changed, or that the level did not but the values did. */
function change({ now, usual, direction, series }: Scored): string {
  const ratio = now / usual;
  if (now === usual) return `more values far ${direction} the usual ${measured(usual, series)}`;
  const levels = `${measured(now, series)}, usually ${measured(usual, series)}`;
  if (usual > 0 && ratio >= 1.5) return `${times(ratio)} the usual (${levels})`;
  return usual > 0 && now >= 0 && ratio <= 0.67
    ? `down to ${number(Math.round(100 * ratio))} % of the usual (${levels})`
    : levels;
}

function exemplar(one: Exemplar): Finding {
  const item = toItem({
    signal: "metrics",
    identity: ["exemplar", one.traceId, one.metric],
    title: `${nameSeries({ ...one, expr: one.metric })}: trace ${one.traceId} measured ${measured(one.value, { ...one, expr: one.metric })}`,
    score: 0.1,
    isSignificant: false,
    numbers: { statistic: "none", value: 0 },
    detail: { kind: "exemplar", exemplar: one },
  });
  return { item, role: "symptom" };
}
