import { z } from "zod";
import type { YamlPath } from "../../lib/yaml-places.ts";
import { exactlyOne, objectiveField } from "./fields.ts";
import {
  calendarField,
  descriptionField,
  holdingShorthand,
  metadataField,
  operatorField,
  refField,
  shareField,
  shorthand,
  sliceField,
} from "./openslo-fields.ts";

/**
 * The objects of OpenSLO v1 and v2alpha, both read into the same.
 * Source: https://github.com/OpenSLO/OpenSLO#object-types, enhancements/v2alpha.md there, and OpenSLO/go-sdk v0.9
 */

/** A query and where its parts stand below the metric. */
export interface OpenSloMetric {
  readonly ref: string | undefined;
  readonly type: string | undefined;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly at: {
    readonly ref: YamlPath;
    readonly type: YamlPath;
    readonly spec: YamlPath;
    /** Details of a connection, when there are any. */
    readonly details?: YamlPath;
  };
}

const anySpec = () => z.record(z.string(), z.unknown());

const dataSourceSpec = z.strictObject({
  description: descriptionField(),
  type: z.string().min(1),
  connectionDetails: z.unknown().optional(),
});

const metricV1 = z
  .strictObject({
    metricSource: z.strictObject({
      metricSourceRef: refField().nullish(),
      type: z.string().nullish(),
      spec: anySpec(),
    }),
  })
  .transform(({ metricSource: { metricSourceRef, type, spec } }): OpenSloMetric => {
    const at = (key: string): YamlPath => ["metricSource", key];
    return {
      ref: metricSourceRef ?? undefined,
      type: type ?? undefined,
      spec,
      at: { ref: at("metricSourceRef"), type: at("type"), spec: at("spec") },
    };
  });

const metricV2 = z
  .strictObject({
    dataSourceRef: refField().optional(),
    dataSourceSpec: dataSourceSpec.optional(),
    spec: anySpec(),
  })
  .superRefine(exactlyOne(["dataSourceRef", "dataSourceSpec"], "a data source"))
  .transform(({ dataSourceRef, dataSourceSpec: own, spec }): OpenSloMetric => ({
    ref: dataSourceRef,
    type: own?.type,
    spec,
    at: {
      ref: ["dataSourceRef"],
      type: ["dataSourceSpec", "type"],
      spec: ["spec"],
      ...(own?.connectionDetails !== undefined && { details: ["dataSourceSpec", "connectionDetails"] }),
    },
  }));

function sliSpec(metric: z.ZodType<OpenSloMetric>) {
  const ratioMetric = z
    .strictObject({
      counter: z.boolean().nullish(),
      good: metric.optional(),
      bad: metric.optional(),
      total: metric.optional(),
      raw: metric.optional(),
      rawType: z.enum(["success", "failure"]).optional(),
    })
    .superRefine((ratio, context) => {
      exactlyOne(["total", "raw"], "what is measured")(ratio, context);
      if (ratio.total !== undefined) exactlyOne(["good", "bad"], "what went well or what did not")(ratio, context);
      const fault = (key: string, message: string) => context.addIssue({ code: "custom", path: [key], message });
      if (ratio.raw === undefined && ratio.rawType !== undefined)
        fault("rawType", "is of a raw metric only: take it out");
      if (ratio.raw === undefined) return;
      if (ratio.rawType === undefined) fault("raw", "needs rawType beside it: success or failure");
      for (const key of ["good", "bad"] as const)
        if (ratio[key] !== undefined) fault(key, "stands beside raw: keep one");
    });
  return z
    .strictObject({
      description: descriptionField(),
      thresholdMetric: metric.optional(),
      ratioMetric: ratioMetric.optional(),
    })
    .superRefine(exactlyOne(["thresholdMetric", "ratioMetric"], "a metric"));
}

export type OpenSloSli = z.output<ReturnType<typeof sliSpec>>;

const inlineSli = (metric: z.ZodType<OpenSloMetric>) =>
  z.strictObject({ metadata: metadataField().optional(), spec: sliSpec(metric) });

const objective = {
  displayName: z.string().nullish(),
  op: operatorField().nullish(),
  value: z.number().nullish(),
  target: shareField().optional(),
  targetPercent: objectiveField().optional(),
  timeSliceTarget: shareField().nullish(),
  timeSliceWindow: sliceField().nullish(),
  compositeWeight: z.number().positive().max(1_000).nullish(),
};

const timeWindow = z.strictObject({
  duration: shorthand(),
  isRolling: z.boolean().nullish(),
  calendar: calendarField().nullish(),
});

const inline = <K extends string, S extends z.ZodType>(kind: K, spec: S) =>
  z.strictObject({ kind: z.literal(kind), metadata: metadataField(), spec });

const alertConditionSpec = z.strictObject({
  description: descriptionField(),
  severity: z.string().min(1),
  condition: z.strictObject({
    kind: z.literal("burnrate").nullish(),
    op: operatorField().nullish(),
    threshold: z.number().positive(),
    lookbackWindow: shorthand(),
    alertAfter: holdingShorthand().nullish(),
  }),
});

export type OpenSloCondition = z.output<typeof alertConditionSpec>;

const targetSpec = z.strictObject({ description: descriptionField(), target: z.string().min(1) });

export type OpenSloTarget = z.output<typeof targetSpec>;

const alertPolicySpec = z.strictObject({
  description: descriptionField(),
  alertWhenNoData: z.boolean().nullish(),
  alertWhenBreaching: z.boolean().nullish(),
  alertWhenResolved: z.boolean().nullish(),
  conditions: z
    .array(
      z.union(
        [z.strictObject({ conditionRef: refField() }), inline("AlertCondition", alertConditionSpec)],
        "write a conditionRef, or a whole AlertCondition",
      ),
    )
    .length(1, "must have exactly one condition, as OpenSLO has it"),
  notificationTargets: z
    .array(
      z.union(
        [z.strictObject({ targetRef: refField() }), inline("AlertNotificationTarget", targetSpec)],
        "write a targetRef, or a whole AlertNotificationTarget",
      ),
    )
    .nullish(),
});

export type OpenSloPolicy = z.output<typeof alertPolicySpec>;

const budgetingMethod = z.enum(["Occurrences", "Timeslices", "RatioTimeslices"]);

const sloCommon = {
  description: descriptionField(),
  service: refField(),
  budgetingMethod,
  timeWindow: z.array(timeWindow).length(1, "must have exactly one window").nullish(),
  alertPolicies: z
    .array(
      z.union(
        [
          refField().transform((alertPolicyRef) => ({ alertPolicyRef })),
          z.strictObject({ alertPolicyRef: refField() }),
          inline("AlertPolicy", alertPolicySpec),
        ],
        "write an alertPolicyRef, or a whole AlertPolicy",
      ),
    )
    .nullish(),
};

const TARGETS = exactlyOne(["target", "targetPercent"], "a target");

function sloSpecV1() {
  const indicator = { indicator: inlineSli(metricV1).optional(), indicatorRef: refField().optional() };
  return z.strictObject({
    ...sloCommon,
    ...indicator,
    objectives: z.array(z.strictObject({ ...objective, ...indicator }).superRefine(TARGETS)).min(1),
  });
}

interface V2Indicator {
  readonly sli?: z.output<ReturnType<typeof inlineSli>> | undefined;
  readonly sliRef?: string | undefined;
}

const renamed = <T extends V2Indicator>({ sli, sliRef, ...rest }: T) => ({
  ...rest,
  indicator: sli,
  indicatorRef: sliRef,
});

function sloSpecV2() {
  const indicator = { sli: inlineSli(metricV2).optional(), sliRef: refField().optional() };
  const objectives = z.array(
    z
      .strictObject({ ...objective, ...indicator })
      .superRefine(TARGETS)
      .transform(renamed),
  );
  return z.strictObject({ ...sloCommon, ...indicator, objectives: objectives.min(1) }).transform(renamed);
}

export type OpenSloSlo = z.output<ReturnType<typeof sloSpecV1>>;
export type OpenSloObjective = OpenSloSlo["objectives"][number];

/** The specification of each kind, by version. */
const kinds = <M extends z.ZodType<OpenSloMetric>, S extends z.ZodType<OpenSloSlo>>(metric: M, slo: S) => ({
  Service: z.strictObject({ description: descriptionField() }).nullish(),
  DataSource: dataSourceSpec,
  SLI: sliSpec(metric),
  SLO: slo,
  AlertPolicy: alertPolicySpec,
  AlertCondition: alertConditionSpec,
  AlertNotificationTarget: targetSpec,
});

export const v1Specs = kinds(metricV1, sloSpecV1());
export const v2Specs = kinds(metricV2, sloSpecV2());
export type OpenSloSpecs = { [K in keyof typeof v1Specs]: z.output<(typeof v1Specs)[K]> };
