import type { Slo } from "../model.ts";
import { allowedOf, beginningsAt } from "./budget.ts";
import {
  addPoints,
  DAY_SECONDS,
  daysOf,
  isOver,
  replacePoints,
  sumUp,
  type Day,
  type DayPoints,
  type DaySums,
} from "./day.ts";
import type { GroupHistory } from "./increments.ts";
import type { Span } from "./spans.ts";
import { nothing, type Counted, type GroupTally } from "./tally.ts";

/** A day as one reading sees it, whatever others let go meanwhile. */
export interface Held {
  readonly day: Day;
  points: DayPoints | undefined;
  sums: DaySums | undefined;
}

/** A group and its place in each day. */
export interface PlacedGroup {
  readonly index: number;
  readonly group: GroupHistory["group"];
}

interface Holding {
  readonly held: readonly Held[];
  readonly groups: Map<string, PlacedGroup>;
  readonly span: Span;
  readonly excluded: readonly Span[];
  readonly at: number;
}

/** A span of an SLO that is being read. */
export class HeldDays {
  readonly slo: Slo;
  readonly #of: Holding;
  readonly #cut: ReadonlySet<number>;
  readonly #allowed: number;

  constructor(slo: Slo, of: Holding) {
    this.slo = slo;
    this.#of = of;
    this.#allowed = allowedOf(slo);
    this.#cut = new Set(
      beginningsAt(slo, of.at).flatMap((from) => (from % DAY_SECONDS === 0 ? [] : [from - (from % DAY_SECONDS)])),
    );
  }

  /** What must be asked for: in each day at most the time from which on something may have changed. */
  lacking(): readonly Span[] {
    const { held, span } = this.#of;
    return held.flatMap(({ day, points, sums }) => {
      const { start, settled } = day;
      const to = Math.min(span.to, start + DAY_SECONDS);
      const isKnown = points !== undefined || (sums?.without === this.#without(start) && !this.#cut.has(start));
      const from = isKnown ? settled : start;
      return from < to ? [{ from, to }] : [];
    });
  }

  /** Takes in what was read of a span of one day; nothing before `settled` will change any more. */
  take(span: Span, histories: readonly GroupHistory[], settled: number): void {
    const held = this.#of.held.find(({ day }) => span.from >= day.start && span.to <= day.start + DAY_SECONDS);
    if (held === undefined) return;
    const { day } = held;
    // its own points and not the day's, which another reading may have let go meanwhile
    held.points ??= [];
    replacePoints(held.points, day.start, span, histories, (group) => this.#indexOf(group));
    day.points = held.points;
    day.sums = undefined;
    if (span.from <= day.settled) day.settled = Math.max(day.settled, Math.min(span.to, settled));
    held.sums = undefined;
  }

  /**
   * What each group counted that was measured at any time, in the order of their labels; of none, one that knows
   * nothing. The points of days that are over and whole are let go.
   */
  tallies(): readonly GroupTally[] {
    const { held, groups } = this.#of;
    for (const of of held) this.#addUp(of);
    const inOrder = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const measured = inOrder.map(([, of]) => this.#tally(of)).filter(({ tally }) => tally.since !== undefined);
    return measured.length > 0 ? measured : [this.#tally({ index: -1, group: {} })];
  }

  #tally({ index, group }: PlacedGroup): GroupTally {
    return { group, tally: { since: this.#since(index), sum: (span) => this.#sum(index, span) } };
  }

  #addUp(held: Held): void {
    const { day, points } = held;
    const without = this.#without(day.start);
    if (points !== undefined && held.sums?.without !== without)
      held.sums = sumUp(day.start, points, { excluded: this.#of.excluded, allowed: this.#allowed }, without);
    if (!isOver(day)) return;
    day.sums = held.sums;
    if (!this.#cut.has(day.start)) day.points = undefined;
  }

  #since(index: number): number | undefined {
    for (const { sums } of this.#of.held) {
      const first = sums?.groups[index]?.[4];
      if (first !== undefined) return first;
    }
    return undefined;
  }

  #sum(index: number, span: Span): Counted {
    const { held, excluded } = this.#of;
    const sum = nothing();
    const byStart = (start: number): Held | undefined => held[(start - (held[0]?.day.start ?? 0)) / DAY_SECONDS];
    for (const start of daysOf(span)) {
      const { points, sums } = byStart(start) ?? {};
      const isWhole = span.from <= start && span.to >= start + DAY_SECONDS;
      if (!isWhole || sums === undefined) {
        addPoints(sum, start, points?.[index], { span, excluded, allowed: this.#allowed });
        continue;
      }
      const [total, errors, measured, bad] = sums.groups[index] ?? [0, 0, 0, 0];
      sum.total += total;
      sum.errors += errors;
      sum.measured += measured;
      sum.bad += bad;
      sum.slices += sums.slices;
    }
    return sum;
  }

  #indexOf(group: GroupHistory["group"]): number {
    const { groups } = this.#of;
    const key = JSON.stringify(this.slo.groupBy.map((label) => group[label] ?? ""));
    const known = groups.get(key) ?? { index: groups.size, group };
    groups.set(key, known);
    return known.index;
  }

  #without(start: number): string {
    return this.#of.excluded
      .filter(({ from, to }) => from < start + DAY_SECONDS && to > start)
      .map(({ from, to }) => `${Math.max(from, start)}-${Math.min(to, start + DAY_SECONDS)}`)
      .join();
  }
}
