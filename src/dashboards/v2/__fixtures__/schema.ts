import {
  DashboardCursorSync,
  DashboardLinkType,
  FieldColorModeId,
  MappingType,
  ThresholdsMode,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboardv2";
import { z } from "zod";

/** A kind: what it is, and its specification. */
const kind = <const K extends string, S extends z.ZodType>(name: K, spec: S) =>
  z.strictObject({ kind: z.literal(name), spec });
const any = z.record(z.string(), z.unknown());

const query = z.strictObject({
  kind: z.literal("DataQuery"),
  group: z.string().min(1),
  version: z.literal("v0"),
  datasource: z.strictObject({ name: z.string().min(1) }),
  spec: any,
});

const mapping = z.strictObject({
  type: z.literal(MappingType.Value),
  options: z.record(z.string(), z.strictObject({ text: z.string(), color: z.string(), index: z.int() })),
});

const fields = z.strictObject({
  unit: z.string().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  mappings: z.array(mapping).optional(),
  thresholds: z
    .strictObject({
      mode: z.enum(ThresholdsMode),
      steps: z.array(z.strictObject({ value: z.number().nullable(), color: z.string() })),
    })
    .optional(),
  color: z.strictObject({ mode: z.enum(FieldColorModeId) }).optional(),
  links: z.array(z.strictObject({ title: z.string(), url: z.string() })).optional(),
  custom: any.optional(),
});

const panel = kind(
  "Panel",
  z.strictObject({
    id: z.int().min(1),
    title: z.string().min(1),
    description: z.string().min(1),
    links: z.array(z.unknown()),
    data: kind(
      "QueryGroup",
      z.strictObject({
        queries: z.array(
          kind("PanelQuery", z.strictObject({ query, refId: z.string().min(1), hidden: z.literal(false) })),
        ),
        transformations: z.array(
          z.strictObject({
            kind: z.literal("Transformation"),
            group: z.string().min(1),
            spec: z.strictObject({ options: any }),
          }),
        ),
        queryOptions: z.strictObject({ interval: z.string().optional() }),
      }),
    ),
    vizConfig: z.strictObject({
      kind: z.literal("VizConfig"),
      group: z.string().min(1),
      version: z.string(),
      spec: z.strictObject({
        options: any,
        fieldConfig: z.strictObject({
          defaults: fields,
          overrides: z.array(
            z.strictObject({
              matcher: z.strictObject({ id: z.string(), options: z.unknown() }),
              properties: z.array(z.strictObject({ id: z.string(), value: z.unknown() })),
            }),
          ),
        }),
      }),
    }),
  }),
);

const texts = z.union([z.string(), z.array(z.string())]);
const variable = z.strictObject({
  name: z.string().min(1),
  label: z.string(),
  current: z.strictObject({ text: texts, value: texts }),
  hide: z.enum(VariableHide),
  refresh: z.enum(VariableRefresh),
  skipUrlSync: z.boolean(),
  regex: z.string(),
  options: z.array(z.unknown()),
  multi: z.boolean(),
  includeAll: z.boolean(),
  allowCustomValue: z.boolean(),
});

const variables = z.union([
  kind("DatasourceVariable", variable.extend({ pluginId: z.string().min(1) })),
  kind(
    "QueryVariable",
    variable.extend({
      query,
      definition: z.string(),
      sort: z.enum(VariableSort),
      regexApplyTo: z.literal("value"),
      allValue: z.string().optional(),
    }),
  ),
]);

const annotation = z.strictObject({
  query,
  enable: z.boolean(),
  hide: z.boolean(),
  iconColor: z.string(),
  name: z.string(),
  builtIn: z.boolean().optional(),
  legacyOptions: any.optional(),
});

const link = z.strictObject({
  title: z.string(),
  type: z.enum(DashboardLinkType),
  icon: z.string(),
  tooltip: z.string(),
  url: z.string(),
  tags: z.array(z.string()),
  asDropdown: z.boolean(),
  targetBlank: z.boolean(),
  includeVars: z.boolean(),
  keepTime: z.boolean(),
});

const item = z.strictObject({
  x: z.int().min(0),
  y: z.int().min(0),
  width: z.int().min(1),
  height: z.int().min(1),
  element: z.strictObject({ kind: z.literal("ElementReference"), name: z.string() }),
});
const row = z.strictObject({
  title: z.string(),
  collapse: z.boolean(),
  layout: kind("GridLayout", z.strictObject({ items: z.array(kind("GridLayoutItem", item)) })),
});

/**
 * What Grafana takes of a v2 dashboard, as far as ours have it; nothing besides.
 * Source: https://github.com/grafana/grafana/blob/main/apps/dashboard/kinds/v2/dashboard_spec.cue
 */
export const v2Schema = z.strictObject({
  apiVersion: z.literal("dashboard.grafana.app/v2"),
  kind: z.literal("Dashboard"),
  metadata: z.strictObject({ name: z.string(), annotations: z.strictObject({ "grafana.app/folder": z.string() }) }),
  spec: z.strictObject({
    title: z.string(),
    description: z.string(),
    tags: z.array(z.string()),
    editable: z.literal(false),
    preload: z.literal(false),
    cursorSync: z.enum(DashboardCursorSync),
    timeSettings: z.strictObject({
      timezone: z.string(),
      from: z.string(),
      to: z.string(),
      autoRefresh: z.string(),
      autoRefreshIntervals: z.array(z.string()),
      hideTimepicker: z.boolean(),
      fiscalYearStartMonth: z.int(),
    }),
    links: z.array(link),
    variables: z.array(variables),
    annotations: z.array(kind("AnnotationQuery", annotation)),
    elements: z.record(z.string(), panel),
    layout: kind("RowsLayout", z.strictObject({ rows: z.array(kind("RowsLayoutRow", row)) })),
  }),
});
