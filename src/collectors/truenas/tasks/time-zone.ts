import type { Schedule } from "./schedule.ts";

const DAY = 86_400;
/** A whole hour may be left out, with a run in each minute. */
const MOST_STEPS = 1_000;

/**
 * The runs of a schedule that is written for the clock on the wall, at the times when that clock shows them. What falls
 * into an hour that is left out does not run; what falls into one that comes twice runs twice. Throws `RangeError` when
 * the time zone is not known.
 *
 * The library that reads crontabs knows time zones too, but loses itself on days when clocks are put back by half an
 * hour.
 */
export function inZone(byClock: Schedule, timeZone: string): Schedule {
  const offsetAt = zoneOffsets(timeZone);
  const search = (
    from: number,
    step: (at: number) => number | undefined,
    isSooner: (a: number, b: number) => boolean,
  ) => {
    const pending = offsetsAround(from, offsetAt).map((offset) => ({ offset, wall: step(from + offset) }));
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      let first: { at: number; of: (typeof pending)[number]; wall: number } | undefined;
      for (const of of pending) {
        if (of.wall === undefined) continue;
        const at = of.wall - of.offset;
        if (first === undefined || isSooner(at, first.at)) first = { at, of, wall: of.wall };
      }
      if (first === undefined) return undefined;
      if (offsetAt(first.at) === first.of.offset) return first.at;
      first.of.wall = step(first.wall);
    }
    return undefined;
  };
  return {
    next: (after) =>
      search(
        after,
        (at) => byClock.next(at),
        (a, b) => a < b,
      ),
    previous: (before) =>
      search(
        before,
        (at) => byClock.previous(at),
        (a, b) => a > b,
      ),
  };
}

/**
 * When the clock of a time zone showed a time; undefined when it did so twice or never, and for a zone that is not
 * known.
 */
export function timeOnClock(wall: number, timeZone: string): number | undefined {
  try {
    const offsetAt = zoneOffsets(timeZone);
    const found = offsetsAround(wall, offsetAt).filter((offset) => offsetAt(wall - offset) === offset);
    return found.length === 1 && found[0] !== undefined ? wall - found[0] : undefined;
  } catch {
    return undefined;
  }
}

/** Those of the year around. */
const offsetsAround = (at: number, offsetAt: (at: number) => number): readonly number[] => [
  ...new Set([-180, -90, 0, 90, 180].map((days) => offsetAt(at + days * DAY))),
];

/** How far the clock of a zone is ahead of UTC at a time, in seconds. */
function zoneOffsets(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  return (at) => {
    const text = format.formatToParts(at * 1000).find(({ type }) => type === "timeZoneName")?.value;
    const [, sign, hours = "0", minutes = "0"] = /^GMT([+-])(\d{2}):(\d{2})/.exec(text ?? "") ?? [];
    return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60;
  };
}
