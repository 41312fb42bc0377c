import type { LabApp } from "../model/apps.ts";
import { answerQuery } from "./system-query.ts";
import type { LabMethods } from "./contract.ts";

/** `app.query`. Source: github.com/truenas/middleware, api/v25_10_0/app.py */
export const appMethods: LabMethods = {
  "app.query": { role: "APPS_READ", call: ({ state, params }) => answerQuery(state.system.apps.map(appRow), params) },
};

/** An app as the list and the event have it. */
export const appRow = ({ name, state, version, upgradeAvailable }: LabApp): Record<string, unknown> => ({
  name,
  id: name,
  state,
  upgrade_available: upgradeAvailable,
  latest_version: upgradeAvailable ? "9.9.9" : version,
  image_updates_available: false,
  custom_app: false,
  migrated: false,
  human_version: `v2_${version}`,
  version,
  metadata: { name, title: name, train: "community" },
  active_workloads: {
    containers: state === "RUNNING" ? 1 : 0,
    used_ports: [],
    container_details: [],
    volumes: [],
    images: [],
    networks: [],
  },
  notes: null,
  portals: {},
});
