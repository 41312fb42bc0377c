import { expect, test } from "vitest";
import { labContext, labDashboard } from "../__fixtures__/lab.ts";
import { resolve } from "../resolve.ts";
import { classicDashboard } from "./dashboard.ts";

interface Drawn {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly panels?: readonly Drawn[];
  readonly [field: string]: unknown;
}

interface Written {
  readonly panels: readonly Drawn[];
  readonly templating: { readonly list: readonly Readonly<Record<string, unknown>>[] };
  readonly annotations: { readonly list: readonly Readonly<Record<string, unknown>>[] };
  readonly [field: string]: unknown;
}

const write = (): Written => JSON.parse(JSON.stringify(classicDashboard(resolve(labDashboard, labContext)))) as Written;
const written = write();

const panels = written.panels.flatMap((each) => [each, ...(each.panels ?? [])]);
const panelOf = (title: string): Drawn => {
  const found = panels.find((each) => each.title === title);
  if (found === undefined) throw new Error(`no panel ${title}`);
  return found;
};

test("is read-only, found by its uid and tag, and keeps pace with the data", () => {
  expect(written).toMatchObject({
    uid: "watchkeeper-lab",
    title: "Laboratory",
    tags: ["watchkeeper"],
    schemaVersion: 42,
    editable: false,
    graphTooltip: 1,
    timezone: "browser",
    refresh: "1m",
    time: { from: "now-6h", to: "now" },
    links: [{ type: "dashboards", tags: ["watchkeeper"], asDropdown: true, keepTime: true, includeVars: true }],
  });
  expect(JSON.stringify(write())).toBe(JSON.stringify(written));
});

test("has no key of the SDK's that hides something or means nothing", () => {
  expect(JSON.stringify(written)).not.toMatch(
    /"placement":"inControlsMenu"|"transparent"|"repeatDirection"|"auto_min"/,
  );
  expect(JSON.stringify(written)).not.toContain('"type":"unknown"');
});

test("every panel has an id of its own and a place, and closed rows hold theirs", () => {
  const ids = panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(Math.min(...ids)).toBeGreaterThan(0);
  for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  const [summary, details] = [panelOf("Summary"), panelOf("Details")];
  expect([summary.panels, details.panels?.length]).toEqual([[], 5]);
  expect([
    details["collapsed"],
    written.panels.includes(panelOf("Up")),
    written.panels.includes(panelOf("Map")),
  ]).toEqual([true, true, false]);
});

test("variables: the data sources, then what is chosen, asked again when the time changes", () => {
  expect(written.templating.list).toMatchObject([
    { type: "datasource", name: "datasource", query: "prometheus", current: { value: "default" } },
    { type: "datasource", name: "elasticsearch_datasource", query: "elasticsearch" },
    { type: "datasource", name: "tempo_datasource", query: "tempo" },
    {
      type: "query",
      name: "target",
      datasource: { type: "prometheus", uid: "${datasource}" },
      refresh: 2,
      multi: true,
      includeAll: true,
      allValue: ".+",
      current: { text: ["All"], value: ["$__all"] },
    },
    { name: "node", query: 'label_values(lab_up{target=~"$target"}, node)' },
    { name: "disk", multi: false, includeAll: false },
  ]);
});

test("annotations: alerts about what is shown, deploys and drills", () => {
  const [, alerts, deploys, drills] = written.annotations.list;
  expect(alerts).toMatchObject({
    enable: true,
    target: { expr: 'ALERTS{alertstate="firing", alertname=~"LabDown|LabFilling|LabFull", target=~"$target|"}' },
  });
  expect([deploys, drills]).toMatchObject([{ target: { tags: ["deploy"] } }, { target: { tags: ["drill"] } }]);
});

test("thresholds are the alerts', in the colours of their severities", () => {
  expect(panelOf("Space in use")["fieldConfig"]).toMatchObject({
    defaults: {
      unit: "percentunit",
      thresholds: {
        mode: "absolute",
        steps: [
          { value: null, color: "green" },
          { value: 0.8, color: "orange" },
          { value: 0.95, color: "red" },
        ],
      },
      custom: { spanNulls: false, thresholdsStyle: { mode: "dashed" } },
    },
  });
  expect(panelOf("Saved")["fieldConfig"]).toMatchObject({
    defaults: { unit: "dateTimeFromNow", thresholds: { steps: [{ value: null, color: "text" }] } },
  });
});

test("a boolean is Yes or No, as bad as its alert says", () => {
  for (const title of ["Up", "Up over time"]) {
    expect(panelOf(title)["fieldConfig"]).toMatchObject({
      defaults: {
        mappings: [
          { type: "value", options: { "0": { text: "No", color: "red" }, "1": { text: "Yes", color: "green" } } },
        ],
      },
    });
  }
});

test("legends are seen, and are tables where there may be many series", () => {
  expect(panelOf("Space in use")["options"]).toMatchObject({
    legend: { showLegend: true, displayMode: "table", calcs: ["lastNotNull", "max"] },
    tooltip: { mode: "multi", sort: "desc" },
  });
  expect(panelOf("Latency")["options"]).toMatchObject({ legend: { showLegend: true, displayMode: "list", calcs: [] } });
});

test("queries are over time, of now, with exemplars, as the panel needs it", () => {
  const [used, worst, saved, latency] = ["Space in use", "Fullest disk", "Saved", "Latency"].map(
    (title) => panelOf(title)["targets"],
  );
  expect(used).toMatchObject([{ refId: "A", range: true, instant: false, legendFormat: "{{target}} {{node}}" }]);
  expect([worst, saved]).toMatchObject([[{ range: false, instant: true }], [{ range: false, instant: true }]]);
  expect(latency).toMatchObject([{ exemplar: true, datasource: { uid: "${datasource}" } }]);
  expect(panelOf("Saved")["options"]).toMatchObject({ graphMode: "none" });
  expect(panelOf("Fullest disk")["options"]).toMatchObject({ reduceOptions: { calcs: ["lastNotNull"] } });
});

test("a table joins signals by their labels, hides the rest, and leads on from the column it is about", () => {
  const table = panelOf("Disks");
  expect(table["transformations"]).toEqual([
    {
      id: "filterFieldsByName",
      options: { include: { names: ["Time", "target", "node", "disk", "version", "Value #A", "Value #B"] } },
    },
    { id: "merge", options: {} },
    {
      id: "organize",
      options: {
        // until here, since a query without an answer has no other field in common with the others
        excludeByName: { Time: true },
        indexByName: { target: 0, node: 1, disk: 2, version: 3, "Value #A": 4, "Value #B": 5 },
        renameByName: {
          target: "Target",
          node: "Node",
          disk: "Disk",
          version: "Version",
          "Value #A": "Space in use",
          "Value #B": "Saved",
        },
      },
    },
  ]);
  expect(table["fieldConfig"]).toMatchObject({
    overrides: [
      {
        matcher: { id: "byName", options: "Disk" },
        properties: [{ id: "links", value: [{ title: "More of this one" }, {}, {}] }],
      },
      {
        matcher: { options: "Space in use" },
        properties: [{ id: "unit", value: "percentunit" }, { id: "thresholds" }, {}],
      },
      { matcher: { options: "Saved" }, properties: [{ id: "unit", value: "dateTimeFromNow" }] },
    ],
  });
  expect(panelOf("Version")["transformations"]).toMatchObject([{}, { id: "organize" }]);
});

test("logs, traces, the map of services and alerts", () => {
  expect(panelOf("Errors")).toMatchObject({
    type: "logs",
    targets: [{ metrics: [{ id: "1", type: "logs" }], bucketAggs: [], query: "host.name:$node AND log.level:error" }],
    options: { showTime: true, wrapLogMessage: true, enableLogDetails: true },
  });
  expect(panelOf("Slow traces")).toMatchObject({
    type: "table",
    targets: [{ queryType: "traceql", query: "{ duration > 1s }", datasource: { uid: "${tempo_datasource}" } }],
  });
  expect(panelOf("Map")).toMatchObject({ type: "nodeGraph", targets: [{ queryType: "serviceMap" }] });
  expect(panelOf("Alerts")).toMatchObject({
    type: "alertlist",
    options: { alertInstanceLabelFilter: '{target="$target"}', stateFilter: { firing: true, normal: false } },
  });
});
