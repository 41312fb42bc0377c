# What Watchkeeper reads of Vault or OpenBao, and nothing else. The `default` policy adds its token's own lookup and renewal.
# Written by `watchkeeper generate`.

# Without it these stay absent:
#   vault_ha_nodes
#   vault_ha_node_active
#   vault_ha_node_last_echo_timestamp_seconds
#   vault_ha_node_clock_skew_seconds
#   vault_ha_node_echo_duration_seconds
#   vault_raft_node_is_peer
path "sys/ha-status" {
  capabilities = ["read"]
}

# Without it these stay absent:
#   vault_raft_servers
#   vault_raft_voters
#   vault_raft_peer_voter
#   vault_raft_peer_leader
#   vault_raft_node_is_peer
#   vault_raft_autopilot_healthy
#   vault_raft_autopilot_failure_tolerance
#   vault_raft_autopilot_peer_healthy
#   vault_raft_autopilot_peer_last_contact_seconds
#   vault_raft_autopilot_peer_last_index
path "sys/storage/raft/configuration" {
  capabilities = ["read"]
}

# Without it these stay absent:
#   vault_raft_autopilot_healthy
#   vault_raft_autopilot_failure_tolerance
#   vault_raft_autopilot_peer_healthy
#   vault_raft_autopilot_peer_last_contact_seconds
#   vault_raft_autopilot_peer_last_index
path "sys/storage/raft/autopilot/state" {
  capabilities = ["read"]
}

# Without it these stay absent:
#   vault_raft_autopilot_last_contact_threshold_seconds
#   vault_raft_autopilot_max_trailing_logs
path "sys/storage/raft/autopilot/configuration" {
  capabilities = ["read"]
}

# Without it these stay absent:
#   vault_audit_devices
#   vault_audit_device_info
path "sys/audit" {
  capabilities = ["read", "sudo"]
}

# Without it these stay absent:
#   vault_irrevocable_leases
path "sys/leases/count" {
  capabilities = ["read"]
}

# Without it these stay absent:
#   vault_leases
#   vault_audit_request_failures_total
#   vault_audit_response_failures_total
path "sys/metrics" {
  capabilities = ["read"]
}
