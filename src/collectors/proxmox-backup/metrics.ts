import { gauge, info } from "../../core/metric.ts";

/** The server and its machine. */
export const server = {
  up: gauge("pbs_up", {
    help: "Whether the server answers as a Proxmox Backup Server does; needs no token.",
    unit: "boolean",
  }),
  version: info("pbs_version_info", { help: "Version of the server.", labels: ["version", "release", "repoid"] }),
  cpu: gauge("pbs_host_cpu_usage_ratio", { help: "Share of the processors that is busy.", unit: "ratio" }),
  ioWait: gauge("pbs_host_io_wait_ratio", {
    help: "Share of the processors' time spent waiting for disks.",
    unit: "ratio",
  }),
  load1: gauge("pbs_host_load1", { help: "Load over 1 minute." }),
  load5: gauge("pbs_host_load5", { help: "Load over 5 minutes." }),
  load15: gauge("pbs_host_load15", { help: "Load over 15 minutes." }),
  memoryTotal: gauge("pbs_host_memory_total_bytes", { help: "Memory of the machine.", unit: "bytes" }),
  memoryUsed: gauge("pbs_host_memory_used_bytes", { help: "Memory in use.", unit: "bytes" }),
  memoryFree: gauge("pbs_host_memory_free_bytes", { help: "Memory that nothing uses.", unit: "bytes" }),
  swapTotal: gauge("pbs_host_swap_total_bytes", { help: "Swap of the machine.", unit: "bytes" }),
  swapUsed: gauge("pbs_host_swap_used_bytes", { help: "Swap in use.", unit: "bytes" }),
  swapFree: gauge("pbs_host_swap_free_bytes", { help: "Swap that nothing uses.", unit: "bytes" }),
  diskTotal: gauge("pbs_host_disk_total_bytes", { help: "Size of the root file system.", unit: "bytes" }),
  diskUsed: gauge("pbs_host_disk_used_bytes", { help: "Used on the root file system.", unit: "bytes" }),
  diskAvailable: gauge("pbs_host_disk_available_bytes", {
    help: "Available on the root file system.",
    unit: "bytes",
  }),
  uptime: gauge("pbs_host_uptime_seconds", { help: "Time since the machine was started.", unit: "seconds" }),
};

/** `status/datastore-usage`. */
export const datastores = {
  usable: gauge("pbs_datastore_usable", {
    help: "Whether the server can open the datastore; absent where the token may not know.",
    unit: "boolean",
    labels: ["datastore"],
  }),
  mounted: gauge("pbs_datastore_mounted", {
    help: "Whether a removable datastore is mounted; absent for one that is not removable.",
    unit: "boolean",
    labels: ["datastore"],
  }),
  info: info("pbs_datastore_info", {
    help: "Where the datastore keeps its chunks; servers before 4 do not tell.",
    labels: ["datastore", "backend_type"],
  }),
  size: gauge("pbs_datastore_size_bytes", {
    help: "Size of the file system of the datastore; for an S3 datastore, of its local cache.",
    unit: "bytes",
    labels: ["datastore"],
  }),
  used: gauge("pbs_datastore_used_bytes", {
    help: "Used on the file system of the datastore.",
    unit: "bytes",
    labels: ["datastore"],
  }),
  available: gauge("pbs_datastore_available_bytes", {
    help: "Available on the file system of the datastore.",
    unit: "bytes",
    labels: ["datastore"],
  }),
  estimatedFull: gauge("pbs_datastore_estimated_full_timestamp_seconds", {
    help: "When the datastore will be full by the server's estimate over a month; absent when its use shrinks or stays, or the server knows too little.",
    unit: "timestamp",
    labels: ["datastore"],
  }),
  deduplication: gauge("pbs_datastore_deduplication_factor", {
    help: "Size of all backups over the bytes that they take on the disk, as the last garbage collection found.",
    labels: ["datastore"],
  }),
  pending: gauge("pbs_datastore_gc_pending_bytes", {
    help: "Bytes that a later garbage collection will remove; kept for 24 hours for safety.",
    unit: "bytes",
    labels: ["datastore"],
  }),
  removed: gauge("pbs_datastore_gc_removed_bytes", {
    help: "Bytes that the last garbage collection removed.",
    unit: "bytes",
    labels: ["datastore"],
  }),
  removedBad: gauge("pbs_datastore_gc_removed_bad_chunks", {
    help: "Damaged chunks that the last garbage collection removed, because no backup needed them any more.",
    labels: ["datastore"],
  }),
  stillBad: gauge("pbs_datastore_gc_still_bad_chunks", {
    help: "Damaged chunks that backups still need, as the last garbage collection found.",
    labels: ["datastore"],
  }),
};

const ofJob = ["kind", "datastore", "job_id"] as const;

/** `admin/gc`, `admin/verify`, `admin/sync` and `admin/prune`; the id of a garbage collection is its datastore. */
export const jobs = {
  scheduled: gauge("pbs_job_scheduled", {
    help: "Whether the job has a schedule and is not disabled.",
    unit: "boolean",
    labels: ofJob,
  }),
  running: gauge("pbs_job_running", { help: "Whether the job runs just now.", unit: "boolean", labels: ofJob }),
  success: gauge("pbs_job_last_run_success", {
    help: "Whether the last finished run ended well, warnings included; absent before the first run, and for one that was cut off.",
    unit: "boolean",
    labels: ofJob,
  }),
  warnings: gauge("pbs_job_last_run_warnings", {
    help: "Warnings of the last finished run; absent when it failed.",
    labels: ofJob,
  }),
  lastRun: gauge("pbs_job_last_run_timestamp_seconds", {
    help: "When the last finished run ended; absent before the first.",
    unit: "timestamp",
    labels: ofJob,
  }),
  nextRun: gauge("pbs_job_next_run_timestamp_seconds", {
    help: "When the schedule wants the run that comes after the last; in the past when it is overdue.",
    unit: "timestamp",
    labels: ofJob,
  }),
};

const ofGroup = ["datastore", "namespace", "backup_type", "backup_id"] as const;

/** Namespaces and backup groups; the root namespace is the empty label. */
export const groups = {
  snapshots: gauge("pbs_snapshots", {
    help: "How many snapshots the namespace holds, without those of namespaces in it.",
    labels: ["datastore", "namespace"],
  }),
  groups: gauge("pbs_groups", {
    help: "How many backup groups the namespace holds, without those of namespaces in it.",
    labels: ["datastore", "namespace"],
  }),
  groupSnapshots: gauge("pbs_group_snapshots", { help: "How many snapshots the group has.", labels: ofGroup }),
  lastBackup: gauge("pbs_group_last_backup_timestamp_seconds", {
    help: "When the newest backup of the group was begun.",
    unit: "timestamp",
    labels: ofGroup,
  }),
  lastGood: gauge("pbs_group_last_good_backup_timestamp_seconds", {
    help: "When the newest backup was begun that is finished and did not fail its verification; absent when there is none.",
    unit: "timestamp",
    labels: ofGroup,
  }),
  usualInterval: gauge("pbs_group_usual_interval_seconds", {
    help: "Usual time between two backups: the median of the newest gaps; absent with fewer than three backups.",
    unit: "seconds",
    labels: ofGroup,
  }),
  lastSize: gauge("pbs_group_last_backup_size_bytes", {
    help: "Size of the newest backup before deduplication; absent when it is not finished.",
    unit: "bytes",
    labels: ofGroup,
  }),
  lastVerified: gauge("pbs_group_last_backup_verified", {
    help: "Whether the newest backup passed its verification; absent while it was not verified.",
    unit: "boolean",
    labels: ofGroup,
  }),
  unverified: gauge("pbs_group_unverified_snapshots", {
    help: "How many snapshots of the group were never verified.",
    labels: ofGroup,
  }),
  oldestUnverified: gauge("pbs_group_oldest_unverified_backup_timestamp_seconds", {
    help: "When the oldest backup of the group was begun that was never verified; absent when there is none.",
    unit: "timestamp",
    labels: ofGroup,
  }),
  failed: gauge("pbs_group_verify_failed_snapshots", {
    help: "How many snapshots of the group failed their last verification.",
    labels: ofGroup,
  }),
  info: info("pbs_group_info", {
    help: "Owner of the group and note of its newest backup, which is the guest's name unless the backup job says otherwise.",
    labels: [...ofGroup, "owner", "comment"],
  }),
};

/** `nodes/localhost/tasks`. */
export const tasks = {
  failed: gauge("pbs_tasks_failed", {
    help: "Tasks that ended with an error in the last 24 hours.",
    labels: ["worker_type"],
  }),
};

/** States of a subscription. */
export const SUBSCRIPTION_STATES = ["new", "notfound", "active", "invalid", "expired", "suspended"] as const;

/** `nodes/localhost/subscription`. */
export const subscription = {
  status: gauge("pbs_host_subscription_status", {
    help: "The state of the subscription: 1 for the one it is in, 0 for the others.",
    unit: "boolean",
    labels: ["status"],
  }),
  info: info("pbs_host_subscription_info", {
    help: "Product and state of the subscription.",
    labels: ["productname", "status"],
  }),
  due: gauge("pbs_host_subscription_due_timestamp_seconds", {
    help: "When the subscription is next due.",
    unit: "timestamp",
    labels: ["productname"],
  }),
};

/** The certificate that the server shows. */
export const certificate = {
  expiry: gauge("pbs_certificate_expiry_timestamp_seconds", {
    help: "When the certificate ends that the server shows at its URL.",
    unit: "timestamp",
  }),
};
