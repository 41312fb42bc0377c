/** Unix seconds. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** A month of a web service with everything that makes its budget hard to tell. */
export interface SloHistory {
  /** Counters `http_requests_total{job,instance,code}` as they were scraped, in the OpenMetrics text format. */
  readonly openMetrics: readonly string[];
  /** Unix seconds: midnight after the last of 30 days. */
  readonly end: number;
  /**
   * From midnight to midnight, when hardly anything happens: the month, pieces of five days, and the days with an
   * outage.
   */
  readonly windows: readonly Span[];
  /**
   * Share of the requests between two moments that failed. Without what no scrape ever saw, since the instance started
   * again before the next one.
   */
  truth(from: number, to: number): number;
}

interface Instance {
  readonly name: string;
  /** Seconds between a full scrape interval and its scrapes. */
  readonly phase: number;
  readonly bornDay: number;
  /** Moments at which its counters begin again and those of errors are gone. */
  readonly restarts: readonly number[];
  readonly unscraped?: Span;
}

interface Outage extends Span {
  readonly share: number;
  readonly code: "500" | "503";
}

const DAY = 86_400;
const DAYS = 30;
const SCRAPE = 30;
const JITTER = 0.004;
const USUAL_SHARE = 0.0004;
const END = Date.UTC(2026, 0, 31) / 1_000;
/** An hour before the 30 days, so that each of their first windows is whole. */
const START = END - DAYS * DAY - 3_600;

const on = (day: number, hour: number, minute: number, second = 0): number =>
  END - DAYS * DAY + day * DAY + hour * 3_600 + minute * 60 + second;

const OUTAGES: readonly Outage[] = [
  { from: on(5, 13, 17, 41), to: on(5, 14, 17, 12), share: 1, code: "503" },
  { from: on(14, 3, 2, 7), to: on(14, 4, 1, 50), share: 1, code: "500" },
  { from: on(27, 15, 33, 20), to: on(27, 16, 33, 49), share: 0.6, code: "500" },
];

const INSTANCES: readonly Instance[] = [
  {
    name: "a",
    phase: 7.3,
    bornDay: -1,
    restarts: [on(2, 11, 3, 20), on(5, 13, 50), on(9, 2, 0), on(20, 12, 0, 1)],
    unscraped: { from: on(22, 10, 0), to: on(22, 10, 3, 30) },
  },
  { name: "b", phase: 21.9, bornDay: -1, restarts: [on(9, 2, 0, 30), on(20, 12, 5, 1)] },
  { name: "c", phase: 14.1, bornDay: 12, restarts: [] },
];

/** In days. */
const WINDOWS = [
  ...([[0, 30]] as const),
  ...[0, 5, 10, 15, 20, 25].map((day) => [day, day + 5] as const),
  ...[5, 14, 27].map((day) => [day, day + 1] as const),
];

/** The same each time. */
export function sloHistory(): SloHistory {
  const lives = INSTANCES.map((instance, seed) => live(instance, randomOf(seed + 1)));
  const sum = (which: "total" | "errors", from: number, to: number): number =>
    lives.reduce((all, life) => all + life[which].subarray(from - START, to - START).reduce((a, b) => a + b, 0), 0);
  return {
    openMetrics: ["# TYPE http_requests counter", ...lives.flatMap(({ lines }) => lines), "# EOF\n"],
    end: END,
    windows: WINDOWS.map(([from, to]) => ({ from: on(from, 0, 0), to: on(to, 0, 0) })),
    truth: (from, to) => sum("errors", from, to) / sum("total", from, to),
  };
}

interface Life {
  readonly lines: readonly string[];
  /** By second. */
  readonly total: Float64Array;
  readonly errors: Float64Array;
}

type Code = "200" | "500" | "503";
const CODES: readonly Code[] = ["200", "500", "503"];

function live({ name, phase, bornDay, restarts, unscraped }: Instance, random: () => number): Life {
  const born = Math.max(START, on(bornDay, 10, 0));
  const lines = { "200": [] as string[], "500": [] as string[], "503": [] as string[] };
  let counts = new Map<Code, number>([["200", 0]]);
  const total = new Float64Array(END - START + 1);
  const errors = new Float64Array(END - START + 1);
  let seenUntil = born;
  let next = born + phase;
  const scrape = (at: number): void => {
    if (unscraped !== undefined && at > unscraped.from && at < unscraped.to) return;
    for (const [code, count] of counts)
      lines[code].push(`http_requests_total{job="web",instance="${name}",code="${code}"} ${count} ${at.toFixed(3)}`);
    seenUntil = Math.ceil(at);
  };
  for (let second = born; second <= END; second++) {
    for (; next <= second; next += SCRAPE) scrape(next + (random() - 0.5) * 2 * JITTER);
    if (restarts.includes(second)) {
      counts = new Map([["200", 0]]);
      total.fill(0, seenUntil - START, second - START);
      errors.fill(0, seenUntil - START, second - START);
    }
    const { requests, failed, code } = happens(second, random);
    if (failed > 0) counts.set(code, (counts.get(code) ?? 0) + failed);
    counts.set("200", (counts.get("200") ?? 0) + requests - failed);
    total[second - START] = requests;
    errors[second - START] = failed;
  }
  return { lines: CODES.flatMap((code) => lines[code]), total, errors };
}

function happens(second: number, random: () => number): { requests: number; failed: number; code: "500" | "503" } {
  const mean = requestsAt(second);
  const requests = Math.floor(mean + random());
  const outage = OUTAGES.find(({ from, to }) => second >= from && second < to);
  const failed =
    requests === 0 ? 0 : Math.min(requests, Math.floor(requests * (outage?.share ?? USUAL_SHARE) + random()));
  return { requests, failed, code: outage?.code ?? "500" };
}

/** Requests a second at a Unix second: a few an hour at night, a peak in the afternoon, less at weekends. */
export function requestsAt(second: number): number {
  const hour = (second % DAY) / 3_600;
  if (hour < 6 || hour >= 23) return 1 / 400;
  const weight = Math.floor(second / DAY) % 7 >= 5 ? 0.4 : 1;
  return 8 * weight * Math.sin(((hour - 6) / 17) * Math.PI) ** 2 + 0.02;
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
