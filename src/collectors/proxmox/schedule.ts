/** When a schedule runs on a day: first and last run, and the longest gap between two of them, in seconds. */
interface DayRuns {
  readonly first: number;
  readonly last: number;
  readonly gap: number;
}

/** One field of a calendar event: its values, or undefined for all of them. */
type Field = readonly number[] | undefined;

const DAY = 86_400;
/**
 * After 28 years, months and days of the week come in the same order again, as long as no century year is among them.
 */
const CYCLE = { firstYear: 2001, days: 28 * 365 + 7 };
const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/** Words for whole calendar events. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ["minutely", "*:*:00"],
  ["hourly", "*:00:00"],
  ["daily", "00:00:00"],
  ["weekly", "mon 00:00:00"],
  ["monthly", "*-01 00:00:00"],
  ["yearly", "01-01 00:00:00"],
  ["annually", "01-01 00:00:00"],
  ["quarterly", "01,04,07,10-01 00:00:00"],
  ["semiannually", "01,07-01 00:00:00"],
  ["semi-annually", "01,07-01 00:00:00"],
]);

const LIST = String.raw`\*(?:/\d+)?|\d[\d,./]*`;
const DATE = new RegExp(`^(?:(\\*)-)?(${LIST})-(${LIST})$`);
const TIME = new RegExp(`^(?:(${LIST}):)?(${LIST})(?::(${LIST}))?$`);

/** What was found, by schedule: a cluster has few schedules and each counts for thousands of guests, at each poll. */
const known = new Map<string, number | undefined>();
const MOST_KNOWN = 1_000;

/**
 * The longest time between two runs of a schedule in seconds, on a clock that is never put forward or back. Undefined
 * when the schedule is not understood, never runs, or is bound to years.
 * Source: https://pve.proxmox.com/pve-docs/pve-admin-guide.html#chapter_calendar_events
 */
export function longestInterval(schedule: string): number | undefined {
  if (!known.has(schedule)) {
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(schedule, readSchedule(schedule));
  }
  return known.get(schedule);
}

function readSchedule(schedule: string): number | undefined {
  const given = schedule.trim();
  const text = given.endsWith("UTC") ? given.slice(0, -"UTC".length).trimEnd() : given;
  const words = (WORDS.get(text) ?? text).split(/\s+/);
  const weekdays = /^[a-z]/i.test(words[0] ?? "") ? readWeekdays(words.shift() ?? "") : new Set([0, 1, 2, 3, 4, 5, 6]);
  const date = DATE.exec(words[0] ?? "");
  if (date !== null) words.shift();
  const runs = readTime(words.shift() ?? "0:0");
  const months = readField(date?.[2] ?? "*", 1, 12);
  const days = readField(date?.[3] ?? "*", 1, 31);
  if (words.length > 0 || weekdays === undefined || runs === undefined || months === null || days === null)
    return undefined;
  const between = longestDays(weekdays, months, days);
  return between === undefined ? undefined : Math.max(runs.gap, between * DAY - runs.last + runs.first);
}

/** The longest time between two days that match, in days; undefined when none ever does. */
function longestDays(weekdays: ReadonlySet<number>, months: Field, days: Field): number | undefined {
  if (weekdays.size === WEEKDAYS.length && months === undefined && days === undefined) return 1;
  const matching: number[] = [];
  for (let i = 0; i < CYCLE.days; i++) {
    const date = new Date(Date.UTC(CYCLE.firstYear, 0, 1 + i));
    if (!weekdays.has(date.getUTCDay())) continue;
    if (months?.includes(date.getUTCMonth() + 1) === false || days?.includes(date.getUTCDate()) === false) continue;
    matching.push(i);
  }
  const [first] = matching;
  return first === undefined ? undefined : longestGap([...matching, first + CYCLE.days]);
}

const longestGap = (sorted: readonly number[]): number =>
  sorted.reduce((longest, value, i) => Math.max(longest, value - (sorted[i - 1] ?? value)), 0);

/** Such as `mon..fri` or `sat,sunday`; undefined when it is something else. */
function readWeekdays(text: string): ReadonlySet<number> | undefined {
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const [from = -1, to = from, ...more] = part.split("..").map(weekday);
    if (from < 0 || to < 0 || more.length > 0) return undefined;
    for (let day = from; ; day = (day + 1) % WEEKDAYS.length) {
      found.add(day);
      if (day === to) break;
    }
  }
  return found;
}

function weekday(text: string): number {
  const name = text.toLowerCase();
  return WEEKDAYS.findIndex((day) => name === day || name === day.slice(0, 3));
}

/** `[HOURS:]MINUTES[:SECONDS]`; undefined when it is something else. */
function readTime(text: string): DayRuns | undefined {
  const [, hour = "*", minute = "", second = "0"] = TIME.exec(text) ?? [];
  const hours = readField(hour, 0, 23);
  const minutes = readField(minute, 0, 59);
  const seconds = readField(second, 0, 59);
  if (hours === null || minutes === null || seconds === null) return undefined;
  const all = (field: Field, count: number): readonly number[] => field ?? [...Array(count).keys()];
  const runs = all(hours, 24).flatMap((h) =>
    all(minutes, 60).flatMap((m) => all(seconds, 60).map((s) => (h * 60 + m) * 60 + s)),
  );
  const [first] = runs;
  const last = runs.at(-1);
  return first === undefined || last === undefined ? undefined : { first, last, gap: longestGap(runs) };
}

/** Such as `*`, `5,8..10` or `0/15`, sorted; null when it is something else. */
function readField(text: string, min: number, max: number): Field | null {
  if (text === "*") return undefined;
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const values = readValues(part, min, max);
    if (values === undefined) return null;
    for (const value of values) found.add(value);
  }
  return [...found].toSorted((a, b) => a - b);
}

/** One of a field's values with comma: `5`, `8..10`, `0/15`, `8..18/2` or `*` with a step. */
function readValues(text: string, min: number, max: number): readonly number[] | undefined {
  const [, start, end, step] = /^(\*|\d+)(?:\.\.(\d+))?(?:\/(\d+))?$/.exec(text) ?? [];
  if (start === undefined || (start === "*" && end !== undefined)) return undefined;
  const from = start === "*" ? min : Number(start);
  const by = Number(step ?? 1);
  const to = end === undefined && (step === undefined || by === 0) ? from : Number(end ?? max);
  if (from < min || to > max || from > to || by > max) return undefined;
  if (by === 0) return start === "*" ? undefined : [from];
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, i) => from + i * by);
}
