import { z } from "zod";

/** One unit of the calendar in which ranges are written. */
interface CalendarUnit {
  /** The form of a first or last value. */
  readonly pattern: string;
  readonly help: string;
  read(text: string): number;
  /** What is wrong with a first and a last value; undefined when nothing is. */
  fault(start: number, end: number): string | undefined;
}

interface Bounds {
  readonly start: number;
  readonly end: number;
}

/** A list of `first:last` or single values, both included; undefined when it is not given. */
export function bounds(unit: CalendarUnit) {
  // JSON Schema has no flag for upper case
  const pattern = new RegExp(`^(?:${unit.pattern})(?::(?:${unit.pattern}))?$`);
  return z
    .array(
      z
        .string(unit.help)
        .regex(pattern, unit.help)
        .transform((text, context): Bounds => {
          const [start = Number.NaN, end = start] = text.split(":").map((part) => unit.read(part));
          const message = unit.fault(start, end);
          if (message !== undefined) context.addIssue({ code: "custom", message });
          return { start, end };
        }),
    )
    .min(1)
    .optional();
}

const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];

/** Either letter of a name may be upper case. */
const anyCase = (name: string): string => name.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

const inOrder = (what: string) => (start: number, end: number) =>
  start <= end ? undefined : `the first ${what} comes after the last: write two ranges`;

/** Sunday is 0. */
export const weekday: CalendarUnit = {
  pattern: WEEKDAYS.map(anyCase).join("|"),
  help: 'write a day such as "monday", or a range such as "monday:friday"; the week begins on sunday',
  read: (text) => WEEKDAYS.indexOf(text.toLowerCase()),
  fault: inOrder("day (the week begins on sunday)"),
};

/** January is 1. */
export const month: CalendarUnit = {
  pattern: [...MONTHS.map(anyCase), "0?[1-9]", "1[0-2]"].join("|"),
  help: 'write a month such as "january" or "1", or a range such as "january:march"',
  read: (text) => (/^\d/.test(text) ? Number(text) : MONTHS.indexOf(text.toLowerCase()) + 1),
  fault: inOrder("month"),
};

export const year: CalendarUnit = {
  pattern: String.raw`\d{4}`,
  help: 'write a year such as "2026", or a range such as "2026:2027"',
  read: Number,
  fault: inOrder("year"),
};

/** From 1, or from -1 for the last day of the month. */
export const dayOfMonth: CalendarUnit = {
  pattern: "-?(?:0?[1-9]|[12][0-9]|3[01])",
  help: 'write a day such as "1" or "-1", which is the last of the month, or a range such as "1:5" or "-3:-1"',
  read: Number,
  fault(start, end) {
    if (start < 0 && end > 0) return "a range that begins from the month's end must end there: write -3:-1";
    // the shortest month decides what can never be right
    const ofShortest = (day: number): number => (day < 0 ? 28 + day : day);
    return inOrder("day")(ofShortest(start), ofShortest(end));
  },
};
