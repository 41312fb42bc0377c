/** When a schedule runs; times in Unix seconds. */
export interface Schedule {
  /** The first run after this time; undefined when there is none. */
  next(after: number): number | undefined;
  /** The last run before this time; undefined when there is none. */
  previous(before: number): number | undefined;
}

/** The runs that two schedules have in common. */
export function intersection(one: Schedule, other: Schedule): Schedule {
  const search = (step: (from: number) => number | undefined) => (from: number) => {
    let at = step(from);
    for (let steps = 0; at !== undefined && steps < 200; steps++) {
      if (other.next(at - 1) === at) return at;
      at = step(at);
    }
    return undefined;
  };
  return { next: search((from) => one.next(from)), previous: search((from) => one.previous(from)) };
}

/** The runs of any of the schedules. */
export const union = (schedules: readonly Schedule[]): Schedule => ({
  next: (after) => least(schedules.map((schedule) => schedule.next(after))),
  previous: (before) => {
    const found = schedules.flatMap((schedule) => schedule.previous(before) ?? []);
    return found.length === 0 ? undefined : Math.max(...found);
  },
});

/**
 * The longest time between two runs around now, in seconds: of the time between the last and the next one, and the one
 * before.
 */
export function longestGap(schedule: Schedule, now: number): number | undefined {
  const next = schedule.next(now);
  const last = schedule.previous(now + 1);
  if (next === undefined || last === undefined) return undefined;
  const before = schedule.previous(last);
  return Math.max(next - last, before === undefined ? 0 : last - before);
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const found = values.flatMap((value) => value ?? []);
  return found.length === 0 ? undefined : Math.min(...found);
}
