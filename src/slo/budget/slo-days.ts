import { hours, inSeconds } from "../../core/duration.ts";
import type { Slo } from "../model.ts";
import { DAY_SECONDS, daysOf, newDay, type Day } from "./day.ts";
import { HeldDays, type Held, type PlacedGroup } from "./held-days.ts";
import type { Span } from "./spans.ts";

/** After this, or up to half of it earlier, all is read again, since the past may have been filled in later. */
const KEPT = inSeconds(hours(6));

/** What is kept of one SLO: 20 kB of points and 6 kB of sums for each group over a month. */
export class SloDays {
  readonly #slo: Slo;
  readonly #until: number;
  readonly #groups = new Map<string, PlacedGroup>();
  readonly #days = new Map<number, Day>();

  /** `at` in Unix seconds. */
  constructor(slo: Slo, at: number) {
    this.#slo = slo;
    // not all SLOs at once
    this.#until = at + KEPT * (0.5 + 0.5 * shareOf(slo.id));
  }

  isStale(at: number): boolean {
    return at > this.#until;
  }

  /** Begins a reading: `excluded` is the time that does not count, until the window's end. */
  hold(span: Span, at: number, excluded: readonly Span[]): HeldDays {
    for (const start of this.#days.keys()) if (start + DAY_SECONDS <= span.from) this.#days.delete(start);
    const held = daysOf(span).map((start): Held => {
      const day = this.#days.get(start) ?? newDay(start);
      this.#days.set(start, day);
      return { day, points: day.points, sums: day.sums };
    });
    return new HeldDays(this.#slo, { held, groups: this.#groups, span, excluded, at });
  }
}

/** A share from 0 to 1 that is always the same for a text. */
function shareOf(text: string): number {
  let mixed = 7;
  for (const letter of text) mixed = (mixed * 31 + (letter.codePointAt(0) ?? 0)) % 1_009;
  return mixed / 1_009;
}
