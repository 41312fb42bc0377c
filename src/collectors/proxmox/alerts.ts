import { backupAlerts } from "./alerts/backups.ts";
import { cephAlerts } from "./alerts/ceph.ts";
import { clusterAlerts } from "./alerts/cluster.ts";
import { diskAlerts } from "./alerts/disks.ts";
import { guestAlerts } from "./alerts/guests.ts";
import { haAlerts } from "./alerts/ha.ts";
import { nodeAlerts } from "./alerts/nodes.ts";
import { replicationAlerts } from "./alerts/replication.ts";
import { storageAlerts } from "./alerts/storage.ts";
import { upkeepAlerts } from "./alerts/upkeep.ts";
import { zfsAlerts } from "./alerts/zfs.ts";

/** Conditions of a Proxmox VE cluster that somebody must know of. */
export const proxmoxAlerts = [
  ...clusterAlerts,
  ...haAlerts,
  ...nodeAlerts,
  ...guestAlerts,
  ...storageAlerts,
  ...backupAlerts,
  ...replicationAlerts,
  ...zfsAlerts,
  ...diskAlerts,
  ...cephAlerts,
  ...upkeepAlerts,
];
