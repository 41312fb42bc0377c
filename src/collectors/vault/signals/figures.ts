import { hours, minutes } from "../../../core/duration.ts";
import { abs, deriv, greater, increase, max, scalarMinus, select, sum, time } from "../../../core/promql.ts";
import { partMetrics } from "../../../core/self-metrics.ts";
import { signal } from "../../../core/signal.ts";
import { audit, ha, health, leader, raft, seal, token } from "../metrics.ts";

const ofNode = ["target", "node"] as const;
const ofPeer = ["target", "peer"] as const;

/** What is looked at and not alerted on. */
export const figures = {
  healthDuration: signal({
    title: "Time that a health check takes",
    help: "How long each node took to answer; one that gets slow is starved or has slow storage.",
    unit: "seconds",
    expr: max(select(health.duration), { by: ofNode }),
  }),
  activeFor: signal({
    title: "Time since a node became the active one",
    help: "Falls to 0 at each change of the leader.",
    unit: "seconds",
    expr: scalarMinus(time(), max(select(leader.activeSince), { by: ofNode })),
  }),
  writes: signal({
    title: "Raft log entries written in a second",
    help: "How much is written to the cluster; without any for long, nobody can write.",
    unit: "none",
    expr: max(deriv(select(leader.committedIndex).over(minutes(5))), { by: ["target"] }),
  }),
  servers: signal({
    title: "Raft servers",
    help: "How many servers the raft configuration holds.",
    unit: "none",
    expr: max(select(raft.servers), { by: ["target"] }),
  }),
  voters: signal({
    title: "Raft servers with a vote",
    help: "Fewer than the servers means that some add nothing to the failure tolerance.",
    unit: "none",
    expr: max(select(raft.voters), { by: ["target"] }),
  }),
  peerLastIndex: signal({
    title: "Newest log entry of each raft server",
    help: "The lines lie on one another; a server whose line falls back is behind.",
    unit: "none",
    expr: max(select(raft.peerLastIndex), { by: ofPeer }),
  }),
  raftLeader: signal({
    title: "Raft servers and their addresses",
    help: "1 for the leader; an address that no node has any more is a server to remove.",
    unit: "boolean",
    expr: max(select(raft.peerLeader), { by: ["target", "peer", "address"] }),
  }),
  lastEcho: signal({
    title: "Time since a standby reported",
    help: "Standbys report to the active node every few seconds; one silent for some 15 seconds no longer counts.",
    unit: "seconds",
    expr: scalarMinus(time(), max(select(ha.lastEcho), { by: ofNode })),
  }),
  echoDuration: signal({
    title: "Time that a report to the active node takes",
    help: "How long the last exchange with each standby took; only Vault tells it.",
    unit: "seconds",
    expr: max(select(ha.echoDuration), { by: ofNode }),
  }),
  standbySkew: signal({
    title: "Clock difference to the active node",
    help: "How far each standby's clock is from the active node's, either way; only Vault tells it.",
    unit: "seconds",
    expr: max(abs(select(ha.clockSkew)), { by: ofNode }),
  }),
  nodeVersions: signal({
    title: "Versions and clusters of the nodes",
    help: "The cluster has no name while the node is sealed.",
    unit: "none",
    expr: max(select(health.info), { by: [...ofNode, "version", "cluster_name", "cluster_id"] }),
  }),
  seals: signal({
    title: "Kinds of seal and storage",
    help: "A node with the seal `shamir` is unsealed by hand after each restart.",
    unit: "none",
    expr: max(select(seal.info), { by: [...ofNode, "type", "storage_type"] }),
  }),
  sealShares: signal({
    title: "Key shares",
    help: "How many key shares there are.",
    unit: "none",
    expr: max(select(seal.shares), { by: ofNode }),
  }),
  sealThreshold: signal({
    title: "Key shares needed",
    help: "How many key shares unseal the node.",
    unit: "none",
    expr: max(select(seal.threshold), { by: ofNode }),
  }),
  auditPaths: signal({
    title: "Audit devices and their kinds",
    help: "Vault stops when none of them can write.",
    unit: "none",
    expr: max(select(audit.device), { by: ["target", "path", "type"] }),
  }),
  logins: signal({
    title: "Logins of Watchkeeper in an hour",
    help: "Many mean that its tokens are short-lived, or are not renewed.",
    unit: "none",
    expr: max(increase(select(token.logins).over(hours(1))), { by: ["target"] }),
  }),
  renewals: signal({
    title: "Renewals of Watchkeeper's token in an hour",
    help: "Each at half of the token's life.",
    unit: "none",
    expr: max(increase(select(token.renewals).over(hours(1))), { by: ["target"] }),
  }),
  failedReads: signal({
    title: "Reads of Watchkeeper that failed in 5 minutes",
    help: "By part and reason; they say why something here is absent.",
    unit: "none",
    expr: greater(
      sum(increase(select(partMetrics.errors, { collector: "vault" }).over(minutes(5))), {
        by: ["target", "part", "reason"],
      }),
      0,
    ),
  }),
};
