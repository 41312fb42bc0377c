import { classicDashboard } from "../classic/dashboard.ts";
import { FOLDER } from "../folder.ts";
import type { ResolvedDashboard } from "../resolved.ts";
import { v2Dashboard } from "../v2/dashboard.ts";
import { operatorDashboard, sidecarConfigMap } from "./cluster.ts";

/**
 * How dashboards are handed over: JSON files for Grafana's provisioning, ConfigMaps for the sidecar of its Helm chart,
 * resources of the Grafana operator, or Grafana's own resources of version 2 for its API and Git Sync.
 */
export const DASHBOARD_FORMATS = ["files", "sidecar", "operator", "v2"] as const;

/** One of {@link DASHBOARD_FORMATS}. */
export type DashboardFormat = (typeof DASHBOARD_FORMATS)[number];

/** A file with one dashboard. */
interface DashboardFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** The file of a dashboard in a format. Throws when the format can not take it. */
export function dashboardFile(dashboard: ResolvedDashboard, format: DashboardFormat): DashboardFile {
  const { folder, ending, render } = FORMATS[format];
  return { path: `deploy/grafana/${folder}/${dashboard.uid}.${ending}`, text: render(dashboard) };
}

interface Format {
  readonly folder: string;
  readonly ending: "json" | "yaml";
  readonly render: (dashboard: ResolvedDashboard) => string;
}

const pretty = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

const FORMATS: Readonly<Record<DashboardFormat, Format>> = {
  files: { folder: "dashboards", ending: "json", render: (dashboard) => pretty(classicDashboard(dashboard)) },
  sidecar: { folder: "sidecar", ending: "yaml", render: sidecarConfigMap },
  operator: { folder: "operator", ending: "yaml", render: operatorDashboard },
  v2: {
    folder: "v2",
    ending: "json",
    render: (dashboard) => pretty(v2Dashboard(dashboard, { folderUid: FOLDER.uid })),
  },
};
