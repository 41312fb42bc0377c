import { seconds } from "../core/duration.ts";
import type { Pack } from "../core/pack.ts";
import { allDashboards, type DashboardOptions } from "../dashboards/all.ts";
import { classicDashboard } from "../dashboards/classic/dashboard.ts";
import { FOLDER } from "../dashboards/folder.ts";
import { connect } from "../dashboards/push/connection.ts";
import { push, type PushOptions, type PushResult } from "../dashboards/push/push.ts";
import { v2Dashboard } from "../dashboards/v2/dashboard.ts";
import { createHttpClient } from "../lib/http/client.ts";
import { readAuthorities, type Login } from "../lib/http/login.ts";

export { API_CHOICES } from "../dashboards/push/choose-api.ts";
export type { Fate, PushResult } from "../dashboards/push/push.ts";

/** A Grafana as the configuration names it. */
export interface GrafanaSettings {
  /** Without a final slash. */
  readonly url: string;
  readonly login: Login;
  readonly orgId?: number | undefined;
  readonly caFile?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly serverName?: string | undefined;
}

/** How they are pushed, and what is drawn into them. */
export interface GrafanaPushOptions extends Omit<PushOptions, "orgId" | "folder">, DashboardOptions {
  /** Title of the folder, should it have to be made. */
  readonly folder?: string | undefined;
}

/** A Grafana that migrates a large dashboard takes a while. */
const TIMEOUTS = { connect: seconds(5), headers: seconds(30), total: seconds(60) };

/** Pushes the dashboards of the packs. Throws `CollectError` while nothing is written. */
export async function pushDashboards(
  packs: readonly Pack[],
  { caFile, fingerprint, serverName, ...grafana }: GrafanaSettings,
  { folder = FOLDER.title, ...options }: GrafanaPushOptions,
): Promise<PushResult> {
  const dashboards = allDashboards(packs, options).map((resolved) => ({
    uid: resolved.uid,
    title: resolved.title,
    classic: classicDashboard(resolved),
    v2: v2Dashboard(resolved, { folderUid: FOLDER.uid }),
  }));
  // requests are sent again by the push itself
  const client = createHttpClient({
    ca: await readAuthorities(caFile),
    fingerprint,
    serverName,
    timeouts: TIMEOUTS,
    retries: 0,
  });
  try {
    return await push(dashboards, connect({ ...grafana, client }), { ...options, folder, orgId: grafana.orgId });
  } finally {
    await client.close();
  }
}
