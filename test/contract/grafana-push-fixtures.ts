import { Secret } from "../../src/core/secret.ts";
import { connect } from "../../src/dashboards/push/connection.ts";
import type { PushedDashboard } from "../../src/dashboards/push/contract.ts";
import { push, type PushOptions, type PushResult } from "../../src/dashboards/push/push.ts";
import {
  LAB_GRAFANA_ACCOUNT,
  startGrafanaLab,
  type GrafanaLab,
  type GrafanaLabOptions,
  type LabGrafanaVersion,
} from "../../src/lab/grafana/grafana-lab.ts";
import { createHttpClient } from "../../src/lib/http/client.ts";

const open: { close(): Promise<void> }[] = [];
/** Ends the emulated Grafanas of a test. */
export const closeGrafanas = () => Promise.all(open.splice(0).map((each) => each.close()));

/** Starts an emulated Grafana. */
export async function start(options: GrafanaLabOptions): Promise<GrafanaLab> {
  const lab = await startGrafanaLab(options);
  open.push(lab);
  return lab;
}

/** Of every dashboard. */
export const TAGS = ["watchkeeper"];
const PANEL = {
  id: 1,
  type: "stat",
  title: "Up",
  gridPos: { x: 0, y: 0, w: 6, h: 4 },
  options: {},
  fieldConfig: { defaults: { thresholds: { steps: [{ color: "green", value: null }] } }, overrides: [] },
  targets: [{ refId: "A", expr: 'up{job="$job"}' }],
};
/** What is in both forms is what tests look at. */
export function dashboard(id: string, more: object = {}): PushedDashboard {
  const [uid, title] = [`watchkeeper-${id}`, `Title of ${id}`];
  const both = { title, tags: TAGS, links: [], panels: [PANEL], ...more };
  return {
    uid,
    title,
    classic: { uid, schemaVersion: 41, templating: { list: [] }, ...both },
    v2: { kind: "Dashboard", metadata: { name: uid }, spec: { elements: { "panel-1": { kind: "Panel" } }, ...both } },
  };
}
/** Two dashboards. */
export const TWO = [dashboard("a"), dashboard("b")];

const DEFAULTS: PushOptions = { api: "auto", folder: "Watchkeeper", dryRun: false, prune: false, force: false };
const TOKEN = LAB_GRAFANA_ACCOUNT.token;

/** Pushes the dashboards as `watchkeeper grafana push` does. */
export async function pushTo(
  lab: GrafanaLab,
  dashboards: readonly PushedDashboard[] = TWO,
  { token = TOKEN, ...options }: Partial<PushOptions> & { readonly token?: string } = {},
): Promise<PushResult> {
  const client = createHttpClient({ retries: 0 });
  try {
    const login = { type: "bearer" as const, token: { value: new Secret(token), file: undefined } };
    const connection = connect({ client, url: lab.url, login, orgId: options.orgId, firstPauseMs: 1 });
    return await push(dashboards, connection, { ...DEFAULTS, ...options });
  } finally {
    await client.close();
  }
}

/** What became of each. */
export const fates = ({ dashboards }: PushResult): string[] =>
  dashboards.map(({ fate, uid }) => `${fate} ${uid.slice(12)}`);
/** Requests that may have changed something. */
export const writesOf = ({ requests }: GrafanaLab): string[] =>
  requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
/** A person saves over a dashboard. */
export const saveAs = (lab: GrafanaLab, uid: string, change: object, message = "") => {
  const now = lab.store.now(uid);
  if (now === undefined) throw new Error(`${uid} is not there`);
  lab.store.save({ uid, spec: { ...now.spec, ...change }, folderUid: now.folderUid, message, by: "anna" });
};

/** Versions, and the API that is used of each. */
export const APIS: readonly (readonly [LabGrafanaVersion, string])[] = [
  ["11.6.0", "/api/dashboards"],
  ["12.4.1", "dashboard.grafana.app/v1beta1"],
  ["13.1.3", "dashboard.grafana.app/v2"],
];
