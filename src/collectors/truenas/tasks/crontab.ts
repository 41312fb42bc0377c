import { CronExpressionParser, type CronDate, type CronExpression } from "cron-parser";
import type { Schedule } from "./schedule.ts";
import { inZone } from "./time-zone.ts";

/** The five fields of a crontab line as TrueNAS has them, and the part of the day that it is bound to. */
export interface CrontabFields {
  readonly minute: string;
  readonly hour: string;
  readonly dom: string;
  readonly month: string;
  readonly dow: string;
  /** `HH:MM`, both included; an end before the begin is on the next day. */
  readonly begin?: string | undefined;
  readonly end?: string | undefined;
}

const DAY = 86_400;

/** Minutes of the day, both included. */
interface Window {
  readonly begin: number;
  readonly end: number;
}

/** TrueNAS takes no other forms; cron-parser would read `H`, `L`, `?` and `@daily` too. */
const FIELD =
  /^(?:\*|\d+|[a-z]{3})(?:-(?:\d+|[a-z]{3}))?(?:\/\d+)?(?:,(?:\*|\d+|[a-z]{3})(?:-(?:\d+|[a-z]{3}))?(?:\/\d+)?)*$/i;

/** A run outside of the window leads to the next window, so that few steps find the first within, or there is none. */
const MOST_WINDOWS = 10;

/** The crontab line of these fields, as a person reads it. */
export const crontabLine = ({ minute, hour, dom, month, dow }: CrontabFields): string =>
  [minute, hour, dom, month, dow].join(" ");

/**
 * A crontab in a time zone such as `Europe/Berlin`; undefined when one of them is not understood. A run that falls into
 * the hour that is left out when clocks are put forward does not take place.
 * Source: `CronSchedule` of github.com/truenas/zettarepl.
 */
export function readCrontab(fields: CrontabFields, timeZone: string): Schedule | undefined {
  const { minute, hour, dom, month, dow } = fields;
  if (![minute, hour, dom, month, dow].every((field) => FIELD.test(field))) return undefined;
  const window = readWindow(fields);
  if (window === null) return undefined;
  try {
    return inZone(new Crontab(CronExpressionParser.parse(crontabLine(fields), { tz: "UTC" }), window), timeZone);
  } catch {
    return undefined;
  }
}

/** A crontab by a clock that is never put forward or back. */
class Crontab implements Schedule {
  readonly #cron: CronExpression;
  readonly #window: Window | undefined;

  constructor(cron: CronExpression, window: Window | undefined) {
    this.#cron = cron;
    this.#window = window;
  }

  next(after: number): number | undefined {
    return this.#search(
      after,
      (cron) => cron.next(),
      (at, { begin }) => at + ((begin * 60 - (at % DAY) + DAY) % DAY) - 1,
    );
  }

  previous(before: number): number | undefined {
    return this.#search(
      before,
      (cron) => cron.prev(),
      (at, { end }) => at - (((at % DAY) - end * 60 + DAY) % DAY) + 1,
    );
  }

  #search(
    from: number,
    step: (cron: CronExpression) => CronDate,
    intoWindow: (at: number, window: Window) => number,
  ): number | undefined {
    let start = from;
    try {
      for (let windows = 0; windows < MOST_WINDOWS; windows++) {
        this.#cron.reset(new Date(start * 1000));
        const at = Math.floor(step(this.#cron).getTime() / 1000);
        if (this.#window === undefined || isWithin(this.#window, at)) return at;
        start = intoWindow(at, this.#window);
      }
    } catch {
      // The library gives up on a schedule that never runs.
    }
    return undefined;
  }
}

function isWithin({ begin, end }: Window, at: number): boolean {
  const minutes = Math.floor((at % DAY) / 60);
  return begin < end ? begin <= minutes && minutes <= end : minutes >= begin || minutes <= end;
}

/** Undefined for the whole day, null when it is not understood. */
function readWindow({ begin = "00:00", end = "23:59" }: CrontabFields): Window | undefined | null {
  const from = minutesOf(begin);
  const to = minutesOf(end);
  if (from === undefined || to === undefined) return null;
  return from === 0 && to === 24 * 60 - 1 ? undefined : { begin: from, end: to };
}

function minutesOf(text: string): number | undefined {
  const [, hour, minute] = /^(\d{1,2}):(\d{2})(?::\d{2})?$/.exec(text) ?? [];
  if (hour === undefined || minute === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined;
  return Number(hour) * 60 + Number(minute);
}
