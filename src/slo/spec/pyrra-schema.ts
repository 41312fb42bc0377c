import { z } from "zod";
import { days, hours, milliseconds, minutes } from "../../core/duration.ts";
import { durationIn, exactlyOne, labelNamesField, objectiveField } from "./fields.ts";

const metric = () => z.string().min(1);
const query = () => z.strictObject({ metric: metric() });
const grouping = { grouping: labelNamesField().nullish() };

const RATIO = ["errors", "total", "success"] as const;

const ratio = z
  .strictObject({
    errors: query().optional(),
    total: query().optional(),
    success: query().optional(),
    ...grouping,
  })
  .superRefine((value, context) => {
    if (RATIO.filter((key) => value[key] !== undefined).length === 2) return;
    context.addIssue({ code: "custom", message: `needs two of ${RATIO.join(", ")}; the third follows from them` });
  });

const INDICATORS = ["ratio", "latency", "latencyNative", "bool_gauge"] as const;

const indicator = z
  .strictObject({
    ratio: ratio.optional(),
    latency: z
      .strictObject({ success: query(), total: query(), unit: z.enum(["s", "ms"]).nullish(), ...grouping })
      .optional(),
    latencyNative: z
      .strictObject({
        latency: durationIn(milliseconds(1), days(1), milliseconds(1), "1ms to 1d"),
        total: query(),
        ...grouping,
      })
      .optional(),
    bool_gauge: z.strictObject({ metric: metric(), ...grouping }).optional(),
  })
  .superRefine(exactlyOne(INDICATORS, "an indicator"));

const severity = () => z.string().nullish();

const alerting = z.strictObject({
  disabled: z.boolean().nullish(),
  burnrates: z.boolean().nullish(),
  absent: z.boolean().nullish(),
  name: z.string().nullish(),
  absentName: z.string().nullish(),
  severities: z
    .strictObject({
      absent: severity(),
      fastBurn: severity(),
      mediumBurn: severity(),
      slowBurn: severity(),
      longTermBurn: severity(),
    })
    .nullish(),
});

const texts = () => z.record(z.string(), z.string()).nullish();

/**
 * A ServiceLevelObjective of Pyrra, v0.10 and what its main branch has beside it (`ratio.success`, `unit`,
 * `severities`). What else its metadata holds is Kubernetes' own, and the status the operator's.
 * Source: https://github.com/pyrra-dev/pyrra/blob/main/kubernetes/api/v1alpha1/servicelevelobjective_types.go
 */
export const pyrraSchema = z.strictObject({
  apiVersion: z.literal("pyrra.dev/v1alpha1"),
  kind: z.literal("ServiceLevelObjective"),
  metadata: z.looseObject({
    name: z.string().min(1),
    namespace: z.string().nullish(),
    labels: texts(),
    annotations: texts(),
  }),
  spec: z.strictObject({
    description: z.string().nullish(),
    target: objectiveField(),
    window: durationIn(hours(1), days(366), minutes(5), '1h to 366d in steps of 5m, such as "4w"'),
    indicator,
    alerting: alerting.nullish(),
    partial_response_strategy: z.enum(["abort", "warn", ""]).nullish(),
    performanceOverAccuracy: z.boolean().nullish(),
    ruleOutput: z
      .strictObject({
        shortRulesLabels: texts(),
        longRulesLabels: texts(),
        enableDescriptionAsLabel: z.boolean().nullish(),
      })
      .nullish(),
  }),
  status: z.unknown().optional(),
});

export type PyrraObjective = z.output<typeof pyrraSchema>;
