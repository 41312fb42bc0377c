import { gauge, info } from "../../../core/metric.ts";

/** Jobs of `/cluster/backup` and what they cover. */
export const backupJobs = {
  notBackedUp: gauge("pve_not_backed_up_total", {
    help: "Guests that no backup job covers, as Proxmox VE counts them: disabled jobs cover too. Name and labels are those of prometheus-pve-exporter.",
    labels: ["id"],
  }),
  notBackedUpInfo: info("pve_not_backed_up_info", {
    help: "A guest that no backup job covers, as Proxmox VE counts them. Name and labels are those of prometheus-pve-exporter.",
    labels: ["id"],
  }),
  jobInfo: info("pve_backup_job_info", { help: "A backup job.", labels: ["job_id", "storage", "schedule"] }),
  jobEnabled: gauge("pve_backup_job_enabled", {
    help: "Whether the job is enabled.",
    unit: "boolean",
    labels: ["job_id"],
  }),
  jobNextRun: gauge("pve_backup_job_next_run_timestamp_seconds", {
    help: "When the job runs next; absent when it is disabled.",
    unit: "timestamp",
    labels: ["job_id"],
  }),
  jobGuests: gauge("pve_backup_job_guests", {
    help: "Guests that the job covers; templates are left out.",
    labels: ["job_id"],
  }),
  covered: gauge("pve_guest_backup_covered", {
    help: "Whether an ENABLED backup job covers the guest; templates, and guests that may be one because their node is silent, are left out.",
    unit: "boolean",
    labels: ["id"],
  }),
  interval: gauge("pve_guest_backup_interval_seconds", {
    help: "Longest time between two backups by the schedules of the enabled jobs that cover the guest; of several jobs, that of the most frequent.",
    unit: "seconds",
    labels: ["id"],
  }),
};

/** What the storages hold of `/nodes/{node}/storage/{storage}/content`. */
export const backups = {
  last: gauge("pve_guest_backup_last_timestamp_seconds", {
    help: "When the newest good backup of the guest was begun: on whichever storage, finished, and not found damaged by a verification. Absent when there is none, or when a shared storage or one of the guest's node could not be read, which may hold a newer one.",
    unit: "timestamp",
    labels: ["id"],
  }),
  lastSize: gauge("pve_guest_backup_last_size_bytes", {
    help: "Size of the guest's newest good backup; on a Proxmox Backup Server before deduplication.",
    unit: "bytes",
    labels: ["id"],
  }),
  lastVerified: gauge("pve_guest_backup_last_verified", {
    help: "Whether the verification of the guest's newest verified backup on a Proxmox Backup Server succeeded; absent when none was verified.",
    unit: "boolean",
    labels: ["id"],
  }),
  count: gauge("pve_guest_backups", {
    help: "Finished backups of the guest on all storages; 0 only when all were read.",
    labels: ["id"],
  }),
  orphaned: gauge("pve_backup_orphaned", {
    help: "Backups of guests that are no more, by storage; on a Proxmox Backup Server also those of guests of other clusters that share the namespace.",
    labels: ["storage"],
  }),
  orphanedSize: gauge("pve_backup_orphaned_bytes", {
    help: "Size of the backups of guests that are no more, by storage.",
    unit: "bytes",
    labels: ["storage"],
  }),
};

/** What became of finished backups, from `/nodes/{node}/tasks` and the logs of those of many guests. */
export const backupTasks = {
  guestLastEnd: gauge("pve_guest_backup_task_end_timestamp_seconds", {
    help: "When the newest backup task of the guest ended, however it did, within the last 7 days.",
    unit: "timestamp",
    labels: ["id"],
  }),
  guestLastSuccess: gauge("pve_guest_backup_task_success", {
    help: "Whether the newest backup task of the guest succeeded, also within a job of many guests.",
    unit: "boolean",
    labels: ["id"],
  }),
  nodeLastEnd: gauge("pve_backup_task_end_timestamp_seconds", {
    help: "When the node's newest backup task with this outcome (ok, warnings, failed) ended, within the last 7 days.",
    unit: "timestamp",
    labels: ["node", "outcome"],
  }),
};

/** All other tasks of `/nodes/{node}/tasks`. */
export const tasks = {
  failed: gauge("pve_tasks_failed", {
    help: "Tasks of the node that ended with an error within the last 24 hours, by type, without backups; types of which none failed have no series, and warnings are not counted.",
    labels: ["node", "type"],
  }),
};
