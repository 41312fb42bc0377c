import { expect, test } from "vitest";
import { panel, type SignalPanel } from "../core/dashboard.ts";
import { labDashboard, labSignals } from "./__fixtures__/lab.ts";
import { linksOf } from "./links.ts";

const urls = (of: SignalPanel): Readonly<Record<string, string>> =>
  Object.fromEntries(linksOf(of, labDashboard).map(({ title, url }) => [title, url]));

/**
 * As Grafana fills in links:
 * https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/field/fieldOverrides.ts
 */
function clicked(url: string | undefined, labels: Readonly<Record<string, string>>): URL {
  const values: Readonly<Record<string, string>> = {
    __url_time_range: "from=now-6h&to=now",
    "datasource:queryparam": "var-datasource=main",
    elasticsearch_datasource: "logs",
    tempo_datasource: "traces",
    __from: "1000",
    __to: "2000",
  };
  const filled = (url ?? "").replace(/\$\{([^}]+)\}/g, (_, inner: string) => {
    const label = /^__(?:field\.labels|data\.fields)\.(\w+):percentencode$/.exec(inner)?.[1];
    return label === undefined ? (values[inner] ?? `unknown ${inner}`) : encodeURIComponent(labels[label] ?? "");
  });
  return new URL(filled, "https://grafana.test");
}

const drillDown = { dashboard: "lab", variables: { node: "node", target: "target" } };
const ODD = `a "b" & c#d+e %20 $node \${disk} 'f' /?=`;

test("a click leads to the next dashboard with the series' own labels, however odd", () => {
  for (const view of ["timeseries", "table"] as const) {
    const { "More of this one": url } = urls(panel(view, labSignals.used, { drillDown }));
    const { pathname, searchParams } = clicked(url, { node: ODD, target: "t" });
    expect(pathname).toBe("/d/watchkeeper-lab");
    expect(Object.fromEntries(searchParams)).toEqual({
      "var-node": ODD,
      "var-target": "t",
      "var-datasource": "main",
      from: "now-6h",
      to: "now",
    });
  }
});

test("labels are columns in a table", () => {
  expect(urls(panel("table", labSignals.used, { drillDown }))["More of this one"]).toContain("${__data.fields.node:");
  expect(urls(panel("stat", labSignals.used, { drillDown }))["More of this one"]).toContain("${__field.labels.node:");
});

test("a click leads to the logs and traces of the same labels and time", () => {
  const { Logs, Traces } = urls(panel("timeseries", labSignals.used));
  const paneOf = (url: string | undefined): unknown =>
    JSON.parse(clicked(url, { node: "a & b#c $target" }).searchParams.get("panes") ?? "");
  expect(paneOf(Logs)).toEqual({
    watchkeeper: {
      datasource: "logs",
      queries: [
        {
          refId: "A",
          datasource: { type: "elasticsearch", uid: "logs" },
          query: 'host.name:"a & b#c $target"',
          metrics: [{ id: "1", type: "logs" }],
        },
      ],
      range: { from: "1000", to: "2000" },
    },
  });
  expect(paneOf(Traces)).toMatchObject({
    watchkeeper: {
      datasource: "traces",
      queries: [{ query: '{ resource.host.name = "a & b#c $target" }', queryType: "traceql" }],
    },
  });
});

test("only series that carry the labels have such links", () => {
  expect(urls(panel("timeseries", labSignals.latency))).toEqual({});
});
