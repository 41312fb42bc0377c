import { z } from "zod";

const sourceRef = z.looseObject({ type: z.string().optional(), uid: z.string().optional() });

const target = z.looseObject({
  refId: z.string().optional(),
  datasource: sourceRef.optional(),
  expr: z.string().optional(),
  query: z.string().optional(),
  queryType: z.string().optional(),
  serviceMapQuery: z.string().optional(),
  metrics: z.array(z.looseObject({ type: z.string().optional() })).optional(),
  bucketAggs: z.array(z.looseObject({ type: z.string().optional() })).optional(),
});

const step = z.looseObject({ value: z.number().nullable(), color: z.string() });
const thresholds = z.looseObject({ steps: z.array(step) });
const mapping = z.looseObject({ type: z.string(), options: z.unknown() });

const basePanel = z.looseObject({
  id: z.number().optional(),
  type: z.string().default(""),
  title: z.string().optional(),
  description: z.string().optional(),
  gridPos: z.looseObject({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }).optional(),
  datasource: sourceRef.optional(),
  targets: z.array(target).default([]),
  interval: z.string().optional(),
  options: z.looseObject({ alertInstanceLabelFilter: z.string().optional() }).default({}),
  transformations: z.array(z.looseObject({ id: z.string(), options: z.unknown() })).default([]),
  fieldConfig: z
    .looseObject({
      defaults: z
        .looseObject({
          unit: z.string().optional(),
          thresholds: thresholds.optional(),
          mappings: z.array(mapping).default([]),
        })
        .prefault({}),
      overrides: z
        .array(
          z.looseObject({
            matcher: z.looseObject({ id: z.string(), options: z.unknown() }),
            properties: z.array(z.looseObject({ id: z.string(), value: z.unknown() })),
          }),
        )
        .default([]),
    })
    .prefault({}),
});
const panel = basePanel.extend({ panels: z.array(basePanel).optional(), collapsed: z.boolean().optional() });

const variable = z.looseObject({
  type: z.string(),
  name: z.string(),
  label: z.string().optional(),
  query: z.unknown(),
  datasource: sourceRef.optional(),
  multi: z.boolean().optional(),
  includeAll: z.boolean().optional(),
  allValue: z.string().optional(),
  refresh: z.number().optional(),
});

const annotation = z.looseObject({
  name: z.string(),
  datasource: sourceRef.optional(),
  target: z.looseObject({ expr: z.string().optional() }).optional(),
});

/** What the checks read of a classic dashboard, as Grafana does: whatever is absent has Grafana's default. */
export const dashboardJson = z.looseObject({
  uid: z.string().optional(),
  title: z.string().default(""),
  editable: z.boolean().default(true),
  templating: z.looseObject({ list: z.array(variable).default([]) }).prefault({}),
  annotations: z.looseObject({ list: z.array(annotation).default([]) }).prefault({}),
  panels: z.array(panel).default([]),
});

/** A classic dashboard. */
export type DashboardJson = z.infer<typeof dashboardJson>;
/** A panel or the heading of a row. */
export type PanelJson = z.infer<typeof basePanel>;
/** One query of a panel. */
export type TargetJson = z.infer<typeof target>;
/** From a value on, a colour. */
export type StepJson = z.infer<typeof step>;

/** Shape of the thresholds of a column. */
export const thresholdsJson = thresholds;
/** Shape of the mappings of a column. */
export const mappingsJson = z.array(mapping);

/** Everything with a place, those within closed rows included. */
export const allPanels = ({ panels }: DashboardJson): readonly PanelJson[] =>
  panels.flatMap((each) => [each, ...(each.panels ?? [])]);

/** All that shows something: no headings. */
export const shownPanels = (dashboard: DashboardJson): readonly PanelJson[] =>
  allPanels(dashboard).filter(({ type }) => type !== "row");

/** How a panel is called in a message. */
export const nameOf = ({ title, id, type }: PanelJson): string =>
  title !== undefined && title !== "" ? title : `${type === "" ? "panel" : type} ${id ?? "without id"}`;

/** The data source of a query: its own, or else its panel's. */
export const sourceOf = (
  of: TargetJson,
  { datasource }: PanelJson,
): { type?: string | undefined; uid?: string | undefined } => of.datasource ?? datasource ?? {};
