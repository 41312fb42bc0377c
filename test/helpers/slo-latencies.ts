import type { SentHistogram, SentSeries } from "./remote-write.ts";
import { randomOf, requestsAt } from "./slo-history.ts";

/**
 * Days of a web service that tells its latencies by native histograms, with everything that makes them hard to count.
 */
export interface LatencyHistory {
  /**
   * Hour by hour: `latency_seconds` with exponential buckets and `latency_custom_seconds` with bounds of its own, both
   * of the same events.
   */
  readonly requests: readonly (readonly SentSeries[])[];
  /** Unix seconds: the midnights before and after. */
  readonly from: number;
  readonly to: number;
  /** From midnight to midnight, when hardly anything happens: all of it and day by day. */
  readonly windows: readonly { readonly from: number; readonly to: number }[];
  /** Events that took more than {@link BOUND}, and all, between two moments. Without what no two scrapes saw. */
  truth(from: number, to: number): { readonly slow: number; readonly total: number };
}

/** Seconds; a bound of the buckets at every resolution. */
export const BOUND = 0.25;

const DAY = 86_400;
const DAYS = 5;
const SCRAPE = 30;
const JITTER = 0.004;
const USUAL_SHARE = 0.004;
const END = Date.UTC(2026, 0, 31) / 1_000;
const FROM = END - DAYS * DAY;
/** An hour before, so that the first windows are whole. */
const START = FROM - 3_600;

const on = (day: number, hour: number, minute: number, second = 0): number =>
  FROM + day * DAY + hour * 3_600 + minute * 60 + second;

const OUTAGES = [
  { from: on(1, 13, 17, 41), to: on(1, 14, 17, 12), share: 1 },
  { from: on(3, 3, 2, 7), to: on(3, 4, 1, 50), share: 1 },
];

interface Instance {
  readonly name: string;
  /** Seconds between a full scrape interval and its scrapes. */
  readonly phase: number;
  readonly bornAt: number;
  /** Moments at which its histogram begins again. */
  readonly restarts: readonly number[];
  readonly unscraped?: { readonly from: number; readonly to: number };
  /** When its buckets become four times as wide, as clients do that have too many. */
  readonly coarserAt?: number;
}

const INSTANCES: readonly Instance[] = [
  {
    name: "a",
    phase: 7.3,
    bornAt: START,
    restarts: [on(0, 11, 3, 20), on(1, 13, 50), on(2, 2, 0), on(4, 12, 0, 1)],
    unscraped: { from: on(2, 10, 0), to: on(2, 10, 3, 30) },
  },
  { name: "b", phase: 21.9, bornAt: START, restarts: [on(2, 2, 0, 30), on(4, 12, 5, 1)], coarserAt: on(3, 12, 30, 5) },
  { name: "c", phase: 14.1, bornAt: on(2, 10, 0), restarts: [] },
];

/** The same each time. */
export function latencyHistory(): LatencyHistory {
  const lives = INSTANCES.map((instance, seed) => live(instance, randomOf(seed + 1)));
  const sum = (which: "total" | "slow", from: number, to: number): number =>
    lives.reduce((all, life) => all + life[which].subarray(from - START, to - START).reduce((a, b) => a + b, 0), 0);
  const days = Array.from({ length: DAYS }, (_, day) => ({ from: on(day, 0, 0), to: on(day + 1, 0, 0) }));
  return {
    requests: requestsOf(lives),
    from: FROM,
    to: END,
    windows: [{ from: FROM, to: END }, ...days],
    truth: (from, to) => ({ slow: sum("slow", from, to), total: sum("total", from, to) }),
  };
}

/** All scrapes of an hour in one request. */
function requestsOf(lives: readonly Life[]): SentSeries[][] {
  const hours = Array.from({ length: Math.ceil((END - START) / 3_600) }, (_, i) => (START + i * 3_600) * 1_000);
  return hours.map((hour) =>
    lives.flatMap(({ name, latencies, custom }) => {
      const within = (all: readonly SentHistogram[]) => all.filter(({ at }) => at >= hour && at < hour + 3_600_000);
      return [
        { labels: { __name__: "latency_seconds", job: "web", instance: name }, histograms: within(latencies) },
        { labels: { __name__: "latency_custom_seconds", job: "web", instance: name }, histograms: within(custom) },
      ];
    }),
  );
}

interface Life {
  readonly name: string;
  readonly latencies: readonly SentHistogram[];
  readonly custom: readonly SentHistogram[];
  /** By second. */
  readonly total: Float64Array;
  readonly slow: Float64Array;
}

/** Buckets of a quarter of a power of two from 2^-8 to 2^2 seconds; and those with bounds of their own. */
const FINE = 2;
const LOWEST = -8;
const HIGHEST = 2;
const BOUNDS = [0.05, 0.1, BOUND, 1];

function live({ name, phase, bornAt, restarts, unscraped, coarserAt = END + 1 }: Instance, random: () => number): Life {
  const latencies: SentHistogram[] = [];
  const customs: SentHistogram[] = [];
  let fine = Array.from({ length: (HIGHEST - LOWEST) * 4 }, () => 0);
  let custom = Array.from({ length: BOUNDS.length + 1 }, () => 0);
  const total = new Float64Array(END - START + 1);
  const slow = new Float64Array(END - START + 1);
  let seenUntil = bornAt;
  let next = bornAt + phase;
  const unseen = (second: number): void => {
    total.fill(0, seenUntil - START, second - START);
    slow.fill(0, seenUntil - START, second - START);
  };
  const scrape = (at: number): void => {
    if (unscraped !== undefined && at > unscraped.from && at < unscraped.to) return;
    // what happened before the first scrape of all is new to Prometheus and not to the world
    if (latencies.length === 0) unseen(Math.ceil(at));
    const time = Math.round(at * 1_000);
    latencies.push(
      at < coarserAt
        ? { at: time, schema: FINE, offset: LOWEST * 4 + 1, buckets: fine }
        : { at: time, schema: 0, offset: LOWEST + 1, buckets: merged(fine) },
    );
    customs.push({ at: time, schema: -53, offset: 0, buckets: custom, bounds: BOUNDS });
    [fine, custom] = [[...fine], [...custom]];
    seenUntil = Math.ceil(at);
  };
  for (let second = bornAt; second <= END; second++) {
    for (; next <= second; next += SCRAPE) scrape(next + (random() - 0.5) * 2 * JITTER);
    if (restarts.includes(second)) {
      fine = fine.map(() => 0);
      custom = custom.map(() => 0);
      unseen(second);
    }
    const outage = OUTAGES.find(({ from, to }) => second >= from && second < to);
    for (let left = Math.floor(requestsAt(second) + random()); left > 0; left--) {
      const isSlow = random() < (outage?.share ?? USUAL_SHARE);
      // above the bound up to its sixteenfold, or at it and down to its 64th part
      const power = isSlow ? 1.999 - 3.998 * random() : -2 - 5.999 * random();
      const at = Math.ceil(power * 4) - 1 - LOWEST * 4;
      fine[at] = (fine[at] ?? 0) + 1;
      const bucket = BOUNDS.findIndex((bound) => 2 ** power <= bound);
      const of = bucket === -1 ? BOUNDS.length : bucket;
      custom[of] = (custom[of] ?? 0) + 1;
      total[second - START] = (total[second - START] ?? 0) + 1;
      if (isSlow) slow[second - START] = (slow[second - START] ?? 0) + 1;
    }
  }
  return { name, latencies, custom: customs, total, slow };
}

const merged = (fine: readonly number[]): number[] =>
  Array.from({ length: fine.length / 4 }, (_, i) => fine.slice(i * 4, i * 4 + 4).reduce((a, b) => a + b, 0));
