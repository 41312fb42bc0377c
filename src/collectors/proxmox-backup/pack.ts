import type { Pack } from "../../core/pack.ts";
import { proxmoxBackupAlerts } from "./alerts.ts";
import { proxmoxBackupCollector } from "./collector.ts";
import { proxmoxBackupDashboards } from "./dashboards.ts";
import { proxmoxBackupInhibitions } from "./inhibitions.ts";
import { proxmoxBackupRelations } from "./relations.ts";
import { proxmoxBackupSignals } from "./signals.ts";

/** Proxmox Backup Server: datastores, jobs, backup groups, verification, tasks and the machine. */
export const proxmoxBackupPack: Pack = {
  id: "proxmox-backup",
  title: "Proxmox Backup Server",
  collector: proxmoxBackupCollector,
  signals: proxmoxBackupSignals,
  alerts: proxmoxBackupAlerts,
  inhibitions: proxmoxBackupInhibitions,
  dashboards: proxmoxBackupDashboards,
  relations: proxmoxBackupRelations,
};
