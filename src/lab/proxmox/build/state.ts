import type { ProxmoxState } from "../model.ts";
import type { ClusterOptions } from "../options.ts";
import { createRandom } from "../random.ts";
import { buildBackupJobs } from "./backup-jobs.ts";
import { buildBackups } from "./backups.ts";
import { buildCeph } from "./ceph.ts";
import { buildGuests, POOLS } from "./guests.ts";
import { buildHa } from "./ha.ts";
import { buildNodes } from "./nodes.ts";
import { buildReplication } from "./replication.ts";
import { buildStorages } from "./storages.ts";
import { buildTasks } from "./tasks.ts";
import type { World } from "./world.ts";

/** A healthy cluster, the same for the same options and moment (milliseconds since 1970). */
export function buildState(options: ClusterOptions, nowMs: number): ProxmoxState {
  const world: World = {
    random: createRandom(options.seed),
    now: Math.floor(nowMs / 1000),
    release: options.version,
    nodeNames: Array.from({ length: options.nodes }, (_, index) => `pve${index + 1}`),
  };
  const guests = buildGuests(world, options.guests);
  return {
    clusterName: options.standalone ? undefined : "lab",
    clusterVersion: 5,
    quorate: undefined,
    qdevice: options.qdevice && !options.standalone ? { ...QDEVICE } : undefined,
    clockOffsetMs: 0,
    nodes: buildNodes(world, options),
    guests,
    storages: buildStorages(world),
    pools: [...POOLS],
    replicationJobs: buildReplication(world, guests),
    backupJobs: buildBackupJobs(world, guests),
    backups: buildBackups(world, guests),
    tasks: buildTasks(world, guests),
    ha: options.standalone ? undefined : buildHa(world, guests),
    ceph: options.ceph ? buildCeph(world) : undefined,
  };
}

const QDEVICE = {
  Algorithm: "Fifty-Fifty split",
  "Echo reply": "2026-11-23T10:00:00",
  "Last poll call": "2026-11-23T10:00:00 (cast vote)",
  Model: "Net",
  "QNetd host": "10.10.10.9:5403",
  State: "Connected",
  "Tie-breaker": "Node with lowest node ID",
};
