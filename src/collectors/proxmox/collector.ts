import { readFile } from "node:fs/promises";
import { minutes, seconds } from "../../core/duration.ts";
import { defineCollector } from "../../core/pack.ts";
import { createHttpClient } from "../../lib/http/client.ts";
import { checkProxmox } from "./check.ts";
import { ProxmoxClient } from "./client.ts";
import { proxmoxConfig, type ProxmoxConfig } from "./config.ts";
import { backupJobsPart } from "./parts/backup-jobs.ts";
import { backupsPart } from "./parts/backups.ts";
import { cephPart } from "./parts/ceph.ts";
import { certificatesPart } from "./parts/certificates.ts";
import { clusterPart } from "./parts/cluster.ts";
import { disksPart } from "./parts/disks.ts";
import { guestConfigPart } from "./parts/guest-config.ts";
import { guestsPart } from "./parts/guests.ts";
import { haPart } from "./parts/ha.ts";
import { nodesPart } from "./parts/nodes.ts";
import { quorumPart } from "./parts/quorum.ts";
import { replicationPart } from "./parts/replication.ts";
import { snapshotsPart } from "./parts/snapshots.ts";
import { storagePart } from "./parts/storage.ts";
import { subscriptionPart } from "./parts/subscription.ts";
import { tasksPart } from "./parts/tasks.ts";
import { updatesPart } from "./parts/updates.ts";
import { zfsPart } from "./parts/zfs.ts";

/**
 * Calls to nodes that hang must not take the connections of those to nodes that answer: room for three to each of 40
 * nodes, since a dead NFS server makes all of them hang at once.
 */
const MAX_CONNECTIONS = 128;

async function connect(config: ProxmoxConfig): Promise<ProxmoxClient> {
  const http = createHttpClient({
    ...(config.ca_file !== undefined && { ca: await readFile(config.ca_file, "utf8") }),
    ...(config.fingerprint !== undefined && { fingerprint: config.fingerprint }),
    ...(config.server_name !== undefined && { serverName: config.server_name }),
    maxConnections: MAX_CONNECTIONS,
    // each call has its own, shorter bound
    timeouts: { connect: seconds(3), headers: minutes(2), total: minutes(2) },
  });
  return new ProxmoxClient(config, http);
}

/** Reads Proxmox VE clusters and standalone hosts. */
export const proxmoxCollector = defineCollector<ProxmoxConfig, ProxmoxClient>({
  id: "proxmox",
  title: "Proxmox VE",
  config: proxmoxConfig,
  parts: [
    clusterPart,
    quorumPart,
    haPart,
    nodesPart,
    guestsPart,
    replicationPart,
    cephPart,
    storagePart,
    zfsPart,
    disksPart,
    backupJobsPart,
    backupsPart,
    tasksPart,
    certificatesPart,
    subscriptionPart,
    updatesPart,
    guestConfigPart,
    snapshotsPart,
  ],
  connect,
  disconnect: (client) => client.close(),
  check: checkProxmox,
});
