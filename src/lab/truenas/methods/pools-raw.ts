import type { LabPool, LabVdev } from "../model/storage-shape.ts";
import type { LabMethods, MethodContext } from "./contract.ts";

/** `zpool.query`, which 26 has beside `pool.query`: types in small letters, guids as numbers, times in seconds. */
export const rawPoolsMethods: LabMethods = {
  "zpool.query": {
    role: "POOL_READ",
    since: "26",
    call: ({ state, params: [wanted] }: MethodContext) => {
      const { pool_names: names, topology } = (wanted ?? {}) as { pool_names?: readonly string[]; topology?: boolean };
      const { pools, bootPool } = state.storage;
      return [...pools, bootPool]
        .filter(({ name, id }) => (names === undefined ? id !== undefined : names.includes(name)))
        .map((pool) => rawRow(pool, topology === true));
    },
  },
};

const rawRow = (pool: LabPool, isDeep: boolean) => ({
  id: pool.id ?? null,
  name: pool.name,
  guid: Number(pool.guid),
  status: pool.isImported ? pool.status : "OFFLINE",
  healthy: pool.isImported && pool.healthy,
  warning: pool.isImported && pool.warning,
  status_code: pool.isImported ? pool.statusCode : null,
  status_detail: pool.statusDetail,
  is_upgraded: pool.isImported ? !pool.warning : null,
  properties: null,
  topology: isDeep && pool.isImported ? rawTopology(pool) : null,
  scan: null,
  expand: null,
  features: null,
});

function rawTopology({ topology }: LabPool) {
  const { data, log, cache, spare, special, dedup } = topology;
  const rows = (vdevs: readonly LabVdev[]) => vdevs.map(rawVdev);
  return {
    data: rows(data.filter(({ type }) => type !== "DISK")),
    log: rows(log),
    cache: rows(cache),
    spares: rows(spare),
    stripe: rows(data.filter(({ type }) => type === "DISK")),
    special: rows(special),
    dedup: rows(dedup),
  };
}

interface RawVdev {
  readonly name: string;
  readonly children: readonly RawVdev[];
}

const rawVdev = (vdev: LabVdev): RawVdev & Readonly<Record<string, unknown>> => ({
  name: vdev.disk === undefined ? vdev.name : `/dev/${vdev.disk}1`,
  vdev_type: vdev.type.toLowerCase(),
  guid: Number(vdev.guid),
  state: vdev.status === "UNAVAIL" ? "CANT_OPEN" : vdev.status,
  stats: {
    timestamp: 184_841_853_784,
    read_errors: vdev.errors.read,
    write_errors: vdev.errors.write,
    checksum_errors: vdev.errors.checksum,
    slow_ios: vdev.children.length === 0 ? vdev.slowIos : null,
    self_healed_bytes: 0,
    scan_processed: 0,
  },
  children: vdev.children.map(rawVdev),
  top_guid: null,
});
