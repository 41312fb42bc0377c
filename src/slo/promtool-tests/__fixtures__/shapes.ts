import { days, hours, minutes } from "../../../core/duration.ts";
import type { Sli, Slo, Tier } from "../../model.ts";
import { httpSlo, promql } from "../../rules/__fixtures__/slos.ts";

const events = (total: string, errors: string): Pick<Slo, "sli"> => ({
  sli: { kind: "events", total: promql(total), errors: promql(errors) },
});
const ratio = (query: string): Pick<Slo, "sli" | "minimum"> => ({
  sli: { kind: "ratio", errorRatio: promql(query) },
  minimum: { events: 0, failures: 0 },
});
const composite = (
  method: Extract<Sli, { kind: "composite" }>["method"],
  weight = 1,
): Pick<Slo, "sli" | "minimum"> => ({
  sli: {
    kind: "composite",
    method,
    members: ["two-metrics", "probe"].map((sloId) => ({ sloId, weight })),
  },
  minimum: { events: 0, failures: 0 },
});
const total = "sum(increase(r{job=~'shop|depot',handler!=\"/health\"}[$window]))";
const failed = 'sum(increase(r{job=~"shop|depot",handler!="/health",code=~"5..|429"}[$window]))';
const tier = (of: Partial<Tier>): Tier => ({
  alert: "page",
  long: hours(2),
  short: minutes(10),
  factor: 5,
  for: minutes(10),
  keepFiringFor: minutes(15),
  ...of,
});

/** SLOs of every shape that a test can be written for, by what they show. */
const SHAPES: Readonly<Record<string, Partial<Slo>>> = {
  "two-metrics": events("sum(increase(jobs_total[$window]))", "sum(increase(job_failures_total[$window]))"),
  patterns: events(total, failed),
  difference: events(total, `clamp_min(${total} - (sum(increase(r{code=~"2.."}[$window])) or ${total} * 0), 0)`),
  rates: events("sum(rate(r[$window])) * 300", 'sum(rate(r{code="500"}[$window])) * 300'),
  sums: events(
    "sum(increase(a[$window])) + sum(increase(b[$window]))",
    '(sum(increase(a{code="500"}[$window])) or vector(0)) + (sum(increase(b{code="500"}[$window])) or vector(0))',
  ),
  without: events(
    "sum without (code) (increase(r[$window]))",
    'sum without (code) (increase(r{code=~"5.+"}[$window]))',
  ),
  buckets: events(
    'sum(increase(d_bucket{le="+Inf"}[$window])) and sum(increase(d_bucket{le=~"1|1\\\\.0"}[$window]))',
    'clamp_min(sum(increase(d_bucket{le="+Inf"}[$window])) - sum(increase(d_bucket{le=~"1|1\\\\.0"}[$window])), 0)',
  ),
  native: events(
    "histogram_count(sum(rate(d[$window]))) * 300",
    "(histogram_count(sum(rate(d[$window]))) - histogram_fraction(0, 0.3, sum(rate(d[$window]))) * histogram_count(sum(rate(d[$window])))) * 300 >= 0",
  ),
  probe: events(
    'sum(count_over_time(probe_success{job="probe"}[$window]))',
    'clamp_min(sum(count_over_time(probe_success{job="probe"}[$window])) - sum(sum_over_time(probe_success{job="probe"}[$window])), 0)',
  ),
  "matched-ratio": ratio(
    'sum by (job) (rate(r{job="x",code="500"}[$window])) / on (job) sum by (job) (rate(r{job="x"}[$window]))',
  ),
  complement: ratio('1 - sum(rate(r{code="200"}[$window])) / sum(rate(r[$window]))'),
  recorded: ratio("job:errors:ratio5m"),
  gauge: ratio("1 - avg_over_time(up{job='x'}[$window])"),
  grouped: {
    ...events("sum by (zone, job) (increase(r[$window]))", 'sum by (zone, job) (increase(r{code="500"}[$window]))'),
    groupBy: ["zone", "job"],
  },
  "grouped-by-name": {
    ...events('increase(r{zone=~"eu|us"}[$window])', 'increase(r{zone=~"eu|us",code="500"}[$window])'),
    groupBy: ["zone"],
  },
  "many-needed": { ...events(total, failed), minimum: { events: 1_000, failures: 50 } },
  "one-is-enough": { ...events(total, failed), minimum: { events: 0, failures: 0 } },
  slices: { ...events(total, failed), timeslices: { length: minutes(15), objective: 0.95 } },
  "low-objective": { ...events(total, failed), objective: 0.8 },
  "own-tiers": {
    ...events(total, failed),
    alerting: {
      ...httpSlo().alerting,
      tiers: [tier({}), tier({ alert: "ticket", long: hours(12), short: hours(1), factor: 0.5, for: hours(1) })],
    },
  },
  "page-off": {
    ...events(total, failed),
    alerting: { ...httpSlo().alerting, page: { ...httpSlo().alerting.page, enabled: false }, noData: undefined },
  },
  month: { ...events(total, failed), window: { kind: "calendar", unit: "month", timeZone: "Europe/Berlin" } },
  week: { ...events(total, failed), window: { kind: "rolling", length: days(7) } },
  occurrences: composite("occurrences", 3),
  timeslices: composite("timeslices"),
  "ratio-timeslices": composite("ratio_timeslices", 0.25),
  worst: composite("worst"),
};

/** One SLO for each shape. */
export const shapes: readonly Slo[] = Object.entries(SHAPES).map(([id, of]) => httpSlo({ ...of, id, name: id }));
