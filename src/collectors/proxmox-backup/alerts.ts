import { alertsOfBackups } from "./alerts/backups.ts";
import { alertsOfJobs } from "./alerts/jobs.ts";
import { alertsOfServer } from "./alerts/server.ts";

/** Conditions of a Proxmox Backup Server that somebody must know of. */
export const proxmoxBackupAlerts = [...alertsOfServer, ...alertsOfJobs, ...alertsOfBackups];
