import { counter, gauge, info } from "../../core/metric.ts";

/**
 * What a node can be, by the status of `sys/health`. Source:
 * https://developer.hashicorp.com/vault/api-docs/system/health
 */
export const NODE_STATES = {
  200: "active",
  429: "standby",
  472: "dr_secondary",
  473: "performance_standby",
  474: "standby_disconnected",
  501: "uninitialized",
  503: "sealed",
  530: "removed",
} as const;

/** One of the values of the `state` label. */
export type NodeState = (typeof NODE_STATES)[keyof typeof NODE_STATES];

/** `sys/health` of each node; needs no token. */
export const health = {
  up: gauge("vault_up", {
    help: "Whether the node answered its health check as Vault does, whatever its state.",
    unit: "boolean",
    labels: ["node"],
  }),
  initialized: gauge("vault_initialized", {
    help: "Whether the node is initialised.",
    unit: "boolean",
    labels: ["node"],
  }),
  sealed: gauge("vault_sealed", { help: "Whether the node is sealed.", unit: "boolean", labels: ["node"] }),
  standby: gauge("vault_standby", {
    help: "Whether the node calls itself a standby, which it also does while sealed.",
    unit: "boolean",
    labels: ["node"],
  }),
  state: gauge("vault_node_state", {
    help: "The node's state by the status code of its health check: 1 for the one it is in, 0 for the others.",
    unit: "boolean",
    labels: ["node", "state"],
  }),
  info: info("vault_info", {
    help: "Version and cluster of the node; the cluster's name is empty while it is sealed.",
    labels: ["node", "version", "cluster_name", "cluster_id"],
  }),
  clockSkew: gauge("vault_clock_skew_seconds", {
    help: "The node's clock minus Watchkeeper's; exact to about half a second, because the node tells whole seconds.",
    unit: "seconds",
    labels: ["node"],
  }),
  duration: gauge("vault_health_duration_seconds", {
    help: "How long the node took to answer its health check.",
    unit: "seconds",
    labels: ["node"],
  }),
  licenseExpiry: gauge("vault_license_expiry_timestamp_seconds", {
    help: "When the licence ends; only Vault Enterprise has one.",
    unit: "timestamp",
    labels: ["node"],
  }),
};

/** `sys/seal-status` of each node; needs no token. */
export const seal = {
  threshold: gauge("vault_seal_threshold_keys", { help: "How many key shares unseal the node.", labels: ["node"] }),
  shares: gauge("vault_seal_shares_keys", { help: "How many key shares there are.", labels: ["node"] }),
  progress: gauge("vault_seal_progress_keys", {
    help: "How many key shares were given in the unsealing that is under way; 0 when there is none.",
    labels: ["node"],
  }),
  migration: gauge("vault_seal_migration", {
    help: "Whether the node waits for a migration to another kind of seal.",
    unit: "boolean",
    labels: ["node"],
  }),
  info: info("vault_seal_info", { help: "Kinds of seal and storage.", labels: ["node", "type", "storage_type"] }),
};

/** `sys/leader` of each node that is not sealed; needs no token. */
export const leader = {
  haEnabled: gauge("vault_ha_enabled", {
    help: "Whether the storage supports several nodes.",
    unit: "boolean",
    labels: ["node"],
  }),
  known: gauge("vault_leader_known", {
    help: "Whether the node knows an active node.",
    unit: "boolean",
    labels: ["node"],
  }),
  activeSince: gauge("vault_active_since_timestamp_seconds", {
    help: "When the node became the active one; only the active node has it.",
    unit: "timestamp",
    labels: ["node"],
  }),
  committedIndex: gauge("vault_raft_committed_index", {
    help: "Newest raft log entry that the node knows to be committed.",
    labels: ["node"],
  }),
  appliedIndex: gauge("vault_raft_applied_index", {
    help: "Newest raft log entry that the node has applied.",
    labels: ["node"],
  }),
  behind: gauge("vault_raft_behind_entries", {
    help: "Raft log entries that another node of the cluster knows to be committed and this one has not applied; all nodes are asked at the same moment.",
    labels: ["node"],
  }),
};

/** `sys/ha-status`, as the active node sees the others. */
export const ha = {
  nodes: gauge("vault_ha_nodes", { help: "How many nodes the active node counts, itself included." }),
  active: gauge("vault_ha_node_active", { help: "Whether it is the active node.", unit: "boolean", labels: ["node"] }),
  lastEcho: gauge("vault_ha_node_last_echo_timestamp_seconds", {
    help: "When the active node last heard of the standby; the active node itself has none.",
    unit: "timestamp",
    labels: ["node"],
  }),
  clockSkew: gauge("vault_ha_node_clock_skew_seconds", {
    help: "The standby's clock against the active node's; only Vault tells it.",
    unit: "seconds",
    labels: ["node"],
  }),
  echoDuration: gauge("vault_ha_node_echo_duration_seconds", {
    help: "How long the last exchange with the standby took; only Vault tells it.",
    unit: "seconds",
    labels: ["node"],
  }),
};

/** Raft configuration and autopilot state. */
export const raft = {
  servers: gauge("vault_raft_servers", { help: "How many servers the raft configuration holds." }),
  voters: gauge("vault_raft_voters", { help: "How many of the servers vote." }),
  peerVoter: gauge("vault_raft_peer_voter", {
    help: "Whether the server votes.",
    unit: "boolean",
    labels: ["peer", "address"],
  }),
  peerLeader: gauge("vault_raft_peer_leader", {
    help: "Whether the server is raft's leader.",
    unit: "boolean",
    labels: ["peer", "address"],
  }),
  nodeIsPeer: gauge("vault_raft_node_is_peer", {
    help: "Whether the configured node is one of raft's servers; absent where that can not be known for sure.",
    unit: "boolean",
    labels: ["node"],
  }),
  healthy: gauge("vault_raft_autopilot_healthy", {
    help: "Whether autopilot calls the cluster healthy.",
    unit: "boolean",
  }),
  failureTolerance: gauge("vault_raft_autopilot_failure_tolerance", {
    help: "How many healthy voters may be lost before the cluster loses its quorum.",
  }),
  peerHealthy: gauge("vault_raft_autopilot_peer_healthy", {
    help: "Whether autopilot calls the server healthy.",
    unit: "boolean",
    labels: ["peer"],
  }),
  peerLastContact: gauge("vault_raft_autopilot_peer_last_contact_seconds", {
    help: "How long ago the leader last heard of the server.",
    unit: "seconds",
    labels: ["peer"],
  }),
  peerLastIndex: gauge("vault_raft_autopilot_peer_last_index", {
    help: "Newest raft log entry that the server holds.",
    labels: ["peer"],
  }),
  lastContactThreshold: gauge("vault_raft_autopilot_last_contact_threshold_seconds", {
    help: "Silence after which autopilot calls a server unhealthy.",
    unit: "seconds",
  }),
  maxTrailingLogs: gauge("vault_raft_autopilot_max_trailing_logs", {
    help: "Log entries a server may be behind before autopilot calls it unhealthy.",
  }),
};

/** `sys/audit`. */
export const audit = {
  devices: gauge("vault_audit_devices", { help: "How many audit devices are enabled." }),
  device: info("vault_audit_device_info", { help: "An enabled audit device.", labels: ["path", "type"] }),
};

/** `sys/leases/count`. */
export const leases = {
  irrevocable: gauge("vault_irrevocable_leases", {
    help: "Leases that Vault gave up revoking: their credentials may still work.",
  }),
};

/** Vault's own telemetry, read from the active node. */
export const telemetry = {
  leases: gauge("vault_leases", { help: "How many leases the active node keeps." }),
  auditRequestFailures: counter("vault_audit_request_failures_total", {
    help: "Requests that no audit device could record, so that Vault refused them; counted by the active node.",
    labels: ["node"],
  }),
  auditResponseFailures: counter("vault_audit_response_failures_total", {
    help: "Responses that no audit device could record; counted by the active node.",
    labels: ["node"],
  }),
};

/** The token that Watchkeeper itself uses. */
export const token = {
  ttl: gauge("vault_token_ttl_seconds", {
    help: "How long Watchkeeper's own token is still valid; absent when it never ends.",
    unit: "seconds",
  }),
  creationTtl: gauge("vault_token_creation_ttl_seconds", {
    help: "The lifetime that Watchkeeper's own token was last given; absent when it never ends.",
    unit: "seconds",
  }),
  expiry: gauge("vault_token_expiry_timestamp_seconds", {
    help: "When Watchkeeper's own token ends; absent when it never does.",
    unit: "timestamp",
  }),
  renewable: gauge("vault_token_renewable", {
    help: "Whether the token that Watchkeeper was given can be renewed; absent for a login, which is made anew.",
    unit: "boolean",
  }),
  logins: counter("vault_token_logins_total", { help: "How often Watchkeeper logged in." }),
  renewals: counter("vault_token_renewals_total", { help: "How often Watchkeeper renewed its token." }),
};
