import { gauge, info } from "../../../core/metric.ts";

const ofNode = (name: string, help: string, unit: "bytes" | "ratio" | "none" | "timestamp" = "bytes") =>
  gauge(name, { help, unit, labels: ["node"] });

/** `/nodes/{node}/status`. */
export const nodes = {
  load1: ofNode("pve_node_load1", "Load average over 1 minute.", "none"),
  load5: ofNode("pve_node_load5", "Load average over 5 minutes.", "none"),
  load15: ofNode("pve_node_load15", "Load average over 15 minutes.", "none"),
  iowait: ofNode("pve_node_iowait_ratio", "Share of CPU time that waits for disks.", "ratio"),
  swapSize: ofNode("pve_node_swap_size_bytes", "Swap space; 0 when there is none."),
  swapUsage: ofNode("pve_node_swap_usage_bytes", "Used swap space."),
  rootfsSize: ofNode("pve_node_rootfs_size_bytes", "Size of the root file system."),
  rootfsUsage: ofNode("pve_node_rootfs_usage_bytes", "Used space of the root file system."),
  rootfsAvailable: ofNode("pve_node_rootfs_available_bytes", "Space of the root file system that can still be used."),
  memoryAvailable: ofNode(
    "pve_node_memory_available_bytes",
    "Memory that can be had without swapping, cache included; Proxmox VE 9 and newer.",
  ),
  ksmShared: ofNode("pve_node_ksm_shared_bytes", "Memory that guests share by kernel same-page merging."),
  version: info("pve_node_version_info", {
    help: "Version of Proxmox VE and of the running kernel.",
    labels: ["node", "version", "kernel"],
  }),
};

/** `/nodes/{node}/storage`. */
export const storage = {
  enabled: gauge("pve_storage_enabled", {
    help: "Whether the storage is enabled in the cluster's configuration.",
    unit: "boolean",
    labels: ["id"],
  }),
  active: gauge("pve_storage_active", {
    help: "Whether the node can use the storage now.",
    unit: "boolean",
    labels: ["id"],
  }),
  size: gauge("pve_storage_size_bytes", {
    help: "Size of the storage as the node sees it; absent while it is not active.",
    unit: "bytes",
    labels: ["id"],
  }),
  usage: gauge("pve_storage_usage_bytes", {
    help: "Used space of the storage; absent while it is not active.",
    unit: "bytes",
    labels: ["id"],
  }),
};

/** Disk facts of `/nodes/{node}/disks/list`; `disk` is the serial number, or the path where a disk has none. */
export const disks = {
  info: info("pve_physical_disk_info", {
    help: "A disk of a node: path, model, kind (ssd, hdd, nvme...) and what uses it.",
    labels: ["node", "disk", "device", "model", "type", "used"],
  }),
  size: gauge("pve_physical_disk_size_bytes", { help: "Size of the disk.", unit: "bytes", labels: ["node", "disk"] }),
  healthy: gauge("pve_physical_disk_healthy", {
    help: "Whether SMART calls the disk healthy; absent when it was not asked or does not say.",
    unit: "boolean",
    labels: ["node", "disk"],
  }),
  wearoutLeft: gauge("pve_physical_disk_life_left_ratio", {
    help: "Share of a solid-state disk's life that is left by its own count; absent for disks that do not count it.",
    unit: "ratio",
    labels: ["node", "disk"],
  }),
};

/** States of a ZFS pool or device. Source: zpoolconcepts(7), "Device Failure and Recovery". */
export const ZFS_STATES = ["ONLINE", "DEGRADED", "FAULTED", "OFFLINE", "UNAVAIL", "REMOVED", "SUSPENDED"] as const;

const ofPool = (name: string, help: string, unit: "bytes" | "ratio" | "none" | "timestamp" | "boolean") =>
  gauge(name, { help, unit, labels: ["node", "pool"] });

/** `/nodes/{node}/disks/zfs` and `/nodes/{node}/disks/zfs/{pool}`. */
export const zfs = {
  size: ofPool("pve_zfs_pool_size_bytes", "Raw size of the pool, parity included.", "bytes"),
  allocated: ofPool("pve_zfs_pool_allocated_bytes", "Raw space in use.", "bytes"),
  free: ofPool("pve_zfs_pool_free_bytes", "Raw space that is free.", "bytes"),
  fragmentation: ofPool("pve_zfs_pool_fragmentation_ratio", "Fragmentation of the free space.", "ratio"),
  dedup: ofPool("pve_zfs_pool_dedup_ratio", "Size of the data divided by what is stored of it.", "none"),
  state: gauge("pve_zfs_pool_state", {
    help: "State of the pool: 1 for the one it is in, 0 for the others.",
    unit: "boolean",
    labels: ["node", "pool", "state"],
  }),
  dataErrors: ofPool(
    "pve_zfs_pool_data_errors",
    "Whether the pool knows of data that it can not restore; absent when its own words say neither.",
    "boolean",
  ),
  lastScrub: ofPool(
    "pve_zfs_pool_last_scrub_timestamp_seconds",
    "When the newest scrub ended; a resilver is none. Absent when the newest scan is not a finished scrub, and so while one runs.",
    "timestamp",
  ),
  scrubErrors: ofPool("pve_zfs_pool_scrub_errors", "Errors that the newest finished scrub found.", "none"),
  resilvering: ofPool("pve_zfs_pool_resilvering", "Whether a resilver is under way.", "boolean"),
  redundancy: gauge("pve_zfs_vdev_redundancy_disks", {
    help: "How many more disks of the vdev may fail before data is lost: 0 for a single disk and for a mirror with one disk left. A disk that is not resilvered yet does not count; logs, caches and spares have no series.",
    labels: ["node", "pool", "vdev"],
  }),
  redundancyFull: gauge("pve_zfs_vdev_redundancy_full_disks", {
    help: "The same when every disk of the vdev is well: 1 for raidz1 and a mirror of two disks. Disks that were detached are not known of: a mirror counts as made of those it has, two at least, and a single disk beside mirrors or raidz as what they have.",
    labels: ["node", "pool", "vdev"],
  }),
  deviceOnline: gauge("pve_zfs_device_online", {
    help: "Whether the disk of the pool is ONLINE; of a spare, whether it can be used or is.",
    unit: "boolean",
    labels: ["node", "pool", "device"],
  }),
  deviceErrors: gauge("pve_zfs_device_errors", {
    help: "Errors of the disk since they were last cleared, by kind (read, write, checksum). Proxmox VE cuts the units off large counts, so that 1200 may read as 1.2: only whether it is 0 is certain.",
    labels: ["node", "pool", "device", "kind"],
  }),
};

/** `/cluster/ceph/status`. */
export const ceph = {
  health: gauge("pve_ceph_health_status", { help: "Ceph's health: 0 is HEALTH_OK, 1 HEALTH_WARN, 2 HEALTH_ERR." }),
  check: gauge("pve_ceph_health_check", {
    help: "1 for each health check that Ceph raises and that is not muted.",
    unit: "boolean",
    labels: ["check", "severity"],
  }),
  osds: gauge("pve_ceph_osds", { help: "Object storage daemons." }),
  osdsUp: gauge("pve_ceph_osds_up", { help: "Object storage daemons that are up." }),
  osdsIn: gauge("pve_ceph_osds_in", { help: "Object storage daemons that hold data." }),
  monitors: gauge("pve_ceph_monitors", { help: "Monitors in the map." }),
  monitorsInQuorum: gauge("pve_ceph_monitors_in_quorum", { help: "Monitors in the quorum." }),
  size: gauge("pve_ceph_size_bytes", { help: "Raw size of the cluster.", unit: "bytes" }),
  usage: gauge("pve_ceph_usage_bytes", { help: "Raw space in use.", unit: "bytes" }),
  placementGroups: gauge("pve_ceph_placement_groups", { help: "Placement groups by state.", labels: ["state"] }),
  degraded: gauge("pve_ceph_degraded_objects_ratio", {
    help: "Share of object copies that are missing.",
    unit: "ratio",
  }),
};

/** States of a subscription. */
export const SUBSCRIPTION_STATES = ["new", "notfound", "active", "invalid", "expired", "suspended"] as const;

/**
 * `/nodes/{node}/subscription` of every node; names and labels are those of prometheus-pve-exporter, which reads one.
 */
export const subscription = {
  info: info("pve_subscription_info", { help: "Level of the node's subscription.", labels: ["id", "level"] }),
  status: gauge("pve_subscription_status", {
    help: "Status of the node's subscription: 1 for the one it has, 0 for the others.",
    unit: "boolean",
    labels: ["id", "status"],
  }),
  nextDue: gauge("pve_subscription_next_due_timestamp_seconds", {
    help: "When the subscription is due next; midnight UTC of that day.",
    unit: "timestamp",
    labels: ["id"],
  }),
};

/** `/nodes/{node}/certificates/info`. */
export const certificates = {
  notAfter: gauge("pve_certificate_not_after_timestamp_seconds", {
    help: "When the node's certificate ends, by its file.",
    unit: "timestamp",
    labels: ["node", "filename"],
  }),
};

/** `/nodes/{node}/apt/update`, for which a token needs Sys.Modify. */
export const updates = {
  pending: gauge("pve_node_updates_pending", {
    help: "Packages that can be updated, as the node's own daily check found.",
    labels: ["node"],
  }),
};
