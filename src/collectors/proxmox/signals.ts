import { backupSignals } from "./signals/backups.ts";
import { cephSignals } from "./signals/ceph.ts";
import { clusterSignals } from "./signals/cluster.ts";
import { commitmentSignals } from "./signals/commitment.ts";
import { diskSignals, zfsSignals } from "./signals/disks.ts";
import { guestSignals } from "./signals/guests.ts";
import { haSignals } from "./signals/ha.ts";
import { nodeSignals } from "./signals/nodes.ts";
import { replicationSignals } from "./signals/replication.ts";
import { storageSignals } from "./signals/storage.ts";
import { upkeepSignals } from "./signals/upkeep.ts";

/** What can be asked of a Proxmox VE cluster. */
export const proxmoxSignals = {
  ...clusterSignals,
  ...haSignals,
  ...nodeSignals,
  ...commitmentSignals,
  ...guestSignals,
  ...storageSignals,
  ...backupSignals,
  ...replicationSignals,
  ...zfsSignals,
  ...diskSignals,
  ...cephSignals,
  ...upkeepSignals,
};
