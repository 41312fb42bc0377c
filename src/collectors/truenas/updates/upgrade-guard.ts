import { z } from "zod";
import { minutes } from "../../../core/duration.ts";
import { looseText, rows } from "../../../lib/answers/loose-shapes.ts";
import type { TrueNasClient } from "../client.ts";
import { dialectOfRelease } from "../session/offered-versions.ts";
import type { Dialect } from "../versions.ts";

const MANAGED = "user_properties.democratic-csi:managed_resource.value";
const DRIVER = "user_properties.democratic-csi:volume_context_provisioner_driver.value";

/** Drivers of democratic-csi that speak with ZFS alone and never with the API of TrueNAS. */
const WITHOUT_API = /^(zfs-generic|zfs-local|local-hostpath|smb-client|nfs-client|lustre-client|objectivefs|synology)/;

const versionShape = z.object({ version: looseText });
const driversShape = rows(z.object({ driver: looseText }));
const alertsShape = rows(z.object({ klass: looseText }));

/** Who would stand without the API that a release no longer has. */
type RestUser = "democratic-csi" | "rest_client";

/** A way to find out that one of them is there, and what it looks at, for messages. */
interface Lookout {
  readonly usedBy: RestUser;
  readonly looksAt: string;
  find(): Promise<boolean>;
}

/** The release that has no REST API, and whom to look for; undefined when there is no such release. */
interface RemovedRest {
  /** As the server names it. */
  readonly version: string;
  readonly isRunning: boolean;
  readonly lookouts: readonly Lookout[];
}

/**
 * Whether the offered release, or the running one, has lost the REST API, which democratic-csi and older programs need.
 * Throws `CollectError`.
 */
export async function findRemovedRest(
  client: TrueNasClient,
  { dialect, offered, signal }: { dialect: Dialect; offered: string | undefined; signal: AbortSignal },
): Promise<RemovedRest | undefined> {
  const csi: Lookout = {
    usedBy: "democratic-csi",
    looksAt: "volumes of democratic-csi",
    find: () => hasDemocraticCsi(client, signal),
  };
  if (!dialect.rest) {
    const { version } = await client.call({ method: "system.info", shape: versionShape, signal });
    if (version === undefined || dialectOfRelease(version) === undefined) return undefined;
    return { version, isRunning: true, lookouts: [csi] };
  }
  if (offered === undefined || dialectOfRelease(offered)?.rest !== false) return undefined;
  const clients: Lookout = {
    usedBy: "rest_client",
    looksAt: "the server's alert of REST clients",
    find: () => hasRestClients(client, signal),
  };
  return { version: offered, isRunning: false, lookouts: dialect.tellsRestClients ? [csi, clients] : [csi] };
}

/**
 * Each dataset or volume that the driver made has its property. Source:
 * https://github.com/democratic-csi/democratic-csi
 */
async function hasDemocraticCsi(client: TrueNasClient, signal: AbortSignal): Promise<boolean> {
  const extra = { flat: true, properties: ["used"], retrieve_user_props: true };
  const options = { select: ["id", [DRIVER, "driver"]], extra };
  const params = [[[MANAGED, "=", "true"]], options];
  const found = await client.call({ method: "pool.dataset.query", params, shape: driversShape, signal });
  return found.some(({ driver }) => driver === undefined || !WITHOUT_API.test(driver));
}

/** The alert is up for a day after a program used the REST API. */
async function hasRestClients(client: TrueNasClient, signal: AbortSignal): Promise<boolean> {
  const call = { method: "alert.list", shape: alertsShape, signal };
  const alerts = await client.watched(call, "alert.list", minutes(2));
  return alerts.some(({ klass }) => klass === "RESTAPIUsage");
}
