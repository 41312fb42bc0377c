import type { estypes } from "@elastic/elasticsearch";
import { z } from "zod";
import { CollectError } from "../../core/errors.ts";
import type { LogReading, ReadingNotes, TimeWindow } from "../../core/telemetry.ts";
import { readShape } from "../../lib/answers/read-shape.ts";
import { aggregationsOf, searchNotes, tally } from "./answers.ts";
import { searchIndices } from "./search.ts";
import type { Elasticsearch } from "./client.ts";
import { within } from "./filter.ts";

/** What is counted over time. */
export interface HistogramQuestion {
  readonly indices: readonly string[];
  readonly timestamp: string;
  readonly conditions: readonly estypes.QueryDslQueryContainer[];
  /** What lines failed; undefined where no field tells it. */
  readonly failed: estypes.QueryDslQueryContainer | undefined;
  readonly span: TimeWindow;
  readonly window: TimeWindow;
}

/** Counts over time, and how many lines failed in the window. */
export interface Histogram extends ReadingNotes {
  readonly histogram: LogReading["histogram"];
  readonly failedInWindow: number;
}

const POINTS = 120;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400].map(
  (second) => second * 1_000,
);

const count = z.object({ doc_count: tally });
const aggregations = z.object({
  over_time: z.object({ buckets: z.array(count.extend({ key: z.number(), failed: count.optional() })) }),
  failed_in_window: count.optional(),
});

/** Counts lines and failures over a span in at most 120 steps. Rejects with `CollectError`. */
export async function readHistogram(
  elasticsearch: Elasticsearch,
  question: HistogramQuestion,
  signal: AbortSignal,
): Promise<Histogram> {
  const { indices, timestamp, conditions, failed, span, window } = question;
  const step = stepOf(span);
  const purpose = "lines over time";
  const { answer, query } = await searchIndices(
    elasticsearch,
    {
      purpose,
      indices,
      size: 0,
      track_total_hits: true,
      query: { bool: { filter: [...conditions, within(timestamp, span)] } },
      aggs: {
        over_time: {
          date_histogram: {
            field: timestamp,
            fixed_interval: `${step / 1_000}s`,
            ...(span.from % step > 0 && { offset: `${span.from % step}ms` }),
            min_doc_count: 1,
          },
          ...(failed !== undefined && { aggs: { failed: { filter: failed } } }),
        },
        ...(failed !== undefined && {
          failed_in_window: { filter: { bool: { filter: [within(timestamp, window), failed] } } },
        }),
      },
    },
    signal,
  );
  const notes = searchNotes(answer, purpose);
  const where = `POST ${query.path}`;
  const found = aggregationsOf(answer, where);
  if (found === undefined) return { histogram: [], failedInWindow: 0, notes, queries: [query] };
  const read = readShape(aggregations, found, where);
  // a line may have several times, of which at least one was asked for
  const buckets = read.over_time.buckets.filter(({ key }) => key >= span.from && key < span.to);
  const counted = buckets.reduce((sum, { doc_count: lines }) => sum + lines, 0);
  if (counted < (answer.hits.total?.value ?? 0))
    throw new CollectError("unexpected_shape", `${where}: it counts lines of a time that was not asked for`);
  return {
    histogram: filled(buckets, span, step),
    failedInWindow: read.failed_in_window?.doc_count ?? 0,
    notes,
    queries: [query],
  };
}

const stepOf = ({ from, to }: TimeWindow): number =>
  STEPS.find((step) => (to - from) / step <= POINTS) ?? Math.ceil((to - from) / POINTS / 86_400_000) * 86_400_000;

/** Where a step has no bucket there is no line; where there is no line at all, there is nothing to show. */
function filled(
  buckets: z.output<typeof aggregations>["over_time"]["buckets"],
  { from, to }: TimeWindow,
  step: number,
): LogReading["histogram"] {
  if (buckets.length === 0) return [];
  const byKey = new Map(buckets.map((bucket) => [bucket.key, bucket]));
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => {
    const at = from + index * step;
    const bucket = byKey.get(at);
    return { at, lines: bucket?.doc_count ?? 0, failed: bucket?.failed?.doc_count ?? 0 };
  });
}
