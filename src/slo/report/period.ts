import { DateTime } from "luxon";
import { formatDuration } from "../../core/duration.ts";
import { gridTime } from "../budget/increments.ts";
import { boundsAt, lastBounds, type WindowBounds } from "../budget/window.ts";
import type { SloWindow } from "../model.ts";

/** The time that a report is about. */
export interface ReportPeriod {
  readonly bounds: WindowBounds;
  /** `November 2026`, `30d until 2026-12-01 10:05 UTC`. */
  readonly title: string;
  /** IANA name in which its times are written. */
  readonly timeZone: string;
}

const TITLES = { week: "'Week' W, kkkk", month: "LLLL yyyy", quarter: "'Quarter' q, yyyy", year: "yyyy" } as const;

/**
 * The period of a report that is made at a moment (Unix seconds): the length until then, or a unit of the calendar, the
 * `last` whole one or the `current` one so far.
 */
export function reportPeriod(window: SloWindow, at: number, which: "current" | "last" = "last"): ReportPeriod {
  const bounds = (which === "last" ? lastBounds : boundsAt)(window, gridTime(at));
  if (window.kind === "rolling") {
    const until = writeTime(bounds.to, "UTC");
    return { bounds, title: `${formatDuration(window.length)} until ${until} UTC`, timeZone: "UTC" };
  }
  const { timeZone, unit } = window;
  const name = inZone(bounds.from, timeZone).toFormat(TITLES[unit], { locale: "en" });
  const title = bounds.to < bounds.end ? `${name}, until ${writeTime(bounds.to, timeZone)}` : name;
  return { bounds, title, timeZone };
}

/** A moment (Unix seconds) to the minute by the clock of a zone. */
export const writeTime = (at: number, timeZone: string): string =>
  inZone(at, timeZone).toFormat("yyyy-MM-dd HH:mm", { locale: "en" });

/** A day of a moment by the calendar of a zone, for axes. */
export const writeDay = (at: number, timeZone: string): string =>
  inZone(at, timeZone).toFormat("d LLL", { locale: "en" });

const inZone = (at: number, zone: string): DateTime => DateTime.fromSeconds(at, { zone });
