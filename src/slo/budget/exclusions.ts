import { CronExpressionParser } from "cron-parser";
import { IANAZone } from "luxon";
import { z } from "zod";
import { days, inSeconds, minutes } from "../../core/duration.ts";
import type { Slo } from "../model.ts";
import { durationIn } from "../spec/fields.ts";
import { joined, type Span } from "./spans.ts";

const LONGEST = days(31);

const momentField = () =>
  z.iso
    .datetime({ offset: true, error: "write a moment with its offset, such as 2026-12-01T22:00:00+01:00" })
    .transform((text) => Date.parse(text) / 1_000);

const common = {
  reason: z.string().min(1, "must say why").describe("Why this time does not count; shown in reports."),
  slos: z.array(z.string().min(1)).min(1).optional().describe("Ids of the SLOs; with `services` unless, all of them."),
  services: z.array(z.string().min(1)).min(1).optional().describe("Services whose SLOs are meant."),
};

const once = z
  .strictObject({
    from: momentField().describe("First moment that does not count."),
    to: momentField().describe("Last moment that does not count."),
    ...common,
  })
  .superRefine(({ from, to }, context) => {
    if (to <= from) context.addIssue({ code: "custom", path: ["to"], message: "must be later than `from`" });
  });

const again = z.strictObject({
  cron: z
    .string()
    .refine(
      isSchedule,
      "is no schedule: write minute, hour, day of month, month, day of week, such as 0 2 * * sun; once an hour at most",
    )
    .describe("When it begins, again and again: minute, hour, day of month, month, day of week."),
  length: durationIn(minutes(5), LONGEST, minutes(1), "5m to 31d in whole minutes").describe("How long it takes."),
  time_zone: z
    .string()
    .refine((zone) => IANAZone.isValidZone(zone), "is no time zone: write an IANA name such as Europe/Berlin")
    .default("UTC")
    .describe("Whose clock the schedule means."),
  since: momentField().optional().describe("Does not count before; so that a new schedule leaves the past as it was."),
  until: momentField().optional().describe("Does not count after."),
  ...common,
});

/** Maintenance: time that shall not count, once or on a schedule. */
export const exclusionsSchema = z
  .array(z.union([once, again], "write `from` and `to`, or `cron` and `length`; and a `reason`"))
  .describe("Maintenance that is taken out of the budgets: neither good nor bad, and no gap in what was measured.");

export type Exclusion = z.output<typeof exclusionsSchema>[number];

/** Time of an SLO that does not count between two moments, and why. */
export interface ExcludedTime extends Span {
  readonly reason: string;
}

/** What does not count of a span, one entry for each time it was excluded; they may overlap. */
export const excludedTimes = (exclusions: readonly Exclusion[], slo: Slo, span: Span): readonly ExcludedTime[] =>
  exclusions
    .filter((exclusion) => concerns(exclusion, slo))
    .flatMap((exclusion) => spansOf(exclusion, span).map((found) => ({ ...found, reason: exclusion.reason })));

/** The same as what a history takes: in order, without overlap. */
export const excludedSpans = (exclusions: readonly Exclusion[], slo: Slo, span: Span): readonly Span[] =>
  joined(excludedTimes(exclusions, slo, span));

const concerns = ({ slos, services }: Exclusion, { id, service }: Slo): boolean =>
  (slos === undefined && services === undefined) || slos?.includes(id) === true || services?.includes(service) === true;

function spansOf(exclusion: Exclusion, span: Span): Span[] {
  if (!("cron" in exclusion)) return overlaps(exclusion, span) ? [{ from: exclusion.from, to: exclusion.to }] : [];
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = exclusion;
  const length = inSeconds(exclusion.length);
  const begin = Math.max(span.from - length, since - 1);
  const end = Math.min(span.to, until);
  return beginnings(exclusion, begin, end).map((from) => ({ from, to: Math.min(from + length, until) }));
}

const overlaps = (a: Span, b: Span): boolean => a.from < b.to && a.to > b.from;

function beginnings({ cron, time_zone }: z.output<typeof again>, after: number, until: number): number[] {
  if (after >= until) return [];
  const schedule = CronExpressionParser.parse(cron, { tz: time_zone, currentDate: new Date(after * 1_000) });
  const found: number[] = [];
  for (let next = schedule.next().getTime(); next < until * 1_000; next = schedule.next().getTime())
    found.push(next / 1_000);
  return found;
}

/** Whether it is a schedule that begins once an hour at most, so that a year of it is found quickly. */
function isSchedule(text: string): boolean {
  const [minute, ...others] = text.trim().split(/\s+/);
  if (minute === undefined || others.length !== 4 || !/^\d{1,2}$/.test(minute)) return false;
  try {
    CronExpressionParser.parse(text).next();
    return true;
  } catch {
    return false;
  }
}
