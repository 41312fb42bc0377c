import type { BundleQuestion, Readings } from "../../core/evidence.ts";
import type { LogReading, ServiceSpans, SpanCounts, TraceReading } from "../../core/telemetry.ts";
import { chiSquareSurvival } from "../statistics/chi-square.ts";
import { dispersion } from "../statistics/dispersion.ts";
import { g2, rateG2 } from "../statistics/g2.ts";
import { wilsonBounds } from "../statistics/wilson.ts";

/** Failures rose when their share is so many times that of before, and not by chance: a gate, so that it is narrow. */
export const LEAST_RISE = 1.5;
/** Where nothing else is logged or done, the share of failures is the same whatever happens, and their rate counts. */
const NEARLY_ALL = 0.95;
const LEAST_RISE_OF_RATE = 2;
/** Share of failures, as its lower bound, from which on a new service stands out without a time before. */
const LEAST_OF_NEW = 0.5;
const MOST_CHANCE = 0.001;
/** A service got slower when its slowest twentieth takes so many times as long, and more where that is of few spans. */
export const LEAST_SLOWDOWN = 1.3;
/** Of fewer spans a p95 says little. */
export const LEAST_SPANS = 40;
/**
 * Four standard errors of the logarithm of a p95 are about so much, divided by the root of the number of spans:
 * durations spread like a log-normal with a sigma of 0.4, whose 95th percentile has an error of 2.1 times that.
 */
const FOUR_ERRORS = 3.5;

/**
 * Whether lines that failed became a greater share of all. What failures have in common is no news when they did not.
 */
function logFailuresRose({ histogram }: LogReading, { window, baseline }: BundleQuestion): boolean {
  const inside = (from: number, to: number): LogReading["histogram"] =>
    histogram.filter(({ at }) => at >= from && at < to);
  const [now, before] = [inside(window.from, window.to), inside(baseline.from, baseline.to)];
  const first = now.findIndex(({ failed }) => failed > 0);
  const bursts = dispersion([
    before.map(({ failed }) => failed),
    first < 0 ? [] : now.slice(first).map(({ failed }) => failed),
  ]);
  const [here, usual] = [totals(now), totals(before)];
  if (![here, usual].every(({ count, of }) => count >= NEARLY_ALL * of)) return rose(here, usual, bursts);
  const rates = [
    { count: here.count, over: window.to - window.from },
    { count: usual.count, over: baseline.to - baseline.from },
  ] as const;
  const isMore = rates[0].count * rates[1].over > LEAST_RISE_OF_RATE * (rates[1].count + 0.5) * rates[0].over;
  return isMore && chiSquareSurvival(rateG2(...rates) / bursts) < MOST_CHANCE;
}

function totals(slices: LogReading["histogram"]): { count: number; of: number } {
  return {
    count: slices.reduce((sum, { failed }) => sum + failed, 0),
    of: slices.reduce((sum, { lines }) => sum + lines, 0),
  };
}

/** Whether spans of any service failed more than before. */
export const spansFailMore = (services: readonly ServiceSpans[]): boolean =>
  services.some(({ window, baseline }) => rose(failedAmong(window), failedAmong(baseline), 1)) ||
  services.some((one) => failsAnew(one, services));

const failedAmong = ({ failed, spans }: SpanCounts): { count: number; of: number } => ({ count: failed, of: spans });

function rose(now: { count: number; of: number }, before: { count: number; of: number }, bursts: number): boolean {
  const isMore = now.count * (before.of + 1) > LEAST_RISE * (before.count + 0.5) * now.of;
  return isMore && chiSquareSurvival(g2(now, before) / bursts) < MOST_CHANCE;
}

/** How many times as long the slowest twentieth of the spans takes, and whether that is more than chance. */
export interface Slowdown {
  readonly ratio: number;
  readonly isSignificant: boolean;
}

/** Compares durations; undefined where they are not known, or of too few spans. */
export function slowdownOf(window: SpanCounts, baseline: SpanCounts): Slowdown | undefined {
  if (window.p95Ms === undefined || baseline.p95Ms === undefined || !(baseline.p95Ms > 0)) return undefined;
  const spans = Math.min(window.spans, baseline.spans);
  if (spans < LEAST_SPANS) return undefined;
  const ratio = window.p95Ms / baseline.p95Ms;
  return { ratio, isSignificant: ratio >= Math.max(LEAST_SLOWDOWN, Math.exp(FOUR_ERRORS / Math.sqrt(spans))) };
}

/** Whether any service got slower. */
export const spansAreSlower = (services: readonly ServiceSpans[]): boolean =>
  services.some(({ window, baseline }) => slowdownOf(window, baseline)?.isSignificant ?? false);

/** Whether no span of any service was found before, though there are spans now. */
export const isWithoutBaseline = ({ services }: TraceReading): boolean =>
  services.some(({ window }) => window.spans > 0) && services.every(({ baseline }) => baseline.spans === 0);

/** A service that is new beside others, of whose requests at least half fail: that can not be how it usually is. */
export const failsAnew = ({ window, baseline }: ServiceSpans, services: readonly ServiceSpans[]): boolean =>
  baseline.spans === 0 &&
  services.some((other) => other.baseline.spans > 0) &&
  wilsonBounds(failedAmong(window)).low >= LEAST_OF_NEW;

/** What is known of whether something became more. */
export interface News {
  readonly isNews: boolean;
  /** There is a time before to compare it with. */
  readonly isKnown: boolean;
}

/** Whether what is compared in the fields of a reading is news at all; of the window with the time before it is. */
export function newsOf(readings: Readings, signal: "log_fields" | "trace_attributes", question: BundleQuestion): News {
  const { logs, traces } = readings;
  const isWithout =
    signal === "log_fields"
      ? logs.state === "read" && logs.reading.baseline.total === 0
      : traces.state === "read" && isWithoutBaseline(traces.reading);
  return isWithout ? { isNews: false, isKnown: false } : { isNews: isNews(readings, signal, question), isKnown: true };
}

function isNews(readings: Readings, signal: "log_fields" | "trace_attributes", question: BundleQuestion): boolean {
  const { logs, traces } = readings;
  if (signal === "log_fields")
    return logs.state === "read" && (logs.reading.comparison !== "failed" || logFailuresRose(logs.reading, question));
  if (traces.state !== "read") return false;
  if (traces.reading.comparison === "failed") return spansFailMore(traces.reading.services);
  return traces.reading.comparison === "window" || spansAreSlower(traces.reading.services);
}
