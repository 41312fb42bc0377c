import type { Metric } from "../../core/metric.ts";
import type { Finding, MetricTable } from "../../core/pack.ts";
import type { ProxmoxClient } from "./client.ts";
import { backupJobs, backupTasks, backups, tasks } from "./metrics/backups.ts";
import { ha, quorum, replication, status, version } from "./metrics/cluster.ts";
import { ceph, certificates, disks, nodes, storage, subscription, updates, zfs } from "./metrics/nodes.ts";
import { guestConfig, guests, resources, snapshots } from "./metrics/resources.ts";
import type { Permissions } from "./permissions/held.ts";

/** A privilege that the collector uses, and the metrics that stay absent, for all or for some things, without it. */
interface Permission {
  readonly privilege: string;
  readonly path: string;
  readonly hides: readonly Metric[];
  /** What it is for, when a token may well be meant not to have it: it allows more than reading. */
  readonly optionalFor?: string;
}

const all = (...tables: readonly MetricTable[]): readonly Metric[] => tables.flatMap((table) => Object.values(table));
/** Each metric that takes a token, which is all of them. */
export const EVERYTHING: readonly Metric[] = all(
  status,
  version,
  quorum,
  ha,
  replication,
  resources,
  guests,
  guestConfig,
  snapshots,
  backupJobs,
  backups,
  backupTasks,
  tasks,
  nodes,
  storage,
  disks,
  zfs,
  ceph,
  subscription,
  certificates,
  updates,
);
const { notBackedUp, notBackedUpInfo, covered, interval } = backupJobs;
const { storageShared, storageInfo, haState: _, ...ofGuests } = resources;

/**
 * Everything that the pack's token may do. The role PVEAuditor on `/` has all that is not optional.
 * Source: https://pve.proxmox.com/pve-docs/api-viewer/
 */
const PERMISSIONS: readonly Permission[] = [
  {
    privilege: "Sys.Audit",
    path: "/",
    // each part begins with what the cluster says of its nodes
    hides: EVERYTHING,
  },
  { privilege: "Sys.Audit", path: "/nodes", hides: all(nodes, backupTasks, tasks) },
  {
    privilege: "VM.Audit",
    path: "/vms",
    hides: all(ofGuests, guests, guestConfig, snapshots, replication, {
      notBackedUp,
      notBackedUpInfo,
      covered,
      interval,
    }),
  },
  { privilege: "Datastore.Audit", path: "/storage", hides: all({ storageShared, storageInfo }, storage, backups) },
  {
    privilege: "Datastore.AllocateSpace",
    path: "/storage",
    hides: all(backups),
    optionalFor: "lists the backups on storages, together with VM.Backup on /vms; it also allows to make some",
  },
  {
    privilege: "VM.Backup",
    path: "/vms",
    hides: all(backups),
    optionalFor:
      "lists the backups on storages, together with Datastore.AllocateSpace on /storage; it also allows to make some",
  },
  {
    privilege: "Sys.Modify",
    path: "/nodes",
    hides: all(updates),
    optionalFor: "lists packages that can be updated; it also allows to change the node, so most leave it out",
  },
];

/** Asks the cluster which of the permissions the token has. Throws `CollectError`. */
export async function checkPermissions(client: ProxmoxClient, signal: AbortSignal): Promise<readonly Finding[]> {
  const permissions = await client.permissions(signal);
  if (permissions.isEmpty) return [withoutRights(client.config.token_id)];
  return PERMISSIONS.map((permission) => describe(permission, permissions));
}

/** A token with privilege separation has none of its user's rights until it is given them itself. */
function withoutRights(tokenId: string): Finding {
  const message = `the token may do nothing: a token with privilege separation needs rights of its own, besides its user's. Grant them with: pveum acl modify / --tokens '${tokenId}' --roles PVEAuditor`;
  return { subject: "permissions", ok: false, message, hides: EVERYTHING.map(({ name }) => name) };
}

function describe({ privilege, path, hides, optionalFor }: Permission, permissions: Permissions): Finding {
  const subject = `permission ${privilege} on ${path}`;
  if (permissions.holds(privilege, path)) return { subject, ok: true, message: "granted" };
  const names = hides.map(({ name }) => name);
  if (optionalFor !== undefined) return { subject, ok: true, message: `not granted: it ${optionalFor}`, hides: names };
  const message = `the token, or its user, lacks it; the role PVEAuditor on / has it`;
  return { subject, ok: false, message, hides: names };
}
