import { counter, gauge } from "./metric.ts";

/** What a replica tells of how targets are divided; only with `store.postgres` in the configuration. */
export const replicaMetrics = {
  isMember: gauge("watchkeeper_replica_is_member", {
    help: "Whether the replica takes part in polling: 0 while it can not be sure of its targets, so that it polls none.",
    unit: "boolean",
  }),
  members: gauge("watchkeeper_replica_members", {
    help: "Replicas that divide the targets, as this one sees it; absent while it is no member itself.",
  }),
  polled: gauge("watchkeeper_replica_polled_targets", { help: "Targets that this replica polls." }),
  configured: gauge("watchkeeper_replica_configured_targets", {
    help: "Targets in the configuration of this replica, whoever polls them.",
  }),
  lapses: counter("watchkeeper_replica_lapses_total", {
    help: "How often the replica stopped to poll because it could not renew its membership in time, or was taken out by others.",
  }),
  renewalTime: gauge("watchkeeper_replica_last_renewal_timestamp_seconds", {
    help: "When the replica last renewed its membership; absent before the first time.",
    unit: "timestamp",
  }),
};
