import { z } from "zod";
import type { YamlPath } from "../../lib/yaml-places.ts";
import {
  calendarField,
  descriptionField,
  operatorField,
  refField,
  shareField,
  type Shorthand,
} from "./openslo-fields.ts";
import type { OpenSloMetric, OpenSloSlo } from "./openslo-schema.ts";

/**
 * The objects of OpenSLO v1alpha, its SLOs read into those of v1: `source` is the type of the data source, and
 * `incremental` (or `counter`, as it was called for a while) tells of counters.
 * Source: https://github.com/OpenSLO/go-sdk/tree/v0.9.2/pkg/openslo/v1alpha
 */

const metric = z
  .strictObject({
    source: z.string().min(1),
    queryType: z.string().regex(/^promql$/i, "must be promql, the only language of queries here"),
    query: z.string().min(1),
  })
  .transform(({ source, query }): OpenSloMetric => {
    const at = { ref: ["source"], type: ["source"], spec: [] } satisfies Record<string, YamlPath>;
    return { ref: undefined, type: source, spec: { query }, at };
  });

const UNITS = {
  Second: "s",
  Minute: "m",
  Hour: "h",
  Day: "d",
  Week: "w",
  Month: "M",
  Quarter: "Q",
  Year: "Y",
} as const;

const window = z
  .strictObject({
    unit: z.enum(Object.keys(UNITS) as (keyof typeof UNITS)[]),
    count: z.number().int().positive(),
    isRolling: z.boolean().nullish(),
    calendar: calendarField().nullish(),
  })
  .transform(({ unit, count, ...rest }) => ({ duration: { count, unit: UNITS[unit] } satisfies Shorthand, ...rest }));

const objective = z.strictObject({
  displayName: z.string().nullish(),
  value: z.number().nullish(),
  op: operatorField().nullish(),
  target: shareField(),
  timeSliceTarget: shareField().nullish(),
  ratioMetrics: z
    .strictObject({
      good: metric,
      total: metric,
      incremental: z.boolean().nullish(),
      counter: z.boolean().nullish(),
    })
    .optional(),
});

const sloSpec = z
  .strictObject({
    description: descriptionField(),
    service: refField(),
    budgetingMethod: z.enum(["Occurrences", "Timeslices"]),
    timeWindows: z.array(window).length(1, "must have exactly one window"),
    indicator: z.strictObject({ thresholdMetric: metric }).optional(),
    objectives: z.array(objective).min(1),
  })
  .superRefine(({ indicator, objectives }, context) => {
    objectives.forEach(({ ratioMetrics }, i) => {
      if ((ratioMetrics === undefined) !== (indicator === undefined)) return;
      const path = ["objectives", i, ...(ratioMetrics === undefined ? [] : ["ratioMetrics"])];
      const message =
        ratioMetrics === undefined
          ? "needs ratioMetrics, or the SLO an indicator"
          : "stands beside indicator: keep one";
      context.addIssue({ code: "custom", path, message });
    });
  })
  .transform(({ timeWindows, indicator, objectives, ...rest }): OpenSloSlo => ({
    ...rest,
    timeWindow: timeWindows,
    indicator: indicator && { spec: indicator },
    objectives: objectives.map(({ ratioMetrics, ...written }) => {
      if (ratioMetrics === undefined) return written;
      const { incremental, counter, ...metrics } = ratioMetrics;
      return { ...written, indicator: { spec: { ratioMetric: { counter: incremental ?? counter, ...metrics } } } };
    }),
  }));

export const v1alphaSpecs = {
  Service: z.strictObject({ description: descriptionField() }).nullish(),
  SLO: sloSpec,
};
