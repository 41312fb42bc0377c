import type { BundleQuestion } from "../../core/evidence.ts";
import type { MetricReading, MetricSeries, Points } from "../../core/telemetry.ts";
import { toItem, type Finding } from "./finding.ts";
import { nameSeries } from "./series-name.ts";
import { weightOf } from "./series-weight.ts";
import { counted } from "../../lib/words.ts";

/** Of a window with fewer steps nothing is said. */
const LEAST_STEPS = 5;
/** What had a value so often before is steady, so that its end is news. */
const LEAST_COVER = 0.8;
/** What has no value in so much of the window, up to its end, stopped. */
const LEAST_SILENCE = 2 / 3;
const SCORE = 0.7;

/** Series that stopped, and one piece of evidence about all of them. */
export interface Stopped {
  readonly series: readonly MetricSeries[];
  readonly findings: readonly Finding[];
}

/**
 * Looks for metrics of which no series has a value any more. That one of several series ends says nothing: pods come
 * and go. The end of the window is where the other series have their last points.
 */
export function stoppedSeries(reading: MetricReading, question: BundleQuestion): Stopped {
  if (reading.incomplete !== undefined) return { series: [], findings: [] };
  const { window } = question;
  const latest = Math.max(...reading.series.map(({ window: points }) => lastOf(points)));
  const end = Number.isFinite(latest) ? latest : window.to;
  const hasStopped = (series: MetricSeries): boolean =>
    end - window.from >= LEAST_STEPS * series.stepMs &&
    lastOf(series.window) < end - LEAST_SILENCE * (end - window.from) &&
    isSteady(series, question);
  const metrics = Map.groupBy(reading.series, ({ metric }) => metric);
  const series = [...metrics.values()].flatMap((of) => {
    const alive = of.some((one) => !hasStopped(one) && one.window.length > 0);
    return alive ? [] : of.filter(hasStopped);
  });
  return { series, findings: series.length === 0 ? [] : [toFinding(series, question)] };
}

const lastOf = (points: Points): number => points.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY;

function isSteady({ before, stepMs }: MetricSeries, { baseline }: BundleQuestion): boolean {
  const steps = (baseline.to - baseline.from) / stepMs;
  return before.length >= LEAST_COVER * steps && lastOf(before) >= baseline.to - (1 - LEAST_COVER) * steps * stepMs;
}

function toFinding(series: readonly MetricSeries[], { scope }: BundleQuestion): Finding {
  const weight = (one: MetricSeries): number => weightOf(one, scope);
  const [first] = series.toSorted((a, b) => weight(b) - weight(a) || (a.expr < b.expr ? -1 : 1));
  if (first === undefined) throw new RangeError("a group of no series");
  const others = series.length === 1 ? "" : ` and ${counted(series.length - 1, "other series", "other series")}`;
  const when = first.window.length === 0 ? "no value in the window" : `no value since ${clock(lastOf(first.window))}`;
  const item = toItem({
    signal: "metrics",
    identity: ["stopped", first.expr],
    title: `${nameSeries(first)}${others} stopped: ${when}`,
    score: SCORE * weight(first),
    isSignificant: true,
    numbers: { statistic: "none", value: 0 },
    detail: {
      kind: "metric",
      metric: first.metric,
      expr: first.expr,
      labels: first.labels,
      window: first.window,
      before: first.before,
      yesterday: first.yesterday,
      lastWeek: first.lastWeek,
    },
  });
  return { item, role: "symptom" };
}

const clock = (at: number): string => `${new Date(at).toISOString().slice(11, 16)} UTC`;
