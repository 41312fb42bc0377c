import pLimit from "p-limit";
import { CollectError } from "../../core/errors.ts";
import { HttpStatusError } from "../../lib/http/status-error.ts";
import { ERRORS, ID_LABEL, TOTAL } from "../conventions.ts";
import type { Piece } from "./group-histories.ts";
import { SLICE_SECONDS } from "./increments.ts";
import { queryRange, type Matrix, type PrometheusTarget } from "../../lib/prometheus/query-range.ts";
import type { Span } from "./spans.ts";

/** SLOs in one query, so that its URL stays far below what proxies refuse. */
const BATCH = 20;
const CONCURRENCY = 4;
/** When more SLOs than this can not be read each for itself, it is not they who are at fault. */
const MOST_TROUBLES = 20;

/** A span of a day of one SLO that is wanted. */
export interface Wanted {
  readonly id: string;
  readonly span: Span;
  /** To be asked for alone, since it is known to be too much. */
  readonly isLarge?: boolean;
}

/** What was read of one SLO over a span that was wanted. */
export interface Fetched extends Pick<Wanted, "id" | "span"> {
  readonly pieces: readonly Piece[];
  readonly partial: boolean;
}

interface Request {
  readonly ids: readonly string[];
  readonly span: Span;
}

/**
 * Reads what is wanted, SLOs of the same span together, and hands it over piece by piece. Gives the faults of SLOs that
 * could not be read though others could: their answer is too large, too much for the server, or takes too long. Any
 * other fault is thrown, a `CollectError`, and what is left is then not asked for, so that nothing piles up while
 * Prometheus is away.
 */
export async function fetchCounts(
  target: PrometheusTarget,
  wanted: readonly Wanted[],
  onFetched: (fetched: Fetched) => void,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, CollectError>> {
  const troubles = new Map<string, CollectError>();
  const all = new Set(wanted.map(({ id }) => id));
  const stop = new AbortController();
  const either = AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])]);
  let isAnswered = false;

  const fill = async ({ ids, span }: Request): Promise<void> => {
    const left = ids.filter((id) => !troubles.has(id));
    if (left.length === 0) return;
    try {
      const matrix = await queryRange(target, queryFor(left), span, { step: SLICE_SECONDS, signal: either });
      isAnswered = true;
      const pieces = piecesOf(matrix, span);
      for (const id of left) onFetched({ id, span, pieces: pieces.get(id) ?? [], partial: matrix.partial });
    } catch (thrown) {
      if (either.aborted || !isOwnFault(thrown, isAnswered)) throw thrown;
      isAnswered ||= thrown.reason === "body_too_large";
      if (left.length > 1) for (const half of halves(left)) await fill({ ids: half, span });
      else note(left, thrown);
    }
  };
  const note = (ids: readonly string[], why: CollectError): void => {
    for (const id of ids) troubles.set(id, why);
    if (troubles.size > MOST_TROUBLES || (!isAnswered && troubles.size === all.size)) throw why;
  };

  // one for each reading: a gate must not wait for a month of other SLOs
  const limit = pLimit(CONCURRENCY);
  try {
    await Promise.all(requestsFor(wanted).map((request) => limit(() => fill(request))));
  } catch (thrown) {
    limit.clearQueue();
    stop.abort();
    throw thrown;
  }
  return troubles;
}

/**
 * Whether a fault may be that of what was asked for. Prometheus answers 422 to what is too much, 503 to what takes too
 * long.
 */
function isOwnFault(thrown: unknown, isAnswered: boolean): thrown is CollectError {
  if (!(thrown instanceof CollectError)) return false;
  if (thrown.reason === "body_too_large" || (thrown instanceof HttpStatusError && thrown.status === 422)) return true;
  return isAnswered && (thrown.reason === "timeout" || thrown.reason === "server_error");
}

const queryFor = (ids: readonly string[]): string => `{__name__=~"${TOTAL}|${ERRORS}",${ID_LABEL}=~"${ids.join("|")}"}`;

function requestsFor(wanted: readonly Wanted[]): readonly Request[] {
  const groups = Map.groupBy(wanted, ({ id, span, isLarge }) => `${span.from} ${span.to} ${isLarge ? id : ""}`);
  return [...groups.values()].flatMap((same) =>
    Array.from({ length: Math.ceil(same.length / BATCH) }, (_, i) => i * BATCH).flatMap((from) => {
      const some = same.slice(from, from + BATCH);
      return some[0] === undefined ? [] : [{ ids: some.map(({ id }) => id), span: some[0].span }];
    }),
  );
}

function halves(ids: readonly string[]): readonly (readonly string[])[] {
  const middle = Math.ceil(ids.length / 2);
  return [ids.slice(0, middle), ids.slice(middle)];
}

/** The series of which both numbers are known, by SLO. */
function piecesOf({ series }: Matrix, span: Span): ReadonlyMap<string, Piece[]> {
  const length = (span.to - span.from) / SLICE_SECONDS;
  const found = new Map<string, { labels: Piece["labels"]; total?: Float64Array; errors?: Float64Array }>();
  for (const { labels, values } of series) {
    const { __name__: name, ...rest } = labels;
    const key = JSON.stringify(Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const pair = found.get(key) ?? { labels: rest };
    const array = new Float64Array(length).fill(Number.NaN);
    for (const [at, value] of values) {
      const i = (at - span.from) / SLICE_SECONDS - 1;
      if (Number.isInteger(i) && i >= 0 && i < length) array[i] = value;
    }
    pair[name === ERRORS ? "errors" : "total"] = array;
    found.set(key, pair);
  }
  const start = span.from + SLICE_SECONDS;
  const pieces = [...found.values()].flatMap(({ labels, total, errors }) =>
    total === undefined || errors === undefined ? [] : [{ labels, start, total, errors }],
  );
  return Map.groupBy(pieces, ({ labels }) => labels[ID_LABEL] ?? "");
}
