import { expect, test } from "vitest";
import { parse } from "yaml";
import { labContext, labDashboard } from "../__fixtures__/lab.ts";
import { classicDashboard } from "../classic/dashboard.ts";
import { resolve } from "../resolve.ts";
import { dashboardFile, type DashboardFormat } from "./formats.ts";

const dashboard = resolve(labDashboard, labContext);
const classic: unknown = JSON.parse(JSON.stringify(classicDashboard(dashboard)));

const resource = (format: DashboardFormat): Readonly<Record<string, Readonly<Record<string, unknown>>>> =>
  parse(dashboardFile(dashboard, format).text) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;

test("a file is the dashboard", () => {
  const { path, text } = dashboardFile(dashboard, "files");
  expect(path).toBe("deploy/grafana/dashboards/watchkeeper-lab.json");
  expect(JSON.parse(text)).toEqual(classic);
  expect(text.endsWith("}\n")).toBe(true);
});

test("a ConfigMap for the sidecar", () => {
  const { data, ...map } = resource("sidecar");
  expect(dashboardFile(dashboard, "sidecar").path).toBe("deploy/grafana/sidecar/watchkeeper-lab.yaml");
  expect(map).toMatchObject({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "watchkeeper-lab",
      labels: { grafana_dashboard: "1" },
      annotations: { grafana_folder: "Watchkeeper" },
    },
  });
  expect(JSON.parse(String(data?.["watchkeeper-lab.json"]))).toEqual(classic);
});

test("a resource of the Grafana operator", () => {
  const { spec, ...head } = resource("operator");
  expect(head).toMatchObject({ apiVersion: "grafana.integreatly.org/v1beta1", kind: "GrafanaDashboard" });
  expect(spec).toMatchObject({ folder: "Watchkeeper", instanceSelector: { matchLabels: { dashboards: "grafana" } } });
  expect(JSON.parse(String(spec?.["json"]))).toEqual(classic);
});

test("what is too large for Kubernetes is refused with the dashboard's name", () => {
  const huge = { ...dashboard, description: "x".repeat(1_000_000) };
  expect(() => dashboardFile(huge, "sidecar")).toThrow(/Dashboard watchkeeper-lab has \d+ bytes/);
  expect(() => dashboardFile(huge, "operator")).toThrow("divide it into two");
  expect(JSON.parse(dashboardFile(huge, "files").text)).toMatchObject({ uid: "watchkeeper-lab" });
});
