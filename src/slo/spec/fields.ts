import { z } from "zod";
import { DURATION_PATTERN, parseDuration, type Duration } from "../../core/duration.ts";

/** Fields that several formats have. */

const NAME_HELP = "use letters, digits, dash and underscore, and begin with a letter or digit; 128 characters at most";

/** A name that can be a part of an id. */
export const nameField = () =>
  z
    .string()
    .min(1)
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/, NAME_HELP);

const labelName = () =>
  z
    .string()
    .regex(/^(?!__)[A-Za-z_][A-Za-z0-9_]*$/, "label names have letters, digits and underscores, and no digit first");

/** Labels of a metric. */
export const labelsField = () => z.record(labelName(), z.string());
export const labelNamesField = () => z.array(labelName()).max(10);

/** Texts of an alert, by their names. */
export const annotationsField = () => z.record(labelName(), z.string());

export const promqlField = () => z.string().min(1);

const PERCENT_HELP = 'write a percentage such as 99.9 or "99.9%"';

/**
 * A percentage, read into a share: 99.9 is 0.999, the nearest number there is, not 99.9 / 100. `check` gives what is
 * wrong with a share.
 */
export const percentField = (check: (share: number) => string | undefined) =>
  z
    .union([z.number(), z.string()], PERCENT_HELP)
    .transform((value, context): number => {
      const share = shareOf(value);
      const fault = share === undefined ? PERCENT_HELP : check(share);
      if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
      return share ?? 0;
    })
    .meta({ title: "percentage" });

function shareOf(value: number | string): number | undefined {
  const text = String(value).trim().replace(/ ?%$/, "");
  return /^\d+(?:\.\d+)?$/.test(text) ? Number(`${text}e-2`) : undefined;
}

/** What must be good, in percent: more than 0 and less than 100. */
export const objectiveField = () =>
  percentField((share) => {
    if (share > 1) return "must be less than 100 %";
    if (share === 1)
      return "is 100 %, which leaves no budget: no failure could be told from an incident; take 99.99 or less";
    if (share === 0) return "must be more than 0 %";
    // nobody promises that less than one of a hundred is good
    const [written, meant] = [100, 10_000].map((times) => Number((share * times).toPrecision(12)));
    return share < 0.01 ? `is a percentage, so this is ${written} %: did you mean ${meant}?` : undefined;
  });

/** Text of a duration, as Prometheus writes it, in a multiple of `step`. */
export const durationIn = (least: Duration, most: Duration, step: Duration, bounds: string) =>
  z
    .string(`write a duration from ${bounds}`)
    .regex(DURATION_PATTERN, `write a duration from ${bounds}`)
    .transform((text, context): Duration => {
      const duration = parseDuration(text);
      const fits = duration !== undefined && duration >= least && duration <= most && duration % step === 0;
      if (!fits) context.addIssue({ code: "custom", message: `write a duration from ${bounds}` });
      return duration ?? least;
    })
    .meta({ title: `duration, ${bounds}` });

/** A mapping of known keys only; `example` is shown to who writes something else. */
export const mapping = <S extends z.ZodRawShape>(example: string, shape: S) =>
  z.strictObject(shape, {
    error: ({ code }) => (code === "invalid_type" ? `write a mapping such as ${example}` : undefined),
  });

/** Whether of some keys exactly one is given; for a schema's `superRefine`. */
export const exactlyOne =
  (keys: readonly string[], what: string) =>
  (value: object, context: z.core.$RefinementCtx): void => {
    const given = keys.filter((key) => Reflect.get(value, key) !== undefined);
    if (given.length === 1) return;
    const [, second] = given;
    context.addIssue({
      code: "custom",
      path: second === undefined ? [] : [second],
      message:
        second === undefined ? `needs ${what}: one of ${keys.join(", ")}` : `stands beside ${given[0]}: keep one`,
    });
  };
