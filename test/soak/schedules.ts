import type { LogLine } from "./soaked-service.ts";

/** How one part of one target was polled while nothing changed its beat. */
export interface Schedule {
  /** `collector target part`. */
  readonly part: string;
  /** As configured, in milliseconds. */
  readonly every: number;
  readonly polls: number;
  /** Beats from the first poll to the last, both counted. */
  readonly beats: number;
  /** How far a poll was from its beat, in intervals: the largest. */
  readonly strayed: number;
}

/** Fewer polls say little of a beat. */
export const FEWEST = 4;

/**
 * Reads schedules out of a log at the level `debug`. A reload begins them anew, and what failed is polled sooner, with
 * a beat of its own: what is between those is a schedule. `intervals` are those of the parts, in milliseconds.
 */
export function readSchedules(
  log: readonly LogLine[],
  intervals: Readonly<Record<string, number>>,
  reloads: readonly number[],
): readonly Schedule[] {
  const found: Schedule[] = [];
  const stretches = new Map<string, number[]>();
  const troubled = new Set<string>();
  const end = (part: string): void => {
    const every = intervals[part];
    const begun = stretches.get(part) ?? [];
    stretches.delete(part);
    if (every !== undefined && begun.length >= FEWEST) found.push(scheduleOf(part, every, begun));
  };
  const ahead = [...reloads];
  for (const line of log) {
    if (Date.parse(line.time) >= (ahead[0] ?? Number.POSITIVE_INFINITY)) {
      ahead.shift();
      for (const part of stretches.keys()) end(part);
    }
    const { collector, target, part: id, reason, outcome, duration_ms: duration } = line;
    if (id === undefined) continue;
    const part = [collector, target, id].map(String).join(" ");
    if (reason !== undefined) troubled.add(part);
    if (line.msg === "reads again") troubled.delete(part);
    if (line.msg !== "polled") continue;
    const begun = Date.parse(line.time) - Number(duration);
    if (troubled.has(part) || outcome === "failed") end(part);
    else stretches.set(part, [...(stretches.get(part) ?? []), begun]);
  }
  for (const part of stretches.keys()) end(part);
  return found;
}

function scheduleOf(part: string, every: number, begun: readonly number[]): Schedule {
  const [first = 0] = begun;
  const beats = begun.map((at) => (at - first) / every);
  return {
    part,
    every,
    polls: begun.length,
    beats: Math.round(beats.at(-1) ?? 0) + 1,
    strayed: Math.max(...beats.map((beat) => Math.abs(beat - Math.round(beat)))),
  };
}
