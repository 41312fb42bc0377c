import type { MemoryKey } from "../client.ts";
import { readCrontab } from "./crontab.ts";
import { intersection, longestGap, union, type Schedule } from "./schedule.ts";
import type { TaskTimes } from "./task-rows.ts";

/** What a task's schedule says; Unix seconds and seconds. */
export interface TaskDates {
  /**
   * The first run after the last success, and after the task was given its schedule or enabled as far as that was seen.
   */
  readonly due: number | undefined;
  readonly interval: number | undefined;
}

interface Known {
  /** What the schedule was made of. */
  readonly made: string;
  readonly schedule: Schedule | undefined;
  due: { readonly after: number; readonly at: number | undefined } | undefined;
  interval: { readonly from: number; readonly until: number; readonly length: number | undefined } | undefined;
  readonly begun: Begun;
}

/** Since when a task could have run by its schedule. */
interface Begun {
  /** Undefined when it could before it was first seen. */
  since: number | undefined;
  /** The last schedule that was understood. */
  times: string | undefined;
  isDisabled: boolean;
}

/** What is known of a task, and when. */
interface TaskMoment {
  readonly timeZone: string | undefined;
  readonly now: number;
  readonly lastSuccess: number | undefined;
  /** Undefined is not told. */
  readonly isEnabled: boolean | undefined;
}

/** A schedule that never runs is looked at again after a day. */
const DAY = 86_400;

/** The schedules of tasks, read once; going through a crontab takes far longer than all else that a poll does. */
export class TaskSchedules {
  readonly #known = new Map<string, Known>();

  /** What a task's schedule says; `key` tells the task from others. Without a time zone nothing is known. */
  dates(key: string, times: TaskTimes, { timeZone, now, lastSuccess, isEnabled }: TaskMoment): TaskDates {
    const known = this.#schedule(key, times, timeZone);
    const { schedule, begun } = known;
    if (schedule === undefined) return { due: undefined, interval: undefined };
    noteBegin(begun, { times: JSON.stringify(times), isEnabled, now });
    const after = lastSuccess === undefined ? undefined : Math.max(lastSuccess, begun.since ?? lastSuccess);
    if (after !== undefined && known.due?.after !== after) known.due = { after, at: schedule.next(after) };
    const isCurrent = known.interval !== undefined && known.interval.from <= now && now < known.interval.until;
    if (!isCurrent)
      known.interval = { from: now, until: schedule.next(now) ?? now + DAY, length: longestGap(schedule, now) };
    return { due: after === undefined ? undefined : known.due?.at, interval: known.interval?.length };
  }

  #schedule(key: string, times: TaskTimes, timeZone: string | undefined): Known {
    const made = JSON.stringify([times, timeZone]);
    const known = this.#known.get(key);
    if (known?.made === made) return known;
    const read: Known = {
      made,
      schedule: timeZone === undefined ? undefined : scheduleOf(times, timeZone),
      due: undefined,
      interval: undefined,
      begun: known?.begun ?? { since: undefined, times: undefined, isDisabled: false },
    };
    this.#known.set(key, read);
    return read;
  }
}

/** What was due by an older schedule, or while the task was disabled, is not late. */
function noteBegin(
  begun: Begun,
  { times, isEnabled, now }: { readonly times: string; readonly isEnabled: boolean | undefined; readonly now: number },
): void {
  const isOther = begun.times !== undefined && begun.times !== times;
  if (isOther || (begun.isDisabled && isEnabled === true)) begun.since = now;
  begun.times = times;
  if (isEnabled !== undefined) begun.isDisabled = !isEnabled;
}

/** The server's schedules, from poll to poll. */
export const TASK_SCHEDULES: MemoryKey<TaskSchedules> = { create: () => new TaskSchedules() };

/** Undefined when the task has none, or one that is not understood. */
function scheduleOf({ own, follows = [], within }: TaskTimes, timeZone: string): Schedule | undefined {
  if (own !== undefined) return readCrontab(own, timeZone);
  const followed = follows.map((each) => readCrontab(each, timeZone));
  const understood = followed.filter((each) => each !== undefined);
  if (understood.length === 0 || understood.length < followed.length) return undefined;
  if (within === undefined) return union(understood);
  const bound = readCrontab(within, timeZone);
  return bound === undefined ? undefined : intersection(bound, union(understood));
}
