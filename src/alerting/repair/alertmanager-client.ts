import type { z } from "zod";
import type { AlertmanagerApi } from "../../core/alerting-config.ts";
import { seconds } from "../../core/duration.ts";
import { asCollectError, type CollectError } from "../../core/errors.ts";
import { failedFinding } from "../../core/finding.ts";
import type { Finding } from "../../core/pack.ts";
import { createHttpClient, type HttpClient, type HttpJsonResponse } from "../../lib/http/client.ts";
import { loginHeaders, readAuthorities } from "../../lib/http/login.ts";
import { readShape } from "../../lib/answers/read-shape.ts";
import {
  alertsShape,
  groupsShape,
  silencesShape,
  statusShape,
  type AlertmanagerAlert,
  type AlertmanagerGroup,
  type Silence,
} from "./alertmanager-shapes.ts";

/** What one replica of an Alertmanager says, all of it of the same moment but for a few seconds. */
export interface ReplicaAnswer {
  readonly url: string;
  /** For how long it has been running, in milliseconds by its own clock. */
  readonly upFor: number;
  readonly alerts: readonly AlertmanagerAlert[];
  readonly groups: readonly AlertmanagerGroup[];
  readonly silences: readonly Silence[];
  /** Its configuration in YAML. */
  readonly configuration: string;
}

/** What the replicas of one Alertmanager say; one that failed is left out. */
export interface AlertmanagerReading {
  readonly answers: readonly ReplicaAnswer[];
  readonly failures: readonly CollectError[];
}

/** Ten thousand alerts with long annotations take about 30 MB in each list. */
const MAX_BODY_BYTES = 128 * 1024 * 1024;
const TIMEOUTS = { connect: seconds(5), headers: seconds(20), total: seconds(30) };
/** Resolved alerts are in no list; what is suppressed must be. */
const EVERYTHING = "active=true&silenced=true&inhibited=true";

/** Asks every replica once. Files of credentials and authorities are read anew. Throws only the signal's own reason. */
export async function readAlertmanager(api: AlertmanagerApi, signal: AbortSignal): Promise<AlertmanagerReading> {
  const results = await Promise.allSettled(api.urls.map((url) => readReplica(api, url, signal)));
  signal.throwIfAborted();
  return {
    answers: results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])),
    failures: results.flatMap((result) => (result.status === "rejected" ? [asCollectError(result.reason)] : [])),
  };
}

/** Looks whether each replica can be asked, by its status alone. */
export function checkAlertmanager(api: AlertmanagerApi, signal: AbortSignal): Promise<readonly Finding[]> {
  const check = async (url: string): Promise<Finding> => {
    try {
      await askReplica(api, url, signal, (get) => get("status", statusShape));
      return { subject: url, ok: true, message: "Alertmanager's API answers" };
    } catch (thrown) {
      return failedFinding(url, thrown);
    }
  };
  return Promise.all(api.urls.map(check));
}

function readReplica(api: AlertmanagerApi, url: string, signal: AbortSignal): Promise<ReplicaAnswer> {
  return askReplica(api, url, signal, async (get) => {
    const status = await get("status", statusShape);
    // One after the other: together the lists of a storm would be in memory several times over.
    const { data: groups } = await get(`alerts/groups?${EVERYTHING}&muted=true`, groupsShape);
    const { data: alerts } = await get(`alerts?${EVERYTHING}&unprocessed=true`, alertsShape);
    const { data: silences } = await get("silences", silencesShape);
    const { config, uptime } = status.data;
    return { url, upFor: clockOf(status.response) - uptime, alerts, groups, silences, configuration: config.original };
  });
}

/** Reads a path below `/api/v2/`. */
type Get = <T>(path: string, shape: z.ZodType<T>) => Promise<{ data: T; response: HttpJsonResponse }>;

async function askReplica<A>(
  api: AlertmanagerApi,
  url: string,
  signal: AbortSignal,
  ask: (get: Get) => Promise<A>,
): Promise<A> {
  const headers = await loginHeaders(api.login);
  const client = await openClient(api);
  try {
    return await ask(async (path, shape) => {
      const address = `${url}/api/v2/${path}`;
      const response = await client.requestJson({ url: address, headers, signal });
      return { data: readShape(shape, response.body, `GET ${address.replace(/\?.*/, "")}`), response };
    });
  } finally {
    await client.close();
  }
}

async function openClient({ caFile }: AlertmanagerApi): Promise<HttpClient> {
  return createHttpClient({ ca: await readAuthorities(caFile), timeouts: TIMEOUTS, maxBodyBytes: MAX_BODY_BYTES });
}

/** The replica's own clock, so that a wrong one of ours does not make it older than it is. */
function clockOf({ headers, receivedAt }: HttpJsonResponse): number {
  const date = Date.parse([headers["date"]].flat()[0] ?? "");
  return Number.isNaN(date) ? receivedAt.getTime() : date;
}
