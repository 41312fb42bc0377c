import { BACKUP_ROUTES } from "./backup.ts";
import { CLUSTER_ROUTES } from "./cluster.ts";
import { DISK_ROUTES } from "./disks.ts";
import { GUEST_ROUTES } from "./guests.ts";
import { HA_ROUTES } from "./ha.ts";
import { NODE_ROUTES } from "./nodes.ts";
import { REPLICATION_ROUTES } from "./replication.ts";
import { RESOURCE_ROUTES } from "./resources.ts";
import type { Route } from "./route.ts";
import { STORAGE_ROUTES } from "./storage.ts";
import { TASK_ROUTES } from "./tasks.ts";

/** A route that was found for a request, with the parts of its path. */
export interface FoundRoute {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

const ROUTES: readonly Route[] = [
  ...CLUSTER_ROUTES,
  ...RESOURCE_ROUTES,
  ...HA_ROUTES,
  ...BACKUP_ROUTES,
  ...REPLICATION_ROUTES,
  ...NODE_ROUTES,
  ...GUEST_ROUTES,
  ...STORAGE_ROUTES,
  ...DISK_ROUTES,
  ...TASK_ROUTES,
];

const PATTERNS = ROUTES.map((route) => ({ route, pattern: toPattern(route.path) }));

/** The route of a path without `/api2/json`; undefined for one that the lab does not have. */
export function findRoute(path: string): FoundRoute | undefined {
  for (const { route, pattern } of PATTERNS) {
    const match = pattern.exec(path);
    if (match !== null) return { route, parameters: { ...match.groups } };
  }
  return undefined;
}

function toPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/:(\w+)/g, (_, name: string) => `(?<${name}>[^/]+)`)}$`);
}
