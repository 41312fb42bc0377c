import { CollectError } from "../../core/errors.ts";
import type { Metric } from "../../core/metric.ts";
import type { Finding, MetricTable } from "../../core/pack.ts";
import type { BackupClient } from "./client.ts";
import { datastores, groups, jobs, server, tasks } from "./metrics.ts";
import { permissionsShape } from "./schema.ts";

/** What the token must be allowed at a path of the server, and the metrics that stay absent without it. */
interface Permission {
  readonly path: string;
  readonly privilege: string;
  /** The role that has it, and where to grant it. */
  readonly grant: string;
  readonly hides: readonly Metric[];
}

const all = (table: MetricTable): readonly Metric[] => Object.values(table);
const { up: _up, version: _version, ...machine } = server;

/**
 * Everything that the pack needs. `Audit` on `/` has the first three; a sync job that pulls from a remote is listed to
 * those only who may see that remote. Source: https://pbs.proxmox.com/docs/user-management.html#access-control
 */
const PERMISSIONS: readonly Permission[] = [
  {
    path: "/datastore",
    privilege: "Datastore.Audit",
    grant: "Audit on /",
    hides: [...all(datastores), ...all(jobs), ...all(groups)],
  },
  { path: "/system/status", privilege: "Sys.Audit", grant: "Audit on /", hides: all(machine) },
  { path: "/system/tasks", privilege: "Sys.Audit", grant: "Audit on /", hides: all(tasks) },
  { path: "/remote", privilege: "Remote.Audit", grant: "RemoteAudit on /remote", hides: [] },
];

/**
 * The paths at which the token has a privilege: the path itself, or else those below it that have an entry of their
 * own.
 */
async function pathsWith({ call }: BackupClient, signal: AbortSignal, path: string, privilege: string) {
  const ask = { path: "access/permissions", shape: permissionsShape, signal };
  const has = (privileges: object | undefined) => privileges !== undefined && Object.hasOwn(privileges, privilege);
  if (has((await call({ ...ask, query: { path } }))[path])) return [path];
  const everywhere = Object.entries(await call(ask));
  return everywhere.flatMap(([at, privileges]) => (at.startsWith(`${path}/`) && has(privileges) ? [at] : []));
}

/**
 * Throws `forbidden` when the token has a privilege neither at the path nor below: the server answers many a question
 * with an empty list instead of a refusal.
 */
export async function mayRead(
  client: BackupClient,
  signal: AbortSignal,
  path: string,
  privilege: string,
): Promise<void> {
  if ((await pathsWith(client, signal, path, privilege)).length > 0) return;
  throw new CollectError("forbidden", `the token lacks ${privilege} on ${path}`);
}

/** Asks the server which of the permissions the token has. */
export function checkPermissions(client: BackupClient, signal: AbortSignal): Promise<readonly Finding[]> {
  return Promise.all(PERMISSIONS.map((permission) => checkPermission(client, signal, permission)));
}

async function checkPermission(
  client: BackupClient,
  signal: AbortSignal,
  { path, privilege, grant, hides }: Permission,
): Promise<Finding> {
  const subject = `permission ${privilege} on ${path}`;
  const paths = await pathsWith(client, signal, path, privilege);
  if (paths.includes(path)) return { subject, ok: true, message: "granted" };
  if (paths.length > 0) return { subject, ok: true, message: `granted on ${paths.toSorted().join(", ")} only` };
  if (hides.length > 0) {
    const message = `not granted: give the token, and its user, the role ${grant}`;
    return { subject, ok: false, message, hides: hides.map(({ name }) => name) };
  }
  const message = `not granted: sync jobs that pull from a remote are not listed. The role ${grant} shows them`;
  return { subject, ok: false, message };
}
