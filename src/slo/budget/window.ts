import { DateTime } from "luxon";
import { inSeconds } from "../../core/duration.ts";
import type { SloWindow } from "../model.ts";
import type { Span } from "./spans.ts";

/** A window as it stands at a moment. */
export interface WindowBounds extends Span {
  /** When it ends: now for a rolling one, the first moment of the next month and so on for one of the calendar. */
  readonly end: number;
}

/**
 * The window at a moment, Unix seconds: the length until then, or from the beginning of the calendar's unit until then.
 */
export function boundsAt(window: SloWindow, at: number): WindowBounds {
  if (window.kind === "rolling") return { from: at - inSeconds(window.length), to: at, end: at };
  const { first, next } = calendarUnit(window, at);
  return { from: first.toUnixInteger(), to: at, end: next.toUnixInteger() };
}

/** The last window that is over: the length until then, or the whole week, month, quarter or year before this one. */
export function lastBounds(window: SloWindow, at: number): WindowBounds {
  if (window.kind === "rolling") return boundsAt(window, at);
  const { first } = calendarUnit(window, at);
  const end = first.toUnixInteger();
  return { from: first.minus({ [window.unit]: 1 }).toUnixInteger(), to: end, end };
}

function calendarUnit({ unit, timeZone }: Extract<SloWindow, { kind: "calendar" }>, at: number) {
  // a moment belongs to the slice that ends with it, so that midnight is the end of the day before
  const now = DateTime.fromSeconds(at - 1, { zone: timeZone });
  if (!now.isValid) throw new RangeError(`unknown time zone ${timeZone}`);
  const first = now.startOf(unit);
  return { first, next: first.plus({ [unit]: 1 }).startOf(unit) };
}
