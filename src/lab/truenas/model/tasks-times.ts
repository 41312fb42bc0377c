import type { LabSchedule } from "./tasks-shapes.ts";

const HOUR = 3_600;
/** That of the machine. */
const TIME_ZONE = "Europe/Berlin";

const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: TIME_ZONE,
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** A snapshot's name by the schema `auto-%Y-%m-%d_%H-%M`. */
export function autoName(at: number): string {
  const parts = Object.fromEntries(clock.formatToParts(at * 1000).map(({ type, value }) => [type, value]));
  return `auto-${parts["year"]}-${parts["month"]}-${parts["day"]}_${parts["hour"]}-${parts["minute"]}`;
}

/** The last full hour. */
export const lastHour = (now: number): number => Math.floor(now / HOUR) * HOUR;

/** The last time that the machine's clock showed this full hour. */
export function lastTimeAt(now: number, hour: number): number {
  let at = lastHour(now);
  while (hourOf(at) !== hour) at -= HOUR;
  return at;
}

const hourOf = (at: number): number => Number(autoName(at).slice(-5, -3));

/** Every day at this full hour. */
export const dailyAt = (hour: number): LabSchedule => ({ ...EVERY_HOUR, hour: String(hour) });

/** Every full hour. */
export const EVERY_HOUR: LabSchedule = { minute: "0", hour: "*", dom: "*", month: "*", dow: "*" };

/** The whole day. */
export const WHOLE_DAY = { begin: "00:00", end: "23:59" };
