import { z } from "zod";
import { milliseconds, seconds, type Duration } from "../../core/duration.ts";
import { asCollectError } from "../../core/errors.ts";
import { failedFinding } from "../../core/finding.ts";
import type { MetricSource, Points, ReadingNotes, TimeWindow } from "../../core/telemetry.ts";
import { nameStrangers } from "../../lib/http/who-answers.ts";
import { askPrometheus, type PrometheusTarget } from "../../lib/prometheus/ask.ts";
import { Ledger } from "./ledger.ts";
import { readMetrics } from "./reading.ts";
import { gridOf, stepFor } from "./steps.ts";

type Labels = Readonly<Record<string, string>>;

/** What changed is looked for in the raw values of metrics. */
export interface RawMetrics {
  /** The values that a selector gives over a time: about 300 of each series, and one from before. */
  raw(selector: string, window: TimeWindow, signal: AbortSignal): Promise<RawReading>;
}

/** What {@link RawMetrics} gives. */
export interface RawReading extends ReadingNotes {
  readonly series: readonly { readonly labels: Labels; readonly points: Points }[];
}

const vector = z.object({
  data: z.object({
    resultType: z.literal("vector"),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()) })),
  }),
});

/** Less than the usual `evidence.deadline`, so that what was read until then is told. */
const PATIENCE = seconds(8);
/** Share of it for each thing that only helps to read well, such as the types of metrics. */
const ASIDE = 0.2;

/**
 * Metrics of a Prometheus, or of what speaks as one. A reading ends after `patience` with what it has until then. Its
 * client is closed with it. Source: https://prometheus.io/docs/prometheus/latest/querying/api/
 */
export function openMetricSource(
  target: PrometheusTarget,
  { patience = PATIENCE, now = Date.now }: { readonly patience?: Duration; readonly now?: () => number } = {},
): MetricSource & RawMetrics {
  const { client, url, headers = {} } = target;
  const { naming } = nameStrangers("Prometheus", [{ client, url, headers: () => Promise.resolve(headers) }]);
  return {
    async read(question, signal) {
      signal.throwIfAborted();
      const both = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
      const aside = milliseconds(Math.ceil(ASIDE * patience));
      const context = { ledger: new Ledger(target), patience: both, aside, now: now() };
      return naming(() => readMetrics(question, context), signal);
    },
    async labelsAt(selector, at, signal) {
      const search = new URLSearchParams({ query: selector, time: String(at / 1_000) });
      const asked = { path: "query", search };
      const { data } = await naming(() => askPrometheus(target, asked, vector, { signal }), signal);
      return data.result.map(({ metric }) => metric);
    },
    async raw(selector, window, signal) {
      const ledger = new Ledger(target);
      const step = stepFor(window.to - window.from);
      const grid = gridOf(window, step, now());
      if (grid === undefined) return { series: [], notes: [], queries: [] };
      const span = { ...grid, from: grid.from - step };
      const { series } = await naming(() => ledger.range("changes", selector, span, { step, signal }), signal);
      const points = series.map(({ labels, values }) => ({
        labels,
        points: values.map(([at, value]) => [at * 1_000, value] as const).filter(([, value]) => !Number.isNaN(value)),
      }));
      return { series: points, notes: ledger.notes, queries: ledger.queries };
    },
    async check(signal) {
      const subject = target.url;
      try {
        const search = new URLSearchParams({ query: "vector(1)" });
        await naming(() => askPrometheus(target, { path: "query", search }, vector, { signal }), signal);
        return [{ subject, ok: true, message: "answers queries" }];
      } catch (thrown) {
        return [failedFinding(subject, asCollectError(thrown))];
      }
    },
    close: () => target.client.close(),
  };
}
