import { hours, minutes } from "../../core/duration.ts";
import type { SignalReport } from "../../core/evidence.ts";
import type { LogLine, TimeWindow, TraceSpan } from "../../core/telemetry.ts";

/** Where and when something was. */
export interface Place {
  /** Names of services, the most telling ones first; at least one. */
  readonly services: readonly string[];
  /** With some minutes around it. */
  readonly window: TimeWindow;
}

/** What the metrics of a place say of its time, compared with the time before. */
export interface PlaceMetrics extends SignalReport {
  readonly window: TimeWindow;
  readonly baseline: TimeWindow;
}

const MOST_SERVICES = 5;
const AROUND = minutes(5);
/** Clocks apart make a trace look endless. */
const LONGEST = hours(1);

/**
 * Where spans and lines come from: services with spans that failed first, then those with the most. Undefined where
 * none says. The time ends `now` at the latest, for clocks that are ahead, too.
 */
export function placeOf(spans: readonly TraceSpan[], lines: readonly LogLine[], now: number): Place | undefined {
  const weights = new Map<string, number>();
  const count = (service: string | undefined, weight: number): void => {
    if (service !== undefined && service !== "") weights.set(service, (weights.get(service) ?? 0) + weight);
  };
  for (const { service, status } of spans) count(service, status === "error" ? FAILED : 1);
  // a line only tells of those that have no span
  for (const { service } of lines) count(service, 0);
  const services = [...weights].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
  const times = spans.length > 0 ? spans.map(({ startsAt }) => startsAt) : lines.map(({ at }) => at);
  if (services.length === 0 || times.length === 0) return undefined;
  const ends = spans.length > 0 ? spans.map(({ startsAt, durationMs }) => startsAt + durationMs) : times;
  const from = Math.min(least(times), now);
  const to = Math.min(-least(ends.map((at) => -at)), from + LONGEST);
  const window = { from: Math.floor(from - AROUND), to: Math.min(Math.ceil(to + AROUND), now) };
  return { services: services.slice(0, MOST_SERVICES), window };
}

/** More than any number of spans. */
const FAILED = 1e6;

/** Of very many, too. */
const least = (numbers: readonly number[]): number =>
  numbers.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
