/**
 * What differs between the releases of TrueNAS, in one table; nothing else in the pack asks for a release. A server
 * converts its answers to the API version that a socket was opened with, so that it is read by that version's row.
 * Sources: https://api.truenas.com/ and the API models of github.com/truenas/middleware.
 */
export interface Dialect {
  /** The release that brought it, and what {@link DIALECTS} calls it. */
  readonly release: "24.10" | "25.04" | "25.10" | "26";
  /** DDP for the release that has no JSON-RPC. */
  readonly wire: "ddp" | "json-rpc";
  /** What versions of the API begin with, such as `v25.10.`; undefined where there are none. */
  readonly apiPrefix: string | undefined;
  /** Lists snapshots. */
  readonly snapshotQuery: "zfs.snapshot.query" | "pool.snapshot.query" | "zfs.resource.snapshot.query";
  /** Tells of a newer release. */
  readonly update: "update.check_available" | "update.status";
  /** Results of SMART self tests; undefined where the API has none any more. */
  readonly smartTests: "smart.test.results" | undefined;
  /** Pools as ZFS itself has them, which tells of slow requests; undefined before there was such a thing. */
  readonly rawPools: "zpool.query" | undefined;
  /** Why the system wants to be restarted; undefined where it can not be asked. */
  readonly rebootInfo: "system.reboot.info" | undefined;
  /** Whether restic backups to the cloud exist. */
  readonly cloudBackups: boolean;
  /** Whether keys belong to users, so that a login names one. */
  readonly keysHaveUsers: boolean;
  /** Whether a login may be proved without showing the key. */
  readonly scram: boolean;
  /** Whether the REST API is still served. */
  readonly rest: boolean;
  /** Whether the server tells by an alert that somebody uses its REST API. */
  readonly tellsRestClients: boolean;
}

/** Oldest first. */
export const DIALECTS: readonly Dialect[] = [
  {
    release: "24.10",
    wire: "ddp",
    apiPrefix: undefined,
    snapshotQuery: "zfs.snapshot.query",
    update: "update.check_available",
    smartTests: "smart.test.results",
    rawPools: undefined,
    rebootInfo: undefined,
    cloudBackups: true,
    keysHaveUsers: false,
    scram: false,
    rest: true,
    tellsRestClients: false,
  },
  {
    release: "25.04",
    wire: "json-rpc",
    apiPrefix: "v25.04.",
    snapshotQuery: "zfs.snapshot.query",
    update: "update.check_available",
    smartTests: "smart.test.results",
    rawPools: undefined,
    rebootInfo: "system.reboot.info",
    cloudBackups: true,
    keysHaveUsers: true,
    scram: false,
    rest: true,
    tellsRestClients: false,
  },
  {
    release: "25.10",
    wire: "json-rpc",
    apiPrefix: "v25.10.",
    snapshotQuery: "pool.snapshot.query",
    update: "update.status",
    smartTests: undefined,
    rawPools: undefined,
    rebootInfo: "system.reboot.info",
    cloudBackups: true,
    keysHaveUsers: true,
    scram: false,
    rest: true,
    tellsRestClients: true,
  },
  {
    release: "26",
    wire: "json-rpc",
    apiPrefix: "v26.",
    snapshotQuery: "zfs.resource.snapshot.query",
    update: "update.status",
    smartTests: undefined,
    rawPools: "zpool.query",
    rebootInfo: "system.reboot.info",
    cloudBackups: true,
    keysHaveUsers: true,
    scram: true,
    rest: false,
    tellsRestClients: false,
  },
];
