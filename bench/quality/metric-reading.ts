import type { MetricQuestion, MetricReading, MetricSeries, Points, TimeWindow } from "../../src/core/telemetry.ts";
import type { ShopFamily, ShopSeries } from "../../src/lab/shop/contract.ts";

const STEP_MS = 15_000;
/** As the source of Prometheus: rates and quantiles are of four steps. */
const RANGE = 4;

const DAY_MS = 86_400_000;

interface Course {
  readonly metric: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly points: Points;
}

/** What a source of metrics would answer about the shop, which remembers yesterday and the last week. */
export function readMetrics(families: readonly ShopFamily[], question: MetricQuestion): MetricReading {
  const { window, baseline } = question;
  const main = coursesOf(families, question, { from: baseline.from, to: window.to });
  const [yesterday, lastWeek] = [DAY_MS, 7 * DAY_MS].map((ago) => {
    const courses = coursesOf(families, question, { from: window.from - ago, to: window.to - ago });
    return new Map(courses.map(({ expr, points }) => [expr, points.map(([at, value]) => [at + ago, value] as const)]));
  });
  const series = main
    .map(({ points, ...rest }): MetricSeries => ({
      ...rest,
      stepMs: STEP_MS,
      window: within(points, window),
      before: within(points, baseline),
      yesterday: yesterday?.get(rest.expr) ?? [],
      lastWeek: lastWeek?.get(rest.expr) ?? [],
    }))
    .filter(({ window: points }) => points.length > 0);
  return {
    series: series.slice(0, question.series),
    of: series.length,
    exemplars: [],
    notes: [],
    queries: [],
  };
}

const within = (points: Points, { from, to }: TimeWindow): Points => points.filter(([at]) => at >= from && at < to);

/** What is computed of the series that are meant, over one time. */
function coursesOf(families: readonly ShopFamily[], { subjects }: MetricQuestion, time: TimeWindow): Course[] {
  const isMeant = ({ labels }: ShopSeries): boolean =>
    subjects.some((subject) => Object.entries(subject).every(([label, value]) => labels[label] === value));
  const lead = { from: time.from - (RANGE + 1) * STEP_MS, to: time.to };
  return families.flatMap(({ name, kind, series }) => {
    if (/_(?:info|created)$|_time_seconds$|not_(?:after|before)/.test(name)) return [];
    const meant = series.filter(isMeant).map((one) => ({ ...one, points: within(one.points, lead) }));
    const courses =
      kind === "histogram"
        ? histogramCourses(name, meant)
        : meant.map(({ labels, points }) =>
            kind === "counter"
              ? course(name, labels, `rate(${name}${selectorOf(labels)}[1m])`, ratesOf(points))
              : course(name, labels, `${name}${selectorOf(labels)}`, points),
          );
    return courses.map((one) => ({ ...one, points: within(one.points, time) }));
  });
}

const course = (metric: string, labels: Course["labels"], expr: string, points: Points): Course => ({
  metric,
  labels,
  expr,
  points,
});

const selectorOf = (labels: Course["labels"]): string =>
  `{${Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(",")}}`;

/** Increase a second over the last four steps; a counter that falls began anew. */
function ratesOf(points: Points): Points {
  const increases = points.map(([, value], at) => {
    const previous = points[at - 1]?.[1] ?? value;
    return value >= previous ? value - previous : value;
  });
  return points.slice(RANGE).map(([at], index) => {
    const sum = increases.slice(index + 1, index + 1 + RANGE).reduce((total, increase) => total + increase, 0);
    return [at, sum / ((RANGE * STEP_MS) / 1_000)] as const;
  });
}

function histogramCourses(name: string, series: readonly ShopSeries[]): Course[] {
  const counts = series.filter((one) => one.name.endsWith("_count"));
  const buckets = Map.groupBy(
    series.filter((one) => one.name.endsWith("_bucket")),
    ({ labels }) => selectorOf(withoutBound(labels)),
  );
  return [
    ...counts.map(({ labels, points }) =>
      course(`${name}_count`, labels, `rate(${name}_count${selectorOf(labels)}[1m])`, ratesOf(points)),
    ),
    ...[...buckets].map(([selector, of]) => {
      const labels = withoutBound(of[0]?.labels ?? {});
      return course(name, labels, `histogram_quantile(0.95, rate(${name}_bucket${selector}[1m]))`, quantilesOf(of));
    }),
  ];
}

const withoutBound = (labels: Course["labels"]): Course["labels"] =>
  Object.fromEntries(Object.entries(labels).filter(([label]) => label !== "le"));

/** As `histogram_quantile(0.95, ...)`: within a bucket values are taken for spread evenly. */
function quantilesOf(buckets: readonly ShopSeries[]): Points {
  const bounds = buckets
    .map(({ labels, points }) => ({
      bound: labels["le"] === "+Inf" ? Infinity : Number(labels["le"]),
      rates: ratesOf(points),
    }))
    .toSorted((a, b) => a.bound - b.bound);
  const all = bounds.at(-1)?.rates ?? [];
  return all.flatMap(([at, total], index) => {
    if (!(total > 0)) return [];
    const rank = 0.95 * total;
    const place = bounds.findIndex(({ rates }) => (rates[index]?.[1] ?? 0) >= rank);
    const [here, below] = [bounds[place], bounds[place - 1]];
    if (here === undefined || here.bound === Infinity) return [[at, below?.bound ?? 0] as const];
    const [low, before] = [below?.bound ?? 0, below?.rates[index]?.[1] ?? 0];
    const inside = (here.rates[index]?.[1] ?? 0) - before;
    return [[at, low + ((here.bound - low) * (rank - before)) / Math.max(inside, Number.MIN_VALUE)] as const];
  });
}
