import { z } from "zod";
import type { Metric } from "../../core/metric.ts";
import type { Finding, MetricTable } from "../../core/pack.ts";
import type { TrueNasClient } from "./client.ts";
import { datasets, disks, pools, snapshots } from "./metrics/pools.ts";
import { realtime, system, ups } from "./metrics/system.ts";
import { tasks } from "./metrics/tasks.ts";
import { apps, certificates, nativeAlerts, updates } from "./metrics/upkeep.ts";
import { looseText } from "../../lib/answers/loose-shapes.ts";
import type { Dialect } from "./versions.ts";

/**
 * A role of the key's user that methods of the API want, and the metrics that stay absent, in all or in part, without
 * it.
 */
interface NeededRole {
  readonly role: string;
  /** What is read by it. */
  readonly reads: string;
  readonly hides: readonly Metric[];
}

const all = (...tables: readonly MetricTable[]): readonly Metric[] => tables.flatMap((table) => Object.values(table));
const { usableUsed, usableAvailable } = pools;
const { serviceEnabled, serviceRunning, ready, rebootRequired } = system;
const { keyExpiry, keyRevoked, notAfter, shown: _, ...otherCertificates } = certificates;
const { temperature, answers } = disks;

/** Each metric that takes a login. */
export const EVERYTHING: readonly Metric[] = all(
  system,
  pools,
  disks,
  datasets,
  snapshots,
  tasks,
  nativeAlerts,
  apps,
  realtime,
  ups,
  updates,
  { keyExpiry, keyRevoked, notAfter, ...otherCertificates },
).filter((metric) => metric !== system.up && metric !== system.logins && metric !== system.bytesReceived);

/**
 * What the methods of each part want; READONLY_ADMIN has all of it, and FULL_ADMIN far more.
 * Source: `roles=` and `role_prefix` in https://github.com/truenas/middleware, src/middlewared/middlewared/plugins/
 */
export const NEEDED_ROLES: readonly NeededRole[] = [
  { role: "POOL_READ", reads: "pools, their disks and scrubs", hides: all(pools) },
  {
    role: "DATASET_READ",
    reads: "datasets and the space that can be used",
    hides: all(datasets, { usableUsed, usableAvailable, removes: updates.removes }),
  },
  { role: "SNAPSHOT_READ", reads: "snapshots", hides: all(snapshots, { newest: tasks.newestSnapshot }) },
  { role: "DISK_READ", reads: "disks", hides: all(disks) },
  {
    role: "REPORTING_READ",
    reads: "temperatures, processors, memory, network and UPS",
    hides: all({ temperature, answers }, realtime, ups),
  },
  { role: "SNAPSHOT_TASK_READ", reads: "periodic snapshot and rsync tasks", hides: all(tasks) },
  { role: "REPLICATION_TASK_READ", reads: "replication tasks", hides: all(tasks) },
  { role: "CLOUD_SYNC_READ", reads: "cloud sync tasks", hides: all(tasks) },
  { role: "CLOUD_BACKUP_READ", reads: "cloud backup tasks", hides: all(tasks) },
  { role: "ALERT_LIST_READ", reads: "the server's own alerts", hides: all(nativeAlerts, ups) },
  { role: "APPS_READ", reads: "apps", hides: all(apps) },
  {
    role: "SYSTEM_GENERAL_READ",
    reads: "whether the server is ready or wants a restart, and its time zone, by which tasks are due",
    hides: all({ ready, rebootRequired, due: tasks.due, interval: tasks.interval }),
  },
  { role: "SERVICE_READ", reads: "services", hides: all({ serviceEnabled, serviceRunning }, ups) },
  { role: "SYSTEM_UPDATE_READ", reads: "updates", hides: all(updates) },
  { role: "CERTIFICATE_READ", reads: "certificates that the server keeps", hides: [notAfter] },
  { role: "API_KEY_READ", reads: "when API keys end", hides: [keyExpiry, keyRevoked] },
];

const READ_ALL = "READONLY_ADMIN";

/** What no narrower role has: `system.info`; and `boot.get_state`, which adds one pool to the others. */
const OF_MACHINE: readonly Metric[] = [
  system.version,
  system.bootTime,
  system.clockOffset,
  system.memory,
  system.eccMemory,
  system.processors,
  system.load1,
  system.load5,
  system.load15,
  updates.removes,
];

const ADVICE =
  "give a group of the key's user a privilege with the role Read-Only Administrator (READONLY_ADMIN) under Credentials > Groups > Privileges";

/** Roles come as a list, or as Python's set. */
const rolesShape = z.union([
  z.array(z.string()),
  z.object({ $set: z.array(z.string()) }).transform(({ $set }) => $set),
]);

const meShape = z.object({
  pw_name: looseText,
  privilege: z
    .object({ roles: rolesShape.optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/** Who the key is and what it may do. Throws `CollectError`. */
export async function checkRoles(
  client: TrueNasClient,
  dialect: Dialect,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const subject = "roles of the API key";
  if (!dialect.keysHaveUsers) {
    const message = "TrueNAS 24.10 has no roles of keys: the key may do everything, or what its allow list names";
    return [{ subject, ok: true, message }];
  }
  const { pw_name: name, privilege } = await client.call({ method: "auth.me", shape: meShape, signal });
  if (privilege?.roles === undefined) return [{ subject, ok: true, message: "the server does not tell them" }];
  const roles = new Set(privilege.roles);
  const who = name === undefined ? "" : `the user ${name} has `;
  return [...describeRoles(roles, subject, who), ...describeWriting(roles)];
}

function describeRoles(roles: ReadonlySet<string>, subject: string, who: string): readonly Finding[] {
  const broad = [READ_ALL, "FULL_ADMIN"].find((role) => roles.has(role));
  if (broad !== undefined) return [{ subject, ok: true, message: `${who}${broad}, which reads everything` }];
  const message = `not granted: the boot pool and the machine can not be read, which want the whole role. To fix it, ${ADVICE}`;
  const whole = { subject: `role ${READ_ALL}`, ok: false, message, hides: OF_MACHINE.map(({ name }) => name) };
  return [...NEEDED_ROLES.map((needed) => describeRole(roles, needed)), whole];
}

function describeRole(roles: ReadonlySet<string>, { role, reads, hides }: NeededRole): Finding {
  const subject = `role ${role}`;
  // the server lists what other roles include; SERVICE_WRITE does not include SERVICE_READ
  if (roles.has(role)) return { subject, ok: true, message: `granted: ${reads}` };
  const message = `not granted: ${reads} can not be read. To fix it, ${ADVICE}`;
  return { subject, ok: false, message, hides: hides.map(({ name }) => name) };
}

/** A key that could change things is more than Watchkeeper wants, and more than should lie about. */
function describeWriting(roles: ReadonlySet<string>): readonly Finding[] {
  const writing = [...roles].filter((role) => !role.endsWith("_READ") && role !== READ_ALL).toSorted();
  if (writing.length === 0) return [];
  const some = writing.includes("FULL_ADMIN") ? "FULL_ADMIN" : writing.slice(0, 3).join(", ");
  const more = some === "FULL_ADMIN" || writing.length <= 3 ? "" : ` and ${writing.length - 3} more`;
  const message = `the key may also change things (${some}${more}): ${READ_ALL} is enough, so that a stolen key can do no harm`;
  return [{ subject: "rights to change", ok: true, message }];
}
