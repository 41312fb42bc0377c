import pLimit from "p-limit";
import { inSeconds, minutes } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import { ERRORS, ID_LABEL, TOTAL } from "../conventions.ts";
import { clearDay, DAY_SECONDS, DayCache, fillDay, piecesOf, type Day } from "./day-cache.ts";
import { groupHistories } from "./group-histories.ts";
import { gridTime, SLICE_SECONDS } from "./increments.ts";
import { queryRange, type Matrix, type PrometheusTarget } from "./prometheus-api.ts";
import type { HistorySource } from "./source.ts";
import type { Span } from "./spans.ts";

/** Samples may come later than their time by this (remote write, late rules). */
const SETTLING = inSeconds(minutes(10));
/** SLOs in one query, so that its URL stays far below what proxies refuse. */
const BATCH = 20;
const CONCURRENCY = 4;

/** Days of some SLOs that are known until the same moment. */
interface Request {
  readonly days: ReadonlyMap<string, Day>;
  readonly span: Span;
}

/**
 * The two recorded series of each SLO, asked for day by day; what was read is kept, so that later only the newest minutes are
 * asked for. `now` in milliseconds.
 */
export function prometheusSource(target: PrometheusTarget, now: () => number = Date.now): HistorySource {
  const cache = new DayCache(now);
  const fill = async (request: Request, signal: AbortSignal): Promise<void> => {
    try {
      const matrix = await queryRange(target, queryFor([...request.days.keys()]), request.span, {
        step: SLICE_SECONDS,
        signal,
      });
      take(request, matrix, gridTime(now() / 1_000 - SETTLING));
    } catch (thrown) {
      const tooLarge = thrown instanceof CollectError && thrown.reason === "body_too_large";
      if (!tooLarge || request.days.size === 1) throw thrown;
      for (const half of halves(request)) await fill(half, signal);
    }
  };
  /** All requests, or the first fault; those that are left are then dropped, so that none pile up while Prometheus is away. */
  const fillAll = async (requests: readonly Request[], signal: AbortSignal | undefined): Promise<void> => {
    // one for each reading: a gate must not wait for a month of other SLOs
    const limit = pLimit(CONCURRENCY);
    const stop = new AbortController();
    const either = AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])]);
    try {
      await Promise.all(requests.map((request) => limit(() => fill(request, either))));
    } catch (thrown) {
      limit.clearQueue();
      stop.abort();
      throw thrown;
    }
  };
  return {
    async read(slos, asked, signal) {
      const span = { from: gridTime(asked.from), to: gridTime(asked.to) };
      cache.sweep();
      const days = new Map(slos.map(({ id }) => [id, daysOf(span).map((start) => cache.day(id, start))]));
      const requests = requestsFor(days, span);
      await fillAll(requests, signal);
      // not from the cache again, which another reading may have swept meanwhile
      return new Map(
        slos.map(({ id, groupBy }) => [id, groupHistories(groupBy, (days.get(id) ?? []).flatMap(piecesOf), span)]),
      );
    },
  };
}

const queryFor = (ids: readonly string[]): string => `{__name__=~"${TOTAL}|${ERRORS}",${ID_LABEL}=~"${ids.join("|")}"}`;

function daysOf({ from, to }: Span): number[] {
  const first = Math.floor(from / DAY_SECONDS);
  const count = Math.max(0, Math.ceil(to / DAY_SECONDS) - first);
  return Array.from({ length: count }, (_, i) => (first + i) * DAY_SECONDS);
}

function requestsFor(all: ReadonlyMap<string, readonly Day[]>, span: Span): Request[] {
  return daysOf(span).flatMap((start, i) => {
    const to = Math.min(span.to, start + DAY_SECONDS);
    const those = [...all].flatMap(([id, days]) => (days[i] === undefined ? [] : [[id, days[i]] as const]));
    const lacking = those.filter(([, day]) => day.settled < to);
    return [...Map.groupBy(lacking, ([, { settled }]) => settled)].flatMap(([from, days]) =>
      Array.from({ length: Math.ceil(days.length / BATCH) }, (_, i) => ({
        days: new Map(days.slice(i * BATCH, (i + 1) * BATCH)),
        span: { from, to },
      })),
    );
  });
}

function halves({ days, span }: Request): Request[] {
  const all = [...days];
  const middle = Math.ceil(all.length / 2);
  return [all.slice(0, middle), all.slice(middle)].map((half) => ({ days: new Map(half), span }));
}

function take({ days, span }: Request, { series, partial }: Matrix, settled: number): void {
  for (const day of days.values()) clearDay(day, span);
  for (const { labels, values } of series) {
    const { __name__: name, ...rest } = labels;
    const day = days.get(rest[ID_LABEL] ?? "");
    if (day !== undefined) fillDay(day, rest, name === ERRORS ? "errors" : "total", values);
  }
  if (partial) return;
  for (const day of days.values()) day.settled = Math.max(day.settled, Math.min(span.to, settled));
}
