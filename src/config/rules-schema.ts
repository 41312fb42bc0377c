import { z } from "zod";
import { printThreshold, type Alert, type AlertOverride, type ThresholdUnit } from "../core/alert.ts";
import { durationField } from "../core/config-fields.ts";
import { DURATION_PATTERN, days, formatDuration, inSeconds, milliseconds } from "../core/duration.ts";

const NONE = milliseconds(0);
const LONGEST = days(3_650);

const THRESHOLD_HELP =
  "The number that the condition compares with, in the alert's unit: a ratio is from 0 to 1, a time is a duration such as `30d`.";

const fromZero = z.number().min(0);
const RATIO_HELP = "must be a ratio from 0 to 1, such as 0.9 for 90%";
const ratio = z.number(RATIO_HELP).min(0, RATIO_HELP).max(1, RATIO_HELP);
/** Far beyond what a device survives, in both directions. */
const celsius = z.number().min(-100).max(300);
/** A bare number is refused: of "30" nobody knows whether it means seconds or days. */
const SPAN_HELP = 'write a duration with its unit, such as "30d", "12h" or "90s"';
const span = z
  .string(SPAN_HELP)
  .regex(DURATION_PATTERN, SPAN_HELP)
  .meta({ title: `duration, ${formatDuration(NONE)} to ${formatDuration(LONGEST)}` })
  .pipe(durationField(NONE, LONGEST))
  .transform(inSeconds);

/** The section of one alert; `threshold` takes what makes sense in its unit. */
const ruleWith = (
  id: string,
  threshold: z.ZodType<number | undefined>,
  help = THRESHOLD_HELP,
): z.ZodType<AlertOverride> =>
  z
    .strictObject({
      enabled: z.boolean().optional().describe("`false` leaves the rule out."),
      severity: z.enum(["critical", "warning", "info"]).optional().describe("How soon somebody must act."),
      threshold: threshold.optional().describe(help),
      for: durationField(NONE, days(30)).optional().describe("How long the condition must last before it is an alert."),
      keep_firing_for: durationField(NONE, days(30))
        .optional()
        .describe("How long the alert goes on after the condition ended; `0s` for not at all."),
    })
    .transform(({ keep_firing_for, ...rest }) => ({ ...rest, keepFiringFor: keep_firing_for }))
    .meta({ id });

const NO_THRESHOLD = "the alert's condition does not compare with one number";

/** Each is one value, because JSON Schema has it under one name. */
const RULES: Readonly<Record<ThresholdUnit | "absent", z.ZodType<AlertOverride>>> = {
  absent: ruleWith("rule", z.never(`is not known here: ${NO_THRESHOLD}`), `Not known here: ${NO_THRESHOLD}.`),
  seconds: ruleWith("rule-seconds", span),
  bytes: ruleWith("rule-bytes", fromZero),
  ratio: ruleWith("rule-ratio", ratio),
  celsius: ruleWith("rule-celsius", celsius),
  none: ruleWith("rule-number", fromZero),
};

const ANY_RULE = ruleWith("rule-any", z.union([fromZero, span]));

/** JSON Schema of the keys that an alert has, for the reference page. */
export const anyRule = (): z.core.JSONSchema.JSONSchema => z.toJSONSchema(ANY_RULE, { io: "input" });

/** The section `rules`: one key for each alert that there is a rule for. */
export function rulesSchema(alerts: readonly Alert<string>[]) {
  const keys = alerts.map((of) => [of.name, RULES[of.threshold?.unit ?? "absent"].optional().describe(asShipped(of))]);
  return z.strictObject(Object.fromEntries(keys) as Record<string, z.ZodOptional<z.ZodType<AlertOverride>>>);
}

function asShipped({ severity, for: lasting, threshold }: Alert<string>): string {
  const condition = threshold && `; threshold ${printThreshold(threshold)}: ${threshold.help}`;
  return `As shipped: ${severity}, for ${formatDuration(lasting)}${condition ?? ""}.`;
}
