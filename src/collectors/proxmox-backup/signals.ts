import { backupSignals } from "./signals/backups.ts";
import { datastoreSignals } from "./signals/datastores.ts";
import { jobSignals } from "./signals/jobs.ts";
import { serverSignals } from "./signals/server.ts";
import { summarySignals } from "./signals/summary.ts";

/** What can be asked of a Proxmox Backup Server. */
export const proxmoxBackupSignals = {
  ...summarySignals,
  ...serverSignals,
  ...datastoreSignals,
  ...jobSignals,
  ...backupSignals,
};
