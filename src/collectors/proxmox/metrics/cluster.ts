import { gauge, info } from "../../../core/metric.ts";

/**
 * States of an HA service, as the `state` label of `pve_ha_state` has them. Source: pve-ha-manager, PVE::HA::Manager.
 */
export const HA_SERVICE_STATES = [
  "stopped",
  "request_stop",
  "request_start",
  "request_start_balance",
  "started",
  "fence",
  "recovery",
  "migrate",
  "relocate",
  "freeze",
  "error",
] as const;

/** States of a node in the eyes of the HA manager. */
export const HA_NODE_STATES = ["online", "maintenance", "unknown", "fence", "gone"] as const;

/**
 * `/cluster/status` and what it says of every node and guest; names and labels are those of prometheus-pve-exporter.
 */
export const status = {
  up: gauge("pve_up", {
    help: "Whether a node is online, a guest runs, a storage is available, or the cluster has its quorum.",
    unit: "boolean",
    labels: ["id"],
  }),
  nodeInfo: info("pve_node_info", {
    help: "A node of the cluster with its subscription level.",
    labels: ["id", "level", "name", "nodeid"],
  }),
  clusterInfo: info("pve_cluster_info", {
    help: "The cluster: number of nodes, quorum and version of its configuration.",
    labels: ["id", "nodes", "quorate", "version"],
  }),
};

/** Votes and quorum device, from `/cluster/config/nodes` and `/cluster/config/qdevice`. */
export const quorum = {
  tolerance: gauge("pve_cluster_failure_tolerance_nodes", {
    help: "How many more nodes, those with most votes first, may be lost before the quorum is; 0 means that one more loss breaks it. Absent while the cluster has none, and when the votes do not explain that it has it.",
  }),
  votes: gauge("pve_cluster_votes", { help: "Votes of the nodes that are online and of a connected quorum device." }),
  expectedVotes: gauge("pve_cluster_expected_votes", { help: "Votes of all nodes and the quorum device together." }),
  qdeviceUp: gauge("pve_qdevice_up", {
    help: "Whether the quorum device is connected; absent when none is configured.",
    unit: "boolean",
    labels: ["id"],
  }),
  qdeviceInfo: info("pve_qdevice_info", {
    help: "The quorum device.",
    labels: ["id", "model", "algorithm", "qnetd_host", "tie_breaker", "state"],
  }),
};

/**
 * The HA stack, as long as it keeps a guest, from `/cluster/ha/status/manager_status` and `/cluster/ha/status/current`.
 */
export const ha = {
  managerSeen: gauge("pve_ha_manager_timestamp_seconds", {
    help: "When the HA manager last wrote its status.",
    unit: "timestamp",
  }),
  master: gauge("pve_ha_master", {
    help: "Whether the node is the HA manager's master.",
    unit: "boolean",
    labels: ["node"],
  }),
  nodeState: gauge("pve_ha_node_state", {
    help: "State of the node in the eyes of the HA manager: 1 for the one it is in, 0 for the others.",
    unit: "boolean",
    labels: ["node", "state"],
  }),
  lrmSeen: gauge("pve_ha_lrm_timestamp_seconds", {
    help: "When the node's local resource manager last wrote its status.",
    unit: "timestamp",
    labels: ["node"],
  }),
  lrmActive: gauge("pve_ha_lrm_active", {
    help: "Whether the node's local resource manager holds its lock and its watchdog; one without services is idle, which is 0.",
    unit: "boolean",
    labels: ["node"],
  }),
  serviceWanted: gauge("pve_ha_service_started_wanted", {
    help: "Whether the HA manager shall keep the guest running.",
    unit: "boolean",
    labels: ["id"],
  }),
  serviceError: gauge("pve_ha_service_error", {
    help: "Whether the HA manager gave the guest up: it touches it no more until somebody resets it.",
    unit: "boolean",
    labels: ["id"],
  }),
  armed: gauge("pve_ha_armed", {
    help: "Whether fencing is armed; absent while it is on standby. Told by Proxmox VE 9.2 and newer.",
    unit: "boolean",
  }),
};

/**
 * Replication jobs of all nodes; names and labels are those of prometheus-pve-exporter, which reads one node, but for
 * its label `target`, which is the cluster here.
 */
export const replication = {
  info: info("pve_replication_info", {
    help: "A replication job; `target_node` is where it copies the guest's disks to.",
    labels: ["id", "type", "source", "target_node", "guest"],
  }),
  duration: gauge("pve_replication_duration_seconds", {
    help: "How long the newest run took.",
    unit: "seconds",
    labels: ["id"],
  }),
  lastSync: gauge("pve_replication_last_sync_timestamp_seconds", {
    help: "When the newest run that succeeded began; 0 when none ever did.",
    unit: "timestamp",
    labels: ["id"],
  }),
  lastTry: gauge("pve_replication_last_try_timestamp_seconds", {
    help: "When the newest run began; 0 when there was none.",
    unit: "timestamp",
    labels: ["id"],
  }),
  nextSync: gauge("pve_replication_next_sync_timestamp_seconds", {
    help: "When the next run is due.",
    unit: "timestamp",
    labels: ["id"],
  }),
  failed: gauge("pve_replication_failed_syncs", {
    help: "How many runs failed since the newest one that succeeded.",
    labels: ["id"],
  }),
  interval: gauge("pve_replication_interval_seconds", {
    help: "Longest time between two runs of the job's schedule.",
    unit: "seconds",
    labels: ["id"],
  }),
  enabled: gauge("pve_replication_enabled", { help: "Whether the job is enabled.", unit: "boolean", labels: ["id"] }),
};

/** `/version` of the node that answers for the cluster; name and labels are those of prometheus-pve-exporter. */
export const version = {
  version: info("pve_version_info", {
    help: "Version of Proxmox VE on the node that answers.",
    labels: ["release", "repoid", "version"],
  }),
};
