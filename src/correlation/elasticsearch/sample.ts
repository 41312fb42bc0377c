import { CollectError } from "../../core/errors.ts";
import type { LogSample, ReadingNotes } from "../../core/telemetry.ts";
import { checkWindow, isWhole, searchNotes } from "./answers.ts";
import { searchIndices } from "./search.ts";
import type { Elasticsearch } from "./client.ts";
import { RefusedError } from "./errors.ts";
import { inOrder, lineFields, toLine } from "./lines.ts";
import { countsOf, isTooMuch, type LineSearch, type Read, type SampleQuestion } from "./line-search.ts";
import { readPages } from "./pages.ts";
import type { Profile } from "./profile.ts";

/** Elasticsearch gives no more in one answer, unless its index is set otherwise. */
const MOST_IN_ONE = 10_000;
/** So many lines tell how long lines are: Elasticsearch holds a whole answer in memory, which long lines could fill. */
const PROBE = 50;
/** Lines of a page when the first ones were too much already. */
const FEW = 5;
/** Lines of a page after a single answer was too much. */
const PAGE = 1_000;
/** Size of an answer that no node minds; 10,000 usual lines are half of it. */
const GOOD_BYTES = 12 * 1024 * 1024;

/**
 * Reads all lines, or that many of them by chance: the order is random by the seed, so that the first ones are a fair
 * sample of the whole window, and the same ones each time. Rejects with `CollectError`.
 */
export async function readSample(
  elasticsearch: Elasticsearch,
  question: SampleQuestion,
  signal: AbortSignal,
): Promise<ReadingNotes & { readonly sample: LogSample }> {
  const { lines, came, total, isExact, notes, queries } = await readLines(elasticsearch, question, signal);
  const timeless = came - lines.length;
  if (timeless > 0 && lines.length === 0)
    throw new CollectError("unexpected_shape", `${question.purpose}: none of ${came} has a time that can be read`);
  return {
    sample: { total, isExact, lines: inOrder(lines) },
    notes: timeless > 0 ? [...notes, `${question.purpose}: ${timeless} have no time that can be read`] : notes,
    queries,
  };
}

async function readLines(elasticsearch: Elasticsearch, question: SampleQuestion, signal: AbortSignal): Promise<Read> {
  const { purpose } = question;
  try {
    return await readBy(elasticsearch, question, randomSearch(question), signal);
  } catch (thrown) {
    if (!isRandomRefused(thrown)) throw thrown;
    const read = await readBy(elasticsearch, question, newestSearch(question), signal);
    return {
      ...read,
      notes: [...read.notes, `${purpose}: Elasticsearch gives none by chance, the newest ones were read`],
    };
  }
}

async function readBy(
  elasticsearch: Elasticsearch,
  question: SampleQuestion,
  search: LineSearch,
  signal: AbortSignal,
): Promise<Read> {
  const { lines } = question;
  let page = FEW;
  try {
    const probe = await readOnce(elasticsearch, question, { search, size: Math.min(PROBE, lines) }, signal);
    const wanted = Math.min(lines, probe.total);
    if (probe.came >= wanted || probe.came === 0) return probe;
    page = Math.max(1, Math.min(MOST_IN_ONE, Math.floor((GOOD_BYTES * probe.came) / Math.max(1, probe.bytes))));
    if (page >= wanted) return await readOnce(elasticsearch, question, { search, size: wanted }, signal);
  } catch (thrown) {
    if (!isTooMuch(thrown)) throw thrown;
    page = Math.min(page, PAGE);
  }
  return readPages(elasticsearch, { ...question, search, page }, signal);
}

async function readOnce(
  elasticsearch: Elasticsearch,
  { indices, purpose, profile }: SampleQuestion,
  { search, size }: { readonly search: LineSearch; readonly size: number },
  signal: AbortSignal,
): Promise<Read & { readonly bytes: number }> {
  const { answer, query, bytes } = await searchIndices(elasticsearch, { purpose, indices, size, ...search }, signal);
  checkWindow(answer, purpose);
  const { hits } = answer.hits;
  const counts = countsOf(answer);
  // a shard that was counted may have been lost before its lines were fetched, and says so
  if (hits.length === 0 && counts.total > 0 && size > 0 && isWhole(answer))
    throw new CollectError("unexpected_shape", `${purpose}: none came, though the answer counts ${counts.total}`);
  return {
    ...counts,
    lines: hits.flatMap((hit) => toLine(hit, profile) ?? []),
    came: hits.length,
    notes: searchNotes(answer, purpose),
    queries: [query],
    bytes,
  };
}

/** `_seq_no` is in every document, and needs no script. */
const randomSearch = ({ query, profile, seed }: SampleQuestion): LineSearch => ({
  query: {
    function_score: {
      query,
      functions: [{ random_score: { seed, field: "_seq_no" } }],
      boost_mode: "replace",
    },
  },
  ...whole(profile),
});

const newestSearch = ({ query, profile }: SampleQuestion): LineSearch => ({
  query,
  sort: [{ [profile.timestamp[0]?.name ?? "@timestamp"]: { order: "desc" } }],
  ...whole(profile),
});

const whole = (profile: Profile) => ({ fields: lineFields(profile), _source: false, track_total_hits: true }) as const;

const isRandomRefused = (thrown: unknown): boolean =>
  thrown instanceof RefusedError && thrown.status === 400 && /random_score|_seq_no|function_score/.test(thrown.message);
