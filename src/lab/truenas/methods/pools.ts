import type { LabPool, LabScan, LabVdev } from "../model/storage-shape.ts";
import type { LabMethods, MethodContext } from "./contract.ts";
import { diskRow } from "./disks.ts";
import { answerQuery } from "./storage-query.ts";

/** `pool.query` and `boot.get_state`, which is one pool without a row in the database. */
export const poolsMethods: LabMethods = {
  "pool.query": {
    role: "POOL_READ",
    call: (context) =>
      answerQuery(
        context.state.storage.pools.map((pool) => ({ id: pool.id, guid: pool.guid, ...poolRow(context, pool) })),
        context.params,
      ),
  },
  "boot.get_state": {
    role: "READONLY_ADMIN",
    call: (context) => poolRow(context, context.state.storage.bootPool),
  },
  "pool.scrub.query": {
    role: "POOL_READ",
    call: ({ state, params }) =>
      answerQuery(
        state.storage.scrubTasks.map((task) => scrubRow(state.storage, task)),
        params,
      ),
  },
};

type Storage = MethodContext["state"]["storage"];

const scrubRow = ({ pools }: Storage, task: Storage["scrubTasks"][number]) => ({
  id: task.id,
  pool: pools.find(({ name }) => name === task.pool)?.id ?? 0,
  threshold: task.threshold,
  description: "",
  schedule: { minute: "00", hour: "00", dom: "*", month: "*", dow: "7" },
  enabled: task.enabled,
  pool_name: task.pool,
});

/** Of a pool that is not imported the server knows what its database does; everything else is null. */
function poolRow(context: MethodContext, pool: LabPool): Record<string, unknown> {
  const found = pool.isImported ? pool : undefined;
  const size = (bytes: number | undefined) => bytes ?? null;
  const text = (bytes: number | undefined) => (bytes === undefined ? null : String(bytes));
  const free = found && found.size - found.allocated;
  const trim = found?.autotrim === true ? "on" : "off";
  return {
    name: pool.name,
    path: pool.id === undefined ? "/" : `/mnt/${pool.name}`,
    status: found?.status ?? "OFFLINE",
    scan: found === undefined ? null : scanRow(context, found.scan),
    expand: null,
    topology: found === undefined ? null : topologyOf(context, found),
    healthy: found?.healthy ?? false,
    warning: found?.warning ?? false,
    status_code: found?.statusCode ?? null,
    status_detail: found?.statusDetail ?? null,
    size: size(found?.size),
    allocated: size(found?.allocated),
    free: size(free),
    freeing: size(found && 0),
    fragmentation: text(found?.fragmentation),
    size_str: text(found?.size),
    allocated_str: text(found?.allocated),
    free_str: text(free),
    freeing_str: text(found && 0),
    dedup_table_quota: found ? "0" : null,
    dedup_table_size: size(found && 0),
    ...(context.release === "26" && { all_sed: false }),
    autotrim: { parsed: trim, rawvalue: trim, source: trim === "on" ? "LOCAL" : "DEFAULT", value: trim },
  };
}

const NEVER = {
  function: null,
  state: null,
  start_time: null,
  end_time: null,
  percentage: null,
  bytes_to_process: null,
  bytes_processed: null,
  bytes_issued: null,
  pause: null,
  errors: null,
  total_secs_left: null,
};

/** A pool that was never scanned: null in 26, a scan of nulls before. */
function scanRow({ release, date }: MethodContext, scan: LabScan | undefined): unknown {
  if (scan === undefined) return release === "26" ? null : NEVER;
  return {
    function: scan.function,
    state: scan.state,
    start_time: date(scan.startedAt),
    end_time: scan.endedAt === undefined ? null : date(scan.endedAt),
    percentage: scan.percentage,
    bytes_to_process: 1e12,
    bytes_processed: 1e10 * scan.percentage,
    bytes_issued: 1e10 * scan.percentage,
    pause: scan.pausedAt === undefined ? null : date(scan.pausedAt),
    errors: scan.errors,
    total_secs_left: scan.state === "SCANNING" ? 7200 : null,
  };
}

const topologyOf = (context: MethodContext, { topology }: LabPool) =>
  Object.fromEntries(
    Object.entries(topology).map(([name, vdevs]) => [name, vdevs.map((vdev) => vdevRow(context, vdev))]),
  );

function vdevRow(context: MethodContext, vdev: LabVdev): Record<string, unknown> {
  const { disk, errors, status } = vdev;
  const path = disk === undefined ? null : `/dev/disk/by-partuuid/${partitionOf(vdev)}`;
  const present = vdev.isGone === true ? undefined : disk;
  const was = status === "ONLINE" ? undefined : context.state.storage.disks.find(({ name }) => name === disk);
  return {
    name: disk === undefined ? vdev.name : context.release === "26" ? path : partitionOf(vdev),
    type: vdev.type,
    path,
    guid: vdev.guid,
    status,
    stats: {
      timestamp: 184_841_853_784,
      read_errors: errors.read,
      write_errors: errors.write,
      checksum_errors: errors.checksum,
      ops: [0, 3, 294, 0, 0, 0, 0],
      bytes: [0, 24_576, 3_178_496, 0, 0, 0, 0],
      size: 0,
      allocated: 0,
      fragmentation: 0,
      self_healed: 0,
      configured_ashift: 12,
      logical_ashift: 9,
      physical_ashift: 9,
    },
    children: vdev.children.map((child) => vdevRow(context, child)),
    ...(disk !== undefined && { device: present === undefined ? null : deviceOf(present), disk: present ?? null }),
    unavail_disk: was === undefined ? null : diskRow(context, was, false),
  };
}

const deviceOf = (disk: string): string => (disk.startsWith("nvme") ? `${disk}p1` : `${disk}1`);

/** Made from the guid, so that it stays with its disk. */
const partitionOf = ({ guid }: LabVdev): string =>
  [guid.slice(0, 8), guid.slice(8, 12), "4e1b", guid.slice(12, 16), guid.slice(8, 20)].join("-");
