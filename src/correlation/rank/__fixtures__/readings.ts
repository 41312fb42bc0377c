import type { BundleQuestion, Readings } from "../../../core/evidence.ts";
import type {
  Change,
  FieldCounts,
  LogLine,
  LogReading,
  MetricSeries,
  Outcome,
  Points,
  TraceReading,
} from "../../../core/telemetry.ts";

const MINUTE = 60_000;
const STEP = 15_000;
/** When the alert of {@link question} began. */
export const STARTS_AT = 1.8e12;
const from = STARTS_AT - 10 * MINUTE;

/** About an alert of `shop`, which calls `bank`; ten minutes before it and five after it, and the hour before. */
export const question: BundleQuestion = {
  alert: { groupId: "g", fingerprint: "f", name: "ShopErrors", labels: { service: "shop" }, startsAt: STARTS_AT },
  scope: {
    entities: [
      {
        kind: "service",
        name: "shop",
        distance: 0,
        because: "named by the label service",
        labels: { service: "shop" },
      },
      { kind: "service", name: "bank", distance: 1, because: "shop calls it", labels: { service: "bank" } },
    ],
    filter: { services: ["shop", "bank"], namespaces: [], pods: [], hosts: [] },
    notes: [],
  },
  window: { from, to: STARTS_AT + 5 * MINUTE },
  baseline: { from: from - 60 * MINUTE, to: from },
  limits: { lines: 10_000, series: 1_000, traces: 20 },
  seed: 1,
};

/** Lines spread evenly over a part of the window or the baseline; `text` and `more` by the line's number. */
export function lines(
  when: "window" | "baseline",
  count: number,
  text: (index: number) => string,
  { share = 1, ...more }: Partial<LogLine> & { readonly share?: number } = {},
): LogLine[] {
  const { from: begin, to } = question[when];
  const start = to - (to - begin) * share;
  return Array.from({ length: count }, (_, index) => ({
    at: Math.floor(start + ((to - start) * index) / count),
    message: text(index),
    level: "info" as const,
    service: "shop",
    ...more,
  }));
}

/** A reading of these lines, which are all there are; the histogram counts those of level error. */
export function logsOf(
  window: readonly LogLine[],
  baseline: readonly LogLine[],
  more: Partial<LogReading> = {},
): LogReading {
  const byTime = (some: readonly LogLine[]): LogLine[] => some.toSorted((a, b) => a.at - b.at);
  const sample = (some: readonly LogLine[]): LogReading["window"] => ({
    total: some.length,
    isExact: true,
    lines: byTime(some),
  });
  const minutes = Map.groupBy(byTime([...baseline, ...window]), ({ at }) => Math.floor(at / MINUTE) * MINUTE);
  return {
    window: sample(window),
    baseline: sample(baseline),
    histogram: [...minutes].map(([at, of]) => ({
      at,
      lines: of.length,
      failed: of.filter(({ level }) => level === "error").length,
    })),
    comparison: "window",
    fields: [],
    notes: [],
    queries: [],
    ...more,
  };
}

/** Counts of a field's values: `[value, selection, background]`. */
export const field = (
  name: string,
  [selectionTotal, backgroundTotal]: readonly [number, number],
  values: readonly (readonly [string, number, number])[],
  distinct = values.length,
): FieldCounts => ({
  field: name,
  selectionTotal,
  backgroundTotal,
  distinct,
  values: values.map(([value, selection, background]) => ({ value, selection, background })),
});

/** A reading of traces in which nothing happened. */
export const tracesOf = (more: Partial<TraceReading>): TraceReading => ({
  failed: [],
  slow: [],
  services: [],
  comparison: "failed",
  attributes: [],
  notes: [],
  queries: [],
  ...more,
});

/** Noise that is the same in each run, from -1 to 1. */
export const noise = (seed: number): number => Math.abs((Math.sin(seed * 12.9898) * 43_758.5453) % 1) * 2 - 1;

const points = (begin: number, end: number, valueAt: (index: number) => number, shift = 0): Points =>
  Array.from({ length: Math.round((end - begin) / STEP) }, (_, index) => [
    begin + index * STEP,
    valueAt(index + shift),
  ]);

/** A series of shop: `now` in the window (by the number of the point), `usual` at all other times. */
export function series(
  metric: string,
  now: (index: number) => number,
  usual: (index: number) => number,
  more: Partial<MetricSeries> = {},
): MetricSeries {
  const { window, baseline } = question;
  const labels = more.labels ?? { service: "shop" };
  return {
    metric,
    expr: `${metric}${JSON.stringify(labels)}`,
    labels,
    stepMs: STEP,
    window: points(window.from, window.to, now),
    before: points(baseline.from, baseline.to, usual, 10_000),
    yesterday: points(window.from, window.to, usual, 20_000),
    lastWeek: points(window.from, window.to, usual, 30_000),
    ...more,
  };
}

/** A deploy of shop, so many minutes before the alert. */
export const deploy = (minutesBefore: number, more: Partial<Change> = {}): Change => ({
  kind: "deploy",
  at: STARTS_AT - minutesBefore * MINUTE,
  title: "shop: version 2.3.1 -> 2.4.0",
  labels: { service: "shop" },
  source: "api",
  ...more,
});

/** Readings of which those that are not given are not configured. */
export function readings(given: {
  readonly logs?: LogReading;
  readonly traces?: TraceReading;
  readonly series?: readonly MetricSeries[];
  readonly changes?: readonly Change[];
}): Readings {
  const outcome = <Reading>(reading: Reading | undefined): Outcome<Reading> =>
    reading === undefined ? { state: "not_configured" } : { state: "read", reading, tookMs: 1 };
  const rest = { notes: [], queries: [] };
  return {
    logs: outcome(given.logs),
    traces: outcome(given.traces),
    metrics: outcome(given.series && { series: given.series, of: given.series.length, exemplars: [], ...rest }),
    changes: outcome(given.changes && { changes: given.changes, ...rest }),
  };
}
