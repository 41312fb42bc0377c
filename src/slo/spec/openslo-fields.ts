import { IANAZone } from "luxon";
import { z } from "zod";
import { days, hours, minutes, seconds, type Duration } from "../../core/duration.ts";

/** Fields that the versions of OpenSLO have in common. */

const LENGTHS = {
  s: seconds(1),
  m: minutes(1),
  h: hours(1),
  d: days(1),
  w: days(7),
  M: days(30),
  Q: days(90),
  Y: days(365),
} as const;

/** A number of units; seconds are of v1alpha only. */
export interface Shorthand {
  readonly count: number;
  readonly unit: keyof typeof LENGTHS;
}

/**
 * How long it is; the specification leaves months, quarters and years open: 30, 90 and 365 days, as its own tools have
 * it.
 */
export const lengthOfShorthand = ({ count, unit }: Shorthand): Duration => (count * LENGTHS[unit]) as Duration;

const SHORTHAND_HELP = "write a whole number and one of m, h, d, w, M, Q, Y, such as 4w";

/** Source: https://github.com/OpenSLO/OpenSLO#duration-shorthand */
export const shorthand = () =>
  z
    .string(SHORTHAND_HELP)
    .regex(/^[1-9]\d{0,5}[mhdwMQY]$/, SHORTHAND_HELP)
    .transform((text): Shorthand => ({ count: Number.parseInt(text, 10), unit: text.at(-1) as Shorthand["unit"] }));

/** How long an alert's condition must hold, which may be no time at all. */
export const holdingShorthand = () =>
  z
    .string(SHORTHAND_HELP)
    .regex(/^\d{1,6}[mhdw]$/, "write a whole number and one of m, h, d, w, such as 5m")
    .transform((text): Shorthand => ({ count: Number.parseInt(text, 10), unit: text.at(-1) as Shorthand["unit"] }));

/** A length in minutes where no unit is written. */
export const sliceField = () =>
  z.union(
    [
      shorthand(),
      z
        .number()
        .int()
        .positive()
        .transform((count): Shorthand => ({ count, unit: "m" })),
    ],
    SHORTHAND_HELP,
  );

/** A share between 0 and 1, neither of them. */
export const shareField = () =>
  z
    .number()
    .gt(0, "must be more than 0")
    .lt(1, "must be less than 1, since nothing may fail then: take 0.9999 or less; percentages go into targetPercent");

export const descriptionField = () => z.string().max(1050).nullish();

/** A name to refer to; the specification asks tools to take these characters. */
export const refField = () => z.string().min(1).max(255);

/** `metadata` of every object. */
export const metadataField = () =>
  z.strictObject({
    name: refField(),
    displayName: z.string().nullish(),
    labels: z
      .record(z.string(), z.union([z.string(), z.array(z.string())], "must be a text or a list of texts"))
      .nullish(),
    annotations: z.record(z.string(), z.string()).nullish(),
  });

export type OpenSloMetadata = z.output<ReturnType<typeof metadataField>>;

/** Where a calendar window begins. */
export const calendarField = () =>
  z.strictObject({
    startTime: z.string(),
    timeZone: z
      .string()
      .refine((zone) => IANAZone.isValidZone(zone), "is no time zone: write an IANA name such as Europe/Berlin"),
  });

export const operatorField = () => z.enum(["lte", "gte", "lt", "gt"]);
export type OpenSloOperator = z.output<ReturnType<typeof operatorField>>;
