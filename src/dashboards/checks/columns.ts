import { z } from "zod";
import { mappingsJson, thresholdsJson, type PanelJson, type StepJson } from "./model.ts";

/** How the values of one query are shown. */
export interface ValueColumn {
  readonly refId: string;
  readonly expr: string;
  readonly title: string;
  readonly unit: string | undefined;
  readonly steps: readonly StepJson[];
  /** Colours that a mapping gives to values. */
  readonly colors: ReadonlyMap<number, string>;
}

const renamed = z.looseObject({ renameByName: z.record(z.string(), z.string()).default({}) });
const mapped = z.record(z.string(), z.looseObject({ color: z.string().optional() }));

/** The columns of values of a table, each with its overrides; of another panel, the one way in which all are shown. */
export function valueColumns(panel: PanelJson): readonly ValueColumn[] {
  const { defaults } = panel.fieldConfig;
  const shared = { unit: defaults.unit, steps: defaults.thresholds?.steps ?? [], colors: colorsOf(defaults.mappings) };
  const queries = panel.targets.map(({ refId = "", expr = "" }) => ({ refId, expr }));
  if (panel.type !== "table") return queries.slice(0, 1).map((query) => ({ ...query, title: "its values", ...shared }));
  const names = Object.assign(
    {},
    ...panel.transformations.map(({ options }) => renamed.safeParse(options).data?.renameByName ?? {}),
  ) as Record<string, string>;
  return queries.flatMap((query): readonly ValueColumn[] => {
    const title = names[queries.length === 1 ? "Value" : `Value #${query.refId}`];
    // an info metric has no column: its value says nothing
    return title === undefined ? [] : [{ ...query, title, ...shared, ...overridden(panel, title) }];
  });
}

function overridden({ fieldConfig: { overrides } }: PanelJson, title: string): Partial<ValueColumn> {
  const properties = overrides
    .filter(({ matcher }) => matcher.id === "byName" && matcher.options === title)
    .flatMap((each) => each.properties);
  const valueOf = (id: string): unknown => properties.find((property) => property.id === id)?.value;
  const [unit, steps, mappings] = [
    z.string().safeParse(valueOf("unit")).data,
    thresholdsJson.safeParse(valueOf("thresholds")).data?.steps,
    mappingsJson.safeParse(valueOf("mappings")).data,
  ];
  return {
    ...(unit !== undefined && { unit }),
    ...(steps !== undefined && { steps }),
    ...(mappings !== undefined && { colors: colorsOf(mappings) }),
  };
}

const colorsOf = (mappings: z.infer<typeof mappingsJson>): ReadonlyMap<number, string> =>
  new Map(
    mappings.flatMap(({ options }) =>
      Object.entries(mapped.safeParse(options).data ?? {}).flatMap(([value, { color }]): [number, string][] =>
        color === undefined ? [] : [[Number(value), color]],
      ),
    ),
  );
