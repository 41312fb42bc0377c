import { z } from "zod";
import { annotationsField, exactlyOne, labelsField, nameField, objectiveField, promqlField } from "./fields.ts";

/** How sloth's two formats spell the keys of two words. */
export interface SlothKeys {
  readonly slo_plugins: string;
  readonly error_query: string;
  readonly total_query: string;
  readonly error_ratio_query: string;
  readonly page_alert: string;
  readonly ticket_alert: string;
}

/** `version: prometheus/v1`. */
export const SNAKE_KEYS: SlothKeys = {
  slo_plugins: "slo_plugins",
  error_query: "error_query",
  total_query: "total_query",
  error_ratio_query: "error_ratio_query",
  page_alert: "page_alert",
  ticket_alert: "ticket_alert",
};

/** `apiVersion: sloth.slok.dev/v1`. */
export const CAMEL_KEYS: SlothKeys = {
  slo_plugins: "sloPlugins",
  error_query: "errorQuery",
  total_query: "totalQuery",
  error_ratio_query: "errorRatioQuery",
  page_alert: "pageAlert",
  ticket_alert: "ticketAlert",
};

const plugins = z.strictObject({
  overridePrevious: z.boolean().optional(),
  chain: z
    .array(z.strictObject({ id: z.string().min(1), config: z.unknown().optional(), priority: z.number().optional() }))
    .nullish(),
});

const alert = z.strictObject({
  disable: z.boolean().nullish(),
  labels: labelsField().nullish(),
  annotations: annotationsField().nullish(),
});

/** Gives an object with some keys spelled as the format wants them, and the parsed values under their usual names. */
function spelled<N extends Record<string, string>, S extends z.ZodRawShape, R extends Record<keyof N, z.ZodType>>(
  names: N,
  renamed: R,
  shape: S,
) {
  const keys = Object.keys(names) as (keyof N & string)[];
  const written = Object.fromEntries(keys.map((key) => [names[key], renamed[key]]));
  return z.strictObject({ ...shape, ...written }).transform((value) => {
    const values = keys.map((key) => [key, Reflect.get(value, names[key] as string)] as const);
    return { ...value, ...Object.fromEntries(values) } as z.output<z.ZodObject<S>> & {
      [K in keyof N]: z.output<R[K]>;
    };
  });
}

const pick = <K extends keyof SlothKeys>(keys: SlothKeys, ...names: readonly K[]) =>
  Object.fromEntries(names.map((name) => [name, keys[name]])) as Record<K, string>;

/**
 * The schemas of sloth's specifications, what surrounds the SLOs and one SLO.
 * Source: https://github.com/slok/sloth/tree/v0.16.0/pkg/prometheus/api/v1 and pkg/kubernetes/api/sloth/v1
 */
export function slothSchemas(keys: SlothKeys, around: z.ZodRawShape) {
  const query = promqlField();
  const events = spelled(
    pick(keys, "error_query", "total_query"),
    { error_query: query.describe("PromQL of what failed."), total_query: query.describe("PromQL of everything.") },
    {},
  );
  const raw = spelled(pick(keys, "error_ratio_query"), { error_ratio_query: query }, {});
  const plugin = z.strictObject({ id: z.string(), options: z.unknown().optional() });
  const sli = z
    .strictObject({ events: events.optional(), raw: raw.optional(), plugin: plugin.optional() })
    .superRefine(exactlyOne(["events", "raw", "plugin"], "an SLI"));
  const alerting = spelled(
    pick(keys, "page_alert", "ticket_alert"),
    { page_alert: alert.nullish(), ticket_alert: alert.nullish() },
    { name: z.string().nullish(), labels: labelsField().nullish(), annotations: annotationsField().nullish() },
  );
  const head = spelled(
    pick(keys, "slo_plugins"),
    { slo_plugins: plugins.nullish() },
    { ...around, service: nameField(), labels: labelsField().nullish(), slos: z.array(z.unknown()).min(1) },
  );
  const slo = z.strictObject({
    name: nameField(),
    description: z.string().nullish(),
    objective: objectiveField(),
    labels: labelsField().nullish(),
    plugins: plugins.nullish(),
    sli,
    alerting: alerting.nullish(),
  });
  return { head, slo };
}

export type SlothSlo = z.output<ReturnType<typeof slothSchemas>["slo"]>;
export type SlothHead = z.output<ReturnType<typeof slothSchemas>["head"]>;
export type SlothPlugins = z.output<typeof plugins>;
