import { counter, gauge, info } from "../../../core/metric.ts";

const ofPool = ["pool"] as const;
const ofVdev = ["pool", "class", "vdev"] as const;
const ofDevice = ["pool", "class", "vdev", "disk", "guid"] as const;

/** `pool.query`, `boot.get_state` and the root datasets; the boot pool is one of the pools. */
export const pools = {
  info: info("truenas_pool_info", {
    help: "The pool: its role is `boot` or `data`; its status is ZFS' own, such as ONLINE or SUSPENDED; status_code says why, such as FEAT_DISABLED.",
    labels: ["pool", "guid", "role", "status", "status_code"],
  }),
  imported: gauge("truenas_pool_imported", {
    help: "Whether the pool is there. Of one that could not be imported nothing else is known.",
    unit: "boolean",
    labels: ofPool,
  }),
  healthy: gauge("truenas_pool_healthy", {
    help: "Whether the server calls the pool healthy.",
    unit: "boolean",
    labels: ofPool,
  }),
  warning: gauge("truenas_pool_warning", {
    help: "Whether the server has something to say of a pool that is healthy, such as features that are not enabled.",
    unit: "boolean",
    labels: ofPool,
  }),
  suspended: gauge("truenas_pool_suspended", {
    help: "Whether the pool stopped all work because its disks failed: everything that uses it hangs.",
    unit: "boolean",
    labels: ofPool,
  }),
  size: gauge("truenas_pool_size_bytes", {
    help: "Raw size of the pool's disks, parity included.",
    unit: "bytes",
    labels: ofPool,
  }),
  allocated: gauge("truenas_pool_allocated_bytes", {
    help: "Raw space that is in use, parity included.",
    unit: "bytes",
    labels: ofPool,
  }),
  usableUsed: gauge("truenas_pool_usable_used_bytes", {
    help: "Space in use as its owner sees it: of the root dataset and everything in it.",
    unit: "bytes",
    labels: ofPool,
  }),
  usableAvailable: gauge("truenas_pool_usable_available_bytes", {
    help: "Space that can still be used as its owner sees it.",
    unit: "bytes",
    labels: ofPool,
  }),
  fragmentation: gauge("truenas_pool_fragmentation_ratio", {
    help: "How much of the free space is in small pieces.",
    unit: "ratio",
    labels: ofPool,
  }),
  autotrim: gauge("truenas_pool_autotrim", {
    help: "Whether the pool tells its SSDs at once what is free.",
    unit: "boolean",
    labels: ofPool,
  }),
  redundancy: gauge("truenas_pool_redundancy_disks", {
    help: "How many more disks may fail in the worst place before data is lost: the least of the pool's data, special and dedup vdevs.",
    labels: ofPool,
  }),
  sparesAvailable: gauge("truenas_pool_spares_available", {
    help: "Hot spares that wait for use.",
    labels: ofPool,
  }),
  sparesInUse: gauge("truenas_pool_spares_in_use", {
    help: "Hot spares that stand in for a failed disk.",
    labels: ofPool,
  }),
  scrubbing: gauge("truenas_pool_scrubbing", {
    help: "Whether a scrub is under way, paused or not.",
    unit: "boolean",
    labels: ofPool,
  }),
  scrubPaused: gauge("truenas_pool_scrub_paused", {
    help: "Whether the scrub under way is paused; absent while there is none.",
    unit: "boolean",
    labels: ofPool,
  }),
  resilvering: gauge("truenas_pool_resilvering", {
    help: "Whether a resilver is under way.",
    unit: "boolean",
    labels: ofPool,
  }),
  scanProgress: gauge("truenas_pool_scan_progress_ratio", {
    help: "How far the scrub or resilver under way is; absent while there is none.",
    unit: "ratio",
    labels: ofPool,
  }),
  scanStart: gauge("truenas_pool_scan_start_timestamp_seconds", {
    help: "When the scrub or resilver under way began; absent while there is none.",
    unit: "timestamp",
    labels: ofPool,
  }),
  lastScrub: gauge("truenas_pool_last_scrub_timestamp_seconds", {
    help: "When the last finished scrub ended; a resilver is none. Absent when Watchkeeper has not seen it: ZFS tells of its newest scan only.",
    unit: "timestamp",
    labels: ofPool,
  }),
  scrubErrors: gauge("truenas_pool_scrub_errors", {
    help: "Errors that the last finished scrub found and could not all repair.",
    labels: ofPool,
  }),
  neverScrubbed: gauge("truenas_pool_never_scrubbed", {
    help: "Whether ZFS has no scan of the pool on record at all.",
    unit: "boolean",
    labels: ofPool,
  }),
  scrubScheduled: gauge("truenas_pool_scrub_scheduled", {
    help: "Whether an enabled scrub task of the server's own is there for the pool.",
    unit: "boolean",
    labels: ofPool,
  }),
  vdev: info("truenas_vdev_info", {
    help: "A top-level vdev: its class is data, log, cache, spare, special or dedup; its type such as MIRROR, RAIDZ2 or DISK; its status is ZFS' own.",
    labels: [...ofVdev, "type", "status"],
  }),
  vdevOnline: gauge("truenas_vdev_online", {
    help: "Whether the vdev is ONLINE; of a spare, whether it can be used or is.",
    unit: "boolean",
    labels: ofVdev,
  }),
  vdevRedundancy: gauge("truenas_vdev_redundancy_disks", {
    help: "How many more disks of the vdev may fail before data is lost: 0 for a single disk and for a mirror with one disk left, whose status may still be ONLINE. A disk that is not resilvered yet does not count. Only of data, special and dedup vdevs.",
    labels: ofVdev,
  }),
  vdevRedundancyFull: gauge("truenas_vdev_redundancy_full_disks", {
    help: "The same when every disk of the vdev is well. A mirror counts as made of those it has, two at least, and a single disk beside mirrors or raidz as what they have.",
    labels: ofVdev,
  }),
  device: info("truenas_pool_device_info", {
    help: "A disk of a pool and its status, which is ZFS' own.",
    labels: [...ofDevice, "status"],
  }),
  deviceOnline: gauge("truenas_pool_device_online", {
    help: "Whether the disk of the pool is ONLINE; of a spare, whether it can be used or is.",
    unit: "boolean",
    labels: ofDevice,
  }),
  deviceErrors: counter("truenas_pool_device_errors_total", {
    help: "Errors of the disk since they were last cleared, by kind: read, write, checksum.",
    labels: [...ofDevice, "kind"],
  }),
  slowIos: counter("truenas_pool_device_slow_ios_total", {
    help: "Requests that took the disk longer than 30 s; told from TrueNAS 26 on.",
    labels: ofDevice,
  }),
};

/**
 * `disk.query`, `disk.temperatures` and, before 25.10, `smart.test.results`. A serial number stays with its disk, a
 * name does not.
 */
export const disks = {
  info: info("truenas_disk_info", {
    help: "A disk that the server sees: its medium is hdd, ssd, nvme or unknown; its pool is empty when it is in none.",
    labels: ["disk", "serial", "model", "medium", "pool"],
  }),
  size: gauge("truenas_disk_size_bytes", { help: "Size of the disk.", unit: "bytes", labels: ["disk", "serial"] }),
  temperature: gauge("truenas_disk_temperature_celsius", {
    help: "Temperature of the disk; absent when it does not tell or does not answer, and for hard disks that are let fall asleep, since asking would wake them.",
    unit: "celsius",
    labels: ["disk", "serial", "medium"],
  }),
  answers: gauge("truenas_disk_temperature_readable", {
    help: "0 for a disk that gives 0 degrees, which is how one reads that no longer answers; absent for one that tells no temperature.",
    unit: "boolean",
    labels: ["disk", "serial"],
  }),
  selfTestPassed: gauge("truenas_disk_self_test_passed", {
    help: "Whether the newest finished SMART self test passed; the API tells of it before 25.10 only.",
    unit: "boolean",
    labels: ["disk", "serial"],
  }),
};

const ofDataset = ["pool", "dataset"] as const;

/** `pool.dataset.query`. */
export const datasets = {
  count: gauge("truenas_datasets", {
    help: "Datasets by type (filesystem, volume), those without series of their own included.",
    labels: ["pool", "type"],
  }),
  used: gauge("truenas_dataset_used_bytes", {
    help: "Space of the dataset with its snapshots, children and reservations.",
    unit: "bytes",
    labels: ofDataset,
  }),
  usedBySnapshots: gauge("truenas_dataset_snapshots_used_bytes", {
    help: "Space that would be free without the dataset's snapshots.",
    unit: "bytes",
    labels: ofDataset,
  }),
  available: gauge("truenas_dataset_available_bytes", {
    help: "Space that the dataset can still use.",
    unit: "bytes",
    labels: ofDataset,
  }),
  quota: gauge("truenas_dataset_quota_bytes", {
    help: "Most that the dataset with its snapshots and children may use; absent when there is no bound.",
    unit: "bytes",
    labels: ofDataset,
  }),
  refquota: gauge("truenas_dataset_refquota_bytes", {
    help: "Most that the dataset itself may use, without snapshots and children; absent when there is no bound.",
    unit: "bytes",
    labels: ofDataset,
  }),
  referenced: gauge("truenas_dataset_referenced_bytes", {
    help: "Space of the dataset itself, without snapshots and children; of clones absent before 25.10.",
    unit: "bytes",
    labels: ofDataset,
  }),
  volumeSize: gauge("truenas_dataset_volume_size_bytes", {
    help: "Size of the volume as those who use it see it; absent for file systems.",
    unit: "bytes",
    labels: ofDataset,
  }),
  compression: gauge("truenas_dataset_compression_ratio", {
    help: "How many times larger the data is than what it takes on the disks.",
    labels: ofDataset,
  }),
  encrypted: gauge("truenas_dataset_encrypted", {
    help: "Whether the dataset is encrypted.",
    unit: "boolean",
    labels: ofDataset,
  }),
  locked: gauge("truenas_dataset_locked", {
    help: "Whether the dataset is encrypted and its key not loaded, so that nobody can read it; absent for one that is not encrypted.",
    unit: "boolean",
    labels: ofDataset,
  }),
  csiVolumes: gauge("truenas_csi_volumes", {
    help: "Datasets that a Kubernetes storage driver marked as its own, which democratic-csi does; truenas-csi marks none.",
    labels: ["pool", "driver"],
  }),
};

/** Snapshots, counted without loading each of them at every poll. */
export const snapshots = {
  count: gauge("truenas_dataset_snapshots", { help: "Snapshots of the dataset.", labels: ofDataset }),
  newest: gauge("truenas_dataset_newest_snapshot_timestamp_seconds", {
    help: "When the newest snapshot of the dataset was made; absent when it has none.",
    unit: "timestamp",
    labels: ofDataset,
  }),
};
