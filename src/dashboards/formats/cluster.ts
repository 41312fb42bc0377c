import { printYaml } from "../../lib/yaml.ts";
import { classicDashboard } from "../classic/dashboard.ts";
import { FOLDER } from "../folder.ts";
import type { ResolvedDashboard } from "../resolved.ts";

const WRITTEN_BY = "# Written by `watchkeeper generate dashboards`.\n";

/** Below the 1,048,576 bytes that Kubernetes takes of an object, with room for what stands around the data. */
const LARGEST = 1_000_000;

/**
 * A ConfigMap for the sidecar of Grafana's Helm chart. Throws when the dashboard is too large for one.
 * Source: https://github.com/grafana/helm-charts/blob/main/charts/grafana/README.md#sidecar-for-dashboards
 */
export const sidecarConfigMap = (dashboard: ResolvedDashboard): string =>
  printed(dashboard, {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: dashboard.uid,
      labels: { ...LABELS, grafana_dashboard: "1" },
      annotations: { grafana_folder: FOLDER.title },
    },
    data: { [`${dashboard.uid}.json`]: compact(dashboard) },
  });

/**
 * A resource of the Grafana operator, which takes it to every Grafana with the label `dashboards: grafana`. Throws when
 * the dashboard is too large for one. Source: https://grafana.github.io/grafana-operator/docs/api/#grafanadashboard
 */
export const operatorDashboard = (dashboard: ResolvedDashboard): string =>
  printed(dashboard, {
    apiVersion: "grafana.integreatly.org/v1beta1",
    kind: "GrafanaDashboard",
    metadata: { name: dashboard.uid, labels: LABELS },
    spec: {
      folder: FOLDER.title,
      instanceSelector: { matchLabels: { dashboards: "grafana" } },
      json: compact(dashboard),
    },
  });

const LABELS = { "app.kubernetes.io/name": "watchkeeper" };

/** Without spaces: `kubectl apply` keeps a copy of what it applies, in an annotation of at most 262,144 bytes. */
const compact = (dashboard: ResolvedDashboard): string => JSON.stringify(classicDashboard(dashboard));

function printed({ uid }: ResolvedDashboard, resource: object): string {
  const text = WRITTEN_BY + printYaml(resource);
  const bytes = Buffer.byteLength(text);
  if (bytes < LARGEST) return text;
  throw new Error(
    `Dashboard ${uid} has ${bytes} bytes, and Kubernetes takes no object above 1 MiB: divide it into two`,
  );
}
