import { describe, expect, test } from "vitest";
import { panel } from "../../core/dashboard.ts";
import { days } from "../../core/duration.ts";
import { increase, select } from "../../core/promql.ts";
import { signal } from "../../core/signal.ts";
import { labContext, labDashboard, labMetrics } from "../__fixtures__/lab.ts";
import { resolveAll } from "../all.ts";
import { classicDashboard } from "../classic/dashboard.ts";
import type { ResolvedDashboard } from "../resolved.ts";
import { v2Schema } from "./__fixtures__/schema.ts";
import { v2Dashboard } from "./dashboard.ts";

/** A panel as classic dashboards have it. */
interface Classic {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly collapsed?: boolean;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly {
    readonly refId: string;
    readonly datasource: { readonly type: string; readonly uid: string };
  }[];
  readonly interval?: string;
  readonly transformations?: readonly { readonly id: string; readonly options: unknown }[];
  readonly options?: unknown;
  readonly fieldConfig?: unknown;
  readonly panels?: readonly Classic[];
}

interface ClassicDashboard {
  readonly panels: readonly Classic[];
  readonly links: readonly unknown[];
  readonly templating: { readonly list: readonly Readonly<Record<string, unknown>>[] };
  readonly annotations: { readonly list: readonly Readonly<Record<string, unknown>>[] };
}

const asWritten = (value: object): unknown => JSON.parse(JSON.stringify(value));
const v2Of = (resolved: ResolvedDashboard) =>
  v2Schema.parse(asWritten(v2Dashboard(resolved, { folderUid: "watchkeeper" })));
const classicOf = (resolved: ResolvedDashboard) => asWritten(classicDashboard(resolved)) as ClassicDashboard;

const perDay = signal({
  title: "Reads in a day",
  help: "x",
  unit: "none",
  expr: increase(select(labMetrics.reads).over(days(1))),
});
const dashboards = resolveAll(
  [
    labDashboard,
    { ...labDashboard, id: "bare", title: "Bare", variables: [], explore: {}, rows: labDashboard.rows.slice(2) },
    { ...labDashboard, id: "seldom", title: "Seldom", rows: [{ title: "Day", panels: [panel("timeseries", perDay)] }] },
    { ...labDashboard, id: "closed", title: "Closed", rows: labDashboard.rows.slice(0, 2).toReversed() },
  ],
  labContext,
);

describe.each(dashboards)("$uid as v2 is the classic one", (resolved) => {
  const { spec, metadata } = v2Of(resolved);
  const classic = classicOf(resolved);
  const rows = classic.panels.filter(({ type }) => type === "row");
  const panelsUnder = (row: Classic): readonly Classic[] => {
    const after = classic.panels.slice(classic.panels.indexOf(row) + 1);
    const next = after.findIndex(({ type }) => type === "row");
    return [...(row.panels ?? []), ...after.slice(0, next === -1 ? undefined : next)];
  };
  const panels = rows.flatMap(panelsUnder);

  test("the head", () => {
    expect(metadata).toEqual({ name: resolved.uid, annotations: { "grafana.app/folder": "watchkeeper" } });
    const { title, description, tags, timeSettings, editable, cursorSync } = spec;
    const time = { from: timeSettings.from, to: timeSettings.to };
    const { timezone, autoRefresh: refresh } = timeSettings;
    expect(classic).toMatchObject({ title, description, tags, editable, timezone, time, refresh });
    expect([cursorSync, spec.links]).toEqual(["Crosshair", classic.links]);
  });

  test("every panel is there once, with its title, queries, transformations, unit, thresholds and links", () => {
    expect(panels.length).toBeGreaterThan(0);
    expect(Object.keys(spec.elements).toSorted()).toEqual(panels.map(({ id }) => `panel-${id}`).toSorted());
    for (const panel of panels) {
      const element = spec.elements[`panel-${panel.id}`]?.spec;
      expect(element).toMatchObject({ id: panel.id, title: panel.title, description: panel.description });
      expect(element?.vizConfig).toMatchObject({
        group: panel.type,
        spec: { options: panel.options ?? {}, fieldConfig: panel.fieldConfig ?? { defaults: {}, overrides: [] } },
      });
      expect(element?.data.spec.queryOptions.interval).toBe(panel.interval);
      const queries = element?.data.spec.queries.map(({ spec: { refId, query } }) => ({
        ...query.spec,
        refId,
        datasource: { type: query.group, uid: query.datasource.name },
      }));
      expect(queries).toEqual(panel.targets ?? []);
      expect(
        element?.data.spec.transformations.map(({ group, spec: { options } }) => ({ id: group, options })),
      ).toEqual(panel.transformations ?? []);
    }
  });

  test("every row is there, with its panels where they are", () => {
    const drawn = spec.layout.spec.rows.map((row) => ({
      title: row.spec.title,
      collapsed: row.spec.collapse,
      panels: row.spec.layout.spec.items.map(({ spec: { element, ...place } }) => ({ name: element.name, ...place })),
    }));
    expect(drawn).toEqual(
      rows.map((row) => ({
        title: row.title,
        collapsed: row.collapsed,
        panels: panelsUnder(row).map(({ id, gridPos: { x, y, w, h } }) => ({
          name: `panel-${id}`,
          x,
          y: y - row.gridPos.y - row.gridPos.h,
          width: w,
          height: h,
        })),
      })),
    );
    for (const row of drawn) expect(Math.min(...row.panels.map(({ y }) => y))).toBe(0);
  });

  test("variables ask and offer the same", () => {
    const variables = spec.variables.map((variable) => {
      const { name, label, multi, includeAll, current } = variable.spec;
      const common = { name, label, multi, includeAll };
      if (variable.kind === "DatasourceVariable")
        return { ...common, type: "datasource", query: variable.spec.pluginId, ...chosen(current) };
      const { query, allValue, refresh } = variable.spec;
      expect([query.group, query.datasource.name, refresh]).toEqual([
        "prometheus",
        "${datasource}",
        "onTimeRangeChanged",
      ]);
      expect(variable.spec.definition).toBe(query.spec["__legacyStringValue"]);
      return {
        ...common,
        type: "query",
        query: variable.spec.definition,
        ...(multi && { allValue }),
        ...chosen(current),
      };
    });
    expect(classic.templating.list).toHaveLength(variables.length);
    expect(classic.templating.list).toMatchObject(variables);
  });

  test("annotations ask the same, and are called the same", () => {
    const annotations = spec.annotations.map(({ spec: { query, legacyOptions = {}, builtIn, hide, ...rest } }) => ({
      ...rest,
      ...legacyOptions,
      ...(builtIn === true && { builtIn: 1 }),
      ...(hide && { hide }),
      datasource: { type: query.group, uid: query.datasource.name },
      ...(Object.keys(query.spec).length > 0 && { target: query.spec }),
    }));
    expect(classic.annotations.list.map(({ hide, ...rest }) => ({ ...rest, ...(hide === true && { hide }) }))).toEqual(
      annotations,
    );
  });
});

const chosen = (current: { readonly text: unknown; readonly value: unknown }) =>
  current.value === "" ? {} : { current };

test("the same dashboard is always written the same", () => {
  for (const resolved of dashboards)
    expect(JSON.stringify(v2Dashboard(resolved, { folderUid: "x" }))).toBe(
      JSON.stringify(v2Dashboard(resolved, { folderUid: "x" })),
    );
});
