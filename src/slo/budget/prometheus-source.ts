import { inSeconds, minutes } from "../../core/duration.ts";
import type { CollectError } from "../../core/errors.ts";
import type { Slo } from "../model.ts";
import { neededSpan } from "./budget.ts";
import { DAY_SECONDS, daysOf } from "./day.ts";
import { excludedSpans } from "./exclusions.ts";
import { fetchCounts, type Fetched, type Wanted } from "./fetch.ts";
import { groupHistories, type Piece } from "./group-histories.ts";
import { gridTime } from "./increments.ts";
import type { HeldDays } from "./held-days.ts";
import type { PrometheusTarget } from "../../lib/prometheus/query-range.ts";
import { SloDays } from "./slo-days.ts";
import type { HistorySource, TallyQuestion, TallyReading, TallySource } from "./source.ts";
import { boundsAt } from "./window.ts";

/** Samples may come later than their time by this (remote write, late rules). */
const SETTLING = inSeconds(minutes(10));
/** An SLO that could not be read for itself is asked for again after this. */
const PATIENCE = inSeconds(minutes(10));

/**
 * The two recorded series of each SLO, asked for day by day. Histories are read anew each time. Of what budgets are
 * told from the sums of days are kept, so that later only the newest minutes are asked for; an id must stay the same
 * SLO for as long as the source is used. `now` in milliseconds.
 */
export function prometheusSource(target: PrometheusTarget, now: () => number = Date.now): HistorySource & TallySource {
  const cache = new Map<string, SloDays>();
  const faults = new Map<string, { readonly why: CollectError; readonly until: number }>();
  const unixNow = (): number => now() / 1_000;
  return {
    async read(slos, asked, signal, isWanted = () => true) {
      const span = { from: gridTime(asked.from), to: gridTime(asked.to) };
      const pieces = new Map<string, Piece[]>(slos.map(({ id }) => [id, []]));
      const days = daysOf(span).map((start) => ({
        from: Math.max(span.from, start),
        to: Math.min(span.to, start + DAY_SECONDS),
      }));
      const wanted = slos.flatMap(({ id }) => days.map((day): Wanted => ({ id, span: day })));
      const take = (of: Fetched): void => {
        for (const piece of of.pieces) if (isWanted(piece.labels)) pieces.get(of.id)?.push(piece);
      };
      const troubles = await fetchCounts(target, wanted, take, signal);
      for (const why of troubles.values()) throw why;
      return new Map(slos.map(({ id, groupBy }) => [id, groupHistories(groupBy, pieces.get(id) ?? [], span)]));
    },
    async tally(question) {
      const at = unixNow();
      const troubles = new Map<string, CollectError>();
      for (const { id } of question.slos) {
        const fault = faults.get(id);
        if (fault !== undefined && fault.until > at) troubles.set(id, fault.why);
        if (cache.get(id)?.isStale(at) === true) cache.delete(id);
      }
      const readable = question.slos.filter(({ id }) => !troubles.has(id));
      const held = new Map(readable.map((slo) => [slo.id, hold(cache, slo, question, at)]));
      const wanted = [...held].flatMap(([id, days]) =>
        days.lacking().map((span): Wanted => ({ id, span, isLarge: faults.has(id) })),
      );
      const settled = gridTime(at - SETTLING);
      const found = await fetchCounts(
        target,
        wanted,
        ({ id, span, pieces, partial }) => {
          const days = held.get(id);
          days?.take(span, groupHistories(days.slo.groupBy, pieces, span), partial ? 0 : settled);
        },
        question.signal,
      );
      for (const { id } of readable) faults.delete(id);
      for (const [id, why] of found) {
        troubles.set(id, why);
        faults.set(id, { why, until: at + PATIENCE });
        held.delete(id);
      }
      return { troubles, tallies: new Map([...held].map(([id, days]) => [id, days.tallies()])) } satisfies TallyReading;
    },
  };
}

function hold(cache: Map<string, SloDays>, slo: Slo, { exclusions, at }: TallyQuestion, now: number): HeldDays {
  const days = cache.get(slo.id) ?? new SloDays(slo, now);
  cache.set(slo.id, days);
  const span = neededSpan(slo, at);
  return days.hold(span, at, excludedSpans(exclusions, slo, { from: span.from, to: boundsAt(slo.window, at).end }));
}
