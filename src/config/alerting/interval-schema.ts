import { IANAZone } from "luxon";
import { z } from "zod";
import type { TimeInterval, TimeRange } from "../../core/routing.ts";
import { bounds, dayOfMonth, month, weekday, year } from "./interval-bounds.ts";

const TIME_PATTERN = /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/;
const TIME_HELP = 'write a time of day such as "08:00", from "00:00" to "24:00"';

const timeField = (help: string) =>
  z
    .string(TIME_HELP)
    .regex(TIME_PATTERN, TIME_HELP)
    .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))
    .meta({ title: "time of day", description: help });

const timesSchema = z
  .strictObject({
    start_time: timeField("First minute, such as `08:00`."),
    end_time: timeField("The minute that is no longer in it; `24:00` is midnight at the end of the day."),
  })
  .superRefine(({ start_time, end_time }, context) => {
    const message =
      "must be later than start_time: a range over midnight is written as two, until 24:00 and from 00:00";
    // what is no time of day is a text still
    if (typeof end_time === "number" && end_time <= start_time)
      context.addIssue({ code: "custom", path: ["end_time"], message });
  })
  .transform(({ start_time, end_time }) => ({ start: start_time, end: end_time }));

const locationField = () =>
  z.string().refine(
    // the engine takes fixed offsets too, which know no summer time
    (name) => IANAZone.isValidZone(name) && !/^[+-]/.test(name),
    "must be a name of the IANA time zone database, such as Europe/Berlin",
  );

const rangeSchema = z
  .strictObject({
    times: z.array(timesSchema).min(1).optional().describe("Ranges of the time of day; any time unless given."),
    weekdays: bounds(weekday).describe("Days of the week, such as `monday:friday` or `sunday`, which is the first."),
    days_of_month: bounds(dayOfMonth).describe(
      "Days of the month, such as `1:5`; `-1` is the last one, `-3:-1` the last three.",
    ),
    months: bounds(month).describe("Months by name or number, such as `january:march` or `12`."),
    years: bounds(year).describe("Years, such as `2026:2027`."),
    location: locationField()
      .default("UTC")
      .describe("Whose clock and calendar counts: a name of the IANA time zone database, such as `Europe/Berlin`."),
  })
  .transform(({ days_of_month, ...range }): TimeRange => ({ ...range, daysOfMonth: days_of_month }));

/**
 * A named interval in Alertmanager's form. Source:
 * https://prometheus.io/docs/alerting/latest/configuration/#time_interval
 */
export const timeIntervalSchema = z
  .strictObject({
    name: z.string().min(1).max(200).describe("Name for `mute_time_intervals` and `active_time_intervals`; unique."),
    time_intervals: z
      .array(rangeSchema)
      .min(1)
      .describe("Ranges of time: the interval is all of them together; in each, all that is given must be true."),
  })
  .transform(({ name, time_intervals }): TimeInterval => ({ name, ranges: time_intervals }));
