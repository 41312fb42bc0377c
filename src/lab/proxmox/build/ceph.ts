import type { WireRow } from "../model.ts";
import type { World } from "./world.ts";
import { TIB } from "./world.ts";

/** A healthy Ceph with one disk for each node. Ceph 19 of release 9 names no monitors and no active manager. */
export function buildCeph({ random, release, nodeNames, now }: World): WireRow {
  const count = nodeNames.length;
  const bytesTotal = count * 2 * TIB;
  const bytesUsed = Math.round(bytesTotal * random.between(0.2, 0.5));
  return {
    fsid: `${random.hex(8)}-1111-4222-8333-${random.hex(12)}`,
    health: { status: "HEALTH_OK", checks: {}, mutes: [] },
    election_epoch: 42,
    quorum: nodeNames.map((_, index) => index),
    quorum_names: nodeNames,
    quorum_age: 864_000,
    monmap: {
      epoch: 3,
      min_mon_release_name: release === "9.1" ? "squid" : "reef",
      num_mons: count,
      ...(release === "8.4" && { mons: nodeNames.map((name, rank) => ({ rank, name })) }),
    },
    osdmap: {
      epoch: 1234,
      num_osds: count,
      num_up_osds: count,
      osd_up_since: now - 90_000,
      num_in_osds: count,
      osd_in_since: now - 900_000,
      num_remapped_pgs: 0,
    },
    pgmap: {
      pgs_by_state: [{ state_name: "active+clean", count: 129 }],
      num_pgs: 129,
      num_pools: 2,
      num_objects: 51_234,
      data_bytes: Math.round(bytesUsed / 3),
      bytes_used: bytesUsed,
      bytes_avail: bytesTotal - bytesUsed,
      bytes_total: bytesTotal,
      read_bytes_sec: 12_345,
      write_bytes_sec: 234_567,
      read_op_per_sec: 3,
      write_op_per_sec: 24,
    },
    mgrmap: {
      available: true,
      num_standbys: count - 1,
      modules: ["iostat", "nfs"],
      services: {},
      ...(release === "8.4" && { active_name: nodeNames[0] }),
    },
    fsmap: { epoch: 1, by_rank: [], "up:standby": 0 },
    servicemap: { epoch: 77, modified: new Date(now * 1000).toISOString(), services: {} },
    progress_events: {},
  };
}
