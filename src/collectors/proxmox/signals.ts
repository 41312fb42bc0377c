import { backupSignals } from "./signals/backups.ts";
import { cephSignals } from "./signals/ceph.ts";
import { clusterSignals } from "./signals/cluster.ts";
import { commitmentSignals } from "./signals/commitment.ts";
import { diskSignals, zfsSignals } from "./signals/disks.ts";
import { guestFigures } from "./signals/guest-figures.ts";
import { guestSignals } from "./signals/guests.ts";
import { haSignals } from "./signals/ha.ts";
import { nodeSignals } from "./signals/nodes.ts";
import { replicationSignals } from "./signals/replication.ts";
import { storageSignals } from "./signals/storage.ts";
import { summarySignals } from "./signals/summary.ts";
import { upkeepSignals } from "./signals/upkeep.ts";

/** What can be asked of a Proxmox VE cluster. */
export const proxmoxSignals = {
  ...summarySignals,
  ...clusterSignals,
  ...haSignals,
  ...nodeSignals,
  ...commitmentSignals,
  ...guestSignals,
  ...guestFigures,
  ...storageSignals,
  ...backupSignals,
  ...replicationSignals,
  ...zfsSignals,
  ...diskSignals,
  ...cephSignals,
  ...upkeepSignals,
};
