import type { estypes } from "@elastic/elasticsearch";
import { asCollectError, CollectError } from "../../core/errors.ts";
import type { FieldComparison, LogNames, LogQuestion, LogReading, ReadingNotes } from "../../core/telemetry.ts";
import type { Elasticsearch } from "./client.ts";
import { compareFields } from "./comparison.ts";
import { any, filterQuery, within } from "./filter.ts";
import { readHistogram, type Histogram } from "./histogram.ts";
import { WITHOUT } from "./field-names.ts";
import type { Known } from "./known.ts";
import { failedQuery } from "./levels.ts";
import { noIndex, type Profile } from "./profile.ts";
import { readSample } from "./sample.ts";

type Query = estypes.QueryDslQueryContainer;

const LINKED = ["timestamp", "message", "service", "namespace", "pod", "host"] as const;

/** With fewer failed lines there is too little to compare them by. */
const FEW = 5;

/** What each piece of a reading needs. */
interface Reading {
  readonly elasticsearch: Elasticsearch;
  readonly indices: readonly string[];
  readonly known: Known;
  readonly question: LogQuestion;
  readonly timestamp: string;
  readonly conditions: readonly Query[];
  readonly failed: Query | undefined;
  readonly signal: AbortSignal;
}

/**
 * Reads lines, counts and values of fields. The lines of both windows have to be had: without the baseline everything
 * would look new. Of the rest, what can not be had is a note. Rejects with `CollectError`.
 */
export async function readLogs(
  elasticsearch: Elasticsearch,
  known: Known,
  { indices, question }: { readonly indices: readonly string[]; readonly question: LogQuestion },
  signal: AbortSignal,
): Promise<LogReading> {
  const { profile } = known;
  const timestamp = profile.timestamp[0]?.name;
  if (profile.indices === 0) throw new CollectError("not_found", noIndex(indices));
  if (timestamp === undefined)
    return { ...NOTHING, notes: known.notes, queries: known.queries, incomplete: WITHOUT.timestamp };
  const filtered = filterQuery(question.filter, profile);
  const notes = [...known.notes, ...filtered.notes];
  if (filtered.conditions === undefined)
    return { ...NOTHING, notes, queries: known.queries, incomplete: filtered.notes.join("; ") };
  const { conditions } = filtered;
  const failed = failedQuery(profile);
  const reading: Reading = { elasticsearch, indices, known, question, timestamp, conditions, failed, signal };
  const [window, baseline, counted] = await Promise.all([
    sampleOf(reading, "window"),
    sampleOf(reading, "baseline"),
    histogramOf(reading),
  ]);
  const compared = await comparisonOf(reading, counted.failedInWindow);
  const parts: readonly ReadingNotes[] = [known, window, baseline, counted, compared];
  return {
    window: window.sample,
    baseline: baseline.sample,
    histogram: counted.histogram,
    comparison: compared.comparison,
    fields: compared.fields,
    ...(compared.incomplete !== undefined && { comparisonIncomplete: compared.incomplete }),
    names: namesOf(profile),
    notes: [...new Set([...notes, ...parts.flatMap((part) => part.notes)])],
    queries: parts.flatMap((part) => part.queries),
  };
}

const namesOf = (profile: Profile): LogNames =>
  Object.fromEntries(LINKED.map((meaning) => [meaning, profile[meaning].map(({ name }) => name)]));

const NOTHING: Omit<LogReading, "notes" | "queries"> = {
  window: { total: 0, isExact: true, lines: [] },
  baseline: { total: 0, isExact: true, lines: [] },
  histogram: [],
  comparison: "window",
  fields: [],
};

const sampleOf = (
  { elasticsearch, indices, known, question, timestamp, conditions, signal }: Reading,
  which: "window" | "baseline",
) =>
  readSample(
    elasticsearch,
    {
      purpose: `lines of the ${which}`,
      indices,
      profile: known.profile,
      query: { bool: { filter: [...conditions, within(timestamp, question[which])] } },
      lines: question.lines,
      seed: question.seed,
    },
    signal,
  );

async function histogramOf({ elasticsearch, question, signal, ...rest }: Reading): Promise<Histogram> {
  const { window, baseline } = question;
  const span = { from: Math.min(baseline.from, window.from), to: window.to };
  try {
    return await readHistogram(elasticsearch, { ...rest, span, window }, signal);
  } catch (thrown) {
    return { histogram: [], failedInWindow: 0, ...noted("the counts over time could not be read", thrown, signal) };
  }
}

interface Compared extends ReadingNotes, Pick<LogReading, "fields"> {
  readonly comparison: FieldComparison;
}

async function comparisonOf(reading: Reading, failedInWindow: number): Promise<Compared> {
  const { elasticsearch, indices, known, question, timestamp, conditions, failed, signal } = reading;
  const window = within(timestamp, question.window);
  const baseline = within(timestamp, question.baseline);
  const isFailed = failed !== undefined && failedInWindow >= FEW;
  const selection: Query = isFailed ? { bool: { filter: [window, failed] } } : window;
  const background: Query = isFailed ? { bool: { must_not: [selection] } } : baseline;
  const comparison = isFailed ? "failed" : "window";
  const asked = {
    indices,
    conditions: [...conditions, any([window, baseline])],
    selection,
    background,
    fields: known.candidates,
  };
  if (known.unread !== undefined) return { comparison, fields: [], notes: [], queries: [], incomplete: known.unread };
  try {
    return { comparison, ...(await compareFields(elasticsearch, asked, signal)) };
  } catch (thrown) {
    const missing = noted("the values of fields could not be compared", thrown, signal);
    return { comparison, fields: [], ...missing, incomplete: missing.notes.join("; ") };
  }
}

/** A piece that is missing. Throws the signal's reason when the caller gave up. */
function noted(what: string, thrown: unknown, signal: AbortSignal): ReadingNotes {
  if (signal.aborted) throw thrown;
  return { notes: [`${what}: ${asCollectError(thrown).message}`], queries: [] };
}
