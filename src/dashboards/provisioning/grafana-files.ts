import { FOLDER } from "../folder.ts";
import { CORRELATIONS } from "./correlations.ts";
import { SOURCES, type ProvisionedSource } from "./sources.ts";

/**
 * Data sources as Grafana reads them when it starts. What is taken from this file is deleted in Grafana too (from 11.1
 * on).
 * Source: https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources
 */
export const dataSourcesFile = (): object => ({ apiVersion: 1, prune: true, datasources: SOURCES.map(dataSource) });

function dataSource({ name, uid, type, url, login, jsonData }: ProvisionedSource): object {
  const correlations = CORRELATIONS.get(uid);
  return {
    name,
    uid,
    type,
    access: "proxy",
    url: `$${url}`,
    ...(login && {
      basicAuth: true,
      basicAuthUser: `$${login.user}`,
      secureJsonData: { basicAuthPassword: `$${login.password}` },
    }),
    jsonData: literal(jsonData),
    ...(correlations && { correlations: literal(correlations) }),
    editable: false,
  };
}

/** Grafana takes a single `$` for the beginning of an environment variable's name. */
function literal(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("$", "$$$$");
  if (Array.isArray(value)) return value.map(literal);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, literal(each)]));
}

/**
 * Where Grafana finds the dashboards' files, and their folder. People can not save over them.
 * Source: https://grafana.com/docs/grafana/latest/administration/provisioning/#dashboards
 */
export const dashboardsFile = (): object => ({
  apiVersion: 1,
  providers: [
    {
      name: "watchkeeper",
      orgId: 1,
      type: "file",
      folder: FOLDER.title,
      folderUid: FOLDER.uid,
      disableDeletion: false,
      allowUiUpdates: false,
      updateIntervalSeconds: 60,
      options: { path: "/var/lib/grafana/dashboards/watchkeeper" },
    },
  ],
});
