import { z } from "zod";
import pLimit from "p-limit";
import type { MetricQuestion, TimeWindow } from "../../core/telemetry.ts";
import { allOf, printSelector } from "../../lib/prometheus/selector.ts";
import type { Ledger } from "./ledger.ts";
import { gridOf, stepOver } from "./steps.ts";
import type { FoundSeries } from "./plan.ts";
import { groupSubjects } from "./subjects.ts";

type Labels = Readonly<Record<string, string>>;

const warnings = z.array(z.string()).nullish();
const seriesAnswer = z.object({ warnings, data: z.array(z.record(z.string(), z.string())) });
const metadataAnswer = z.object({
  data: z.record(z.string(), z.array(z.object({ type: z.string().default("unknown") }))),
});
const countAnswer = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]).optional() })) }),
});

/** Series of one group that are looked at. Buckets of histograms are many. */
const MOST_FOUND = 20_000;
const CONCURRENCY = 4;

/**
 * Finds the series of a question, those of the first subjects first; a group that can not be asked for is a failure in
 * the ledger.
 */
export async function findSeries(
  ledger: Ledger,
  { subjects, window, baseline }: MetricQuestion,
  signal: AbortSignal,
): Promise<readonly FoundSeries[]> {
  const limit = pLimit(CONCURRENCY);
  const span = { from: Math.min(baseline.from, window.from), to: window.to };
  const found = groupSubjects(subjects).map(({ matchers }) =>
    limit(() =>
      ledger.attempt(async () => {
        const selector = printSelector(undefined, matchers);
        const series = await askSeries(ledger, selector, span, { most: MOST_FOUND + 1, signal });
        if (series.length > MOST_FOUND)
          ledger.note(`there are more than ${MOST_FOUND} series of ${selector}: the others were not looked at`);
        return { matchers, series: series.slice(0, MOST_FOUND) };
      }),
    ),
  );
  return (await Promise.all(found)).filter((one) => one !== undefined);
}

async function askSeries(
  ledger: Ledger,
  selector: string,
  { from, to }: TimeWindow,
  { most, signal }: { readonly most: number; readonly signal: AbortSignal },
): Promise<readonly Labels[]> {
  const search = new URLSearchParams({
    "match[]": selector,
    start: String(Math.floor(from / 1_000)),
    end: String(Math.ceil(to / 1_000)),
    limit: String(most),
  });
  const answer = await ledger.ask("series of the scope", { path: "series", search }, seriesAnswer, signal);
  ledger.heed(answer.warnings ?? []);
  return answer.data;
}

/** Whether anything is kept of a time; taken for granted where it can not be told. */
export async function hasSeries(
  ledger: Ledger,
  found: readonly FoundSeries[],
  span: TimeWindow,
  signal: AbortSignal,
): Promise<boolean> {
  for (const { matchers } of found) {
    const selector = printSelector(undefined, matchers);
    const series = await ledger.attempt(() => askSeries(ledger, selector, span, { most: 1, signal }));
    if (series === undefined || series.length > 0) return true;
  }
  return false;
}

/** Types of metrics, by name; none where the server does not tell them. */
export async function readTypes(ledger: Ledger, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const search = new URLSearchParams({ limit_per_metric: "1" });
  try {
    const { data } = await ledger.ask("types of metrics", { path: "metadata", search }, metadataAnswer, signal);
    return new Map(
      Object.entries(data).flatMap(([name, [first]]) => (first === undefined ? [] : [[name, first.type]])),
    );
  } catch {
    // names tell nearly as much, and what else is asked tells that the server is down
    return new Map();
  }
}

const MOST_JOBS = 8;
const COUNTED_S = 600;

/**
 * How far the samples of each job are apart, as a step in seconds: counted on one series of each. What can not be
 * counted is absent.
 */
export async function readIntervals(
  ledger: Ledger,
  found: readonly FoundSeries[],
  { at, now }: { readonly at: number; readonly now: number },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const samples = new Map<string, Labels>();
  for (const labels of found.flatMap(({ series }) => series)) {
    const { job = "" } = labels;
    if (!samples.has(job) && samples.size < MOST_JOBS) samples.set(job, labels);
  }
  const time = gridOf({ from: at - 60_000, to: at }, 15, now)?.to ?? at / 1_000;
  const intervals = new Map<string, number>();
  const count = async ([job, { __name__: name, ...labels }]: readonly [string, Labels]): Promise<void> => {
    const query = `count_over_time(${printSelector(name, allOf(labels))}[${COUNTED_S}s])`;
    const search = new URLSearchParams({ query, time: String(time) });
    const answer = await ledger.ask("how often it is measured", { path: "query", search }, countAnswer, signal);
    const seen = Number(answer.data.result[0]?.value?.[1]);
    if (seen >= 1) intervals.set(job, stepOver(COUNTED_S / seen));
  };
  await Promise.all([...samples].map((sample) => count(sample).catch(() => undefined)));
  return intervals;
}
