import { counter, gauge, info } from "../../../core/metric.ts";

/** Locks that a guest's configuration can hold, as the `state` label of `pve_lock_state` has them. */
export const LOCKS = [
  "backup",
  "clone",
  "create",
  "migrate",
  "rollback",
  "snapshot",
  "snapshot-delete",
  "suspended",
  "suspending",
] as const;

const bytes = (name: string, help: string) => gauge(name, { help, unit: "bytes", labels: ["id"] });
const total = (name: `${string}_total`, help: string) => counter(name, { help, unit: "bytes", labels: ["id"] });

/** `/cluster/resources`; all but the last two have names, labels and meaning of prometheus-pve-exporter. */
export const resources = {
  diskSize: bytes("pve_disk_size_bytes", "Size of a storage, a node's root file system or a guest's first disk."),
  diskUsage: bytes(
    "pve_disk_usage_bytes",
    "What is used of a storage, a node's root file system or a container's root; absent of virtual machines and stopped containers, whose file systems Proxmox VE does not see.",
  ),
  memorySize: bytes("pve_memory_size_bytes", "Memory of a node or guest."),
  memoryUsage: bytes("pve_memory_usage_bytes", "Used memory of a node or guest."),
  cpuUsage: gauge("pve_cpu_usage_ratio", {
    help: "CPU in use, of all CPUs of the node or guest.",
    unit: "ratio",
    labels: ["id"],
  }),
  cpuLimit: gauge("pve_cpu_usage_limit", { help: "CPUs of a node or guest.", labels: ["id"] }),
  uptime: gauge("pve_uptime_seconds", {
    help: "Time since a node or guest was started.",
    unit: "seconds",
    labels: ["id"],
  }),
  storageShared: gauge("pve_storage_shared", {
    help: "Whether all nodes see the same storage.",
    unit: "boolean",
    labels: ["id"],
  }),
  transmitted: total("pve_network_transmit_bytes_total", "Bytes that a guest sent since it was started."),
  received: total("pve_network_receive_bytes_total", "Bytes that a guest received since it was started."),
  written: total("pve_disk_written_bytes_total", "Bytes that a guest wrote to its disks since it was started."),
  read: total("pve_disk_read_bytes_total", "Bytes that a guest read from its disks since it was started."),
  transmittedGauge: bytes("pve_network_transmit_bytes", "Deprecated: use pve_network_transmit_bytes_total."),
  receivedGauge: bytes("pve_network_receive_bytes", "Deprecated: use pve_network_receive_bytes_total."),
  writtenGauge: bytes("pve_disk_write_bytes", "Deprecated: use pve_disk_written_bytes_total."),
  readGauge: bytes("pve_disk_read_bytes", "Deprecated: use pve_disk_read_bytes_total."),
  haState: gauge("pve_ha_state", {
    help: "State of a guest or node that the HA manager keeps: 1 for the one it is in, 0 for the others.",
    unit: "boolean",
    labels: ["id", "state"],
  }),
  lockState: gauge("pve_lock_state", {
    help: "The lock that a guest's configuration holds; only while it holds one.",
    unit: "boolean",
    labels: ["id", "state"],
  }),
  guestInfo: info("pve_guest_info", {
    help: "A guest and where it is.",
    labels: ["id", "node", "name", "type", "template", "tags"],
  }),
  storageInfo: info("pve_storage_info", {
    help: "A storage as a node sees it; `content` is sorted.",
    labels: ["id", "node", "storage", "plugintype", "content"],
  }),
  guestMemoryHost: bytes(
    "pve_guest_memory_host_bytes",
    "Memory of the host that a guest takes; Proxmox VE 9 and newer.",
  ),
  guestPlacements: gauge("pve_guest_placements", {
    help: "On how many nodes the guest is listed; 2 while it migrates.",
    labels: ["id"],
  }),
};

/** `/nodes/{node}/qemu` and `/nodes/{node}/lxc`; the fault of a virtual machine is known from `/cluster/resources`. */
export const guests = {
  pressure: gauge("pve_guest_pressure_ratio", {
    help: "Share of time in which some or all tasks of the guest waited for the resource (pressure stall information, 10 s average); Proxmox VE 9 and newer.",
    unit: "ratio",
    labels: ["id", "resource", "kind"],
  }),
  faulted: gauge("pve_guest_faulted", {
    help: "Whether QEMU stopped the virtual machine because of an error (io-error, internal-error, guest-panicked).",
    unit: "boolean",
    labels: ["id"],
  }),
};

/** `/nodes/{node}/{type}/{vmid}/config`; name and labels are those of prometheus-pve-exporter, which reads one node. */
export const guestConfig = {
  onboot: gauge("pve_onboot_status", {
    help: "Whether the guest is started with its node; absent when its configuration does not say, which means no.",
    unit: "boolean",
    labels: ["id", "node", "type"],
  }),
};

/** `/nodes/{node}/{type}/{vmid}/snapshot`. */
export const snapshots = {
  count: gauge("pve_guest_snapshots", { help: "How many snapshots the guest has.", labels: ["id"] }),
  oldest: gauge("pve_guest_snapshot_oldest_timestamp_seconds", {
    help: "When the guest's oldest snapshot was taken; absent when it has none.",
    unit: "timestamp",
    labels: ["id"],
  }),
  newest: gauge("pve_guest_snapshot_newest_timestamp_seconds", {
    help: "When the guest's newest snapshot was taken; absent when it has none.",
    unit: "timestamp",
    labels: ["id"],
  }),
};
