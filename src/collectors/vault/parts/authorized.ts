import { inSeconds, minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import { optionally } from "../../../core/optionally.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { callCluster, type VaultClient } from "../client.ts";
import { audit, ha, leases, raft, telemetry, token } from "../metrics.ts";
import { configuredPeers, type HaNode, type RaftServer } from "../raft-peers.ts";
import { readTelemetry } from "../telemetry.ts";
import {
  auditShape,
  autopilotConfigurationShape,
  autopilotStateShape,
  haStatusShape,
  leaseCountShape,
  raftConfigurationShape,
} from "../schema.ts";

/** The parts that need a token with the pack's policy; any node answers for the cluster. */

const haStatus = (client: VaultClient, { signal }: CollectContext): Promise<readonly HaNode[]> =>
  callCluster(client, { path: "sys/ha-status", shape: haStatusShape, signal });

/** `sys/ha-status`. */
export const haPart: Part<VaultClient> = {
  id: "ha",
  title: "Nodes, as the active node sees them",
  every: seconds(30),
  deadline: seconds(20),
  metrics: ha,
  async collect(client, context) {
    const nodes = await haStatus(client, context);
    context.record(ha.nodes, {}, nodes.length);
    for (const { api_address, active_node, last_echo, clock_skew_ms, echo_duration_ms } of nodes) {
      const labels = { node: hostOf(api_address) };
      context.record(ha.active, labels, active_node);
      context.record(ha.lastEcho, labels, last_echo);
      context.record(ha.clockSkew, labels, active_node ? undefined : milli(clock_skew_ms));
      context.record(ha.echoDuration, labels, active_node ? undefined : milli(echo_duration_ms));
    }
  },
};

const milli = (value: number | null | undefined) => (typeof value === "number" ? value / 1000 : undefined);
const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).host : address);

/** Raft configuration, autopilot, and whether each configured node is still one of raft's servers. */
export const raftPart: Part<VaultClient> = {
  id: "raft",
  title: "Raft servers and autopilot",
  every: seconds(30),
  deadline: seconds(20),
  metrics: raft,
  async collect(client, context) {
    const { signal } = context;
    const servers = await callCluster(client, {
      path: "sys/storage/raft/configuration",
      shape: raftConfigurationShape,
      signal,
    });
    recordServers(servers, context);
    await optionally(context, "autopilot state", () => recordAutopilot(client, context));
    await optionally(context, "autopilot configuration", () => recordThresholds(client, context));
    await optionally(context, "node and server comparison", async () => {
      const isPeer = configuredPeers(client.nodes, await haStatus(client, context), servers);
      for (const [node, known] of isPeer) context.record(raft.nodeIsPeer, { node }, known);
    });
  },
};

function recordServers(servers: readonly RaftServer[], context: CollectContext): void {
  context.record(raft.servers, {}, servers.length);
  context.record(raft.voters, {}, servers.filter(({ voter }) => voter).length);
  for (const { node_id: peer, address, voter, leader } of servers) {
    context.record(raft.peerVoter, { peer, address }, voter);
    context.record(raft.peerLeader, { peer, address }, leader);
  }
}

async function recordAutopilot(client: VaultClient, context: CollectContext): Promise<void> {
  const call = { path: "sys/storage/raft/autopilot/state", shape: autopilotStateShape, signal: context.signal };
  const state = await callCluster(client, call);
  context.record(raft.healthy, {}, state.healthy);
  context.record(raft.failureTolerance, {}, state.failure_tolerance);
  for (const [peer, server] of Object.entries(state.servers ?? {})) {
    context.record(raft.peerHealthy, { peer }, server.healthy);
    const { last_contact, last_index } = server;
    context.record(raft.peerLastContact, { peer }, last_contact === undefined ? undefined : inSeconds(last_contact));
    context.record(raft.peerLastIndex, { peer }, last_index);
  }
}

async function recordThresholds(client: VaultClient, context: CollectContext): Promise<void> {
  const path = "sys/storage/raft/autopilot/configuration";
  const thresholds = await callCluster(client, { path, shape: autopilotConfigurationShape, signal: context.signal });
  context.record(raft.lastContactThreshold, {}, inSeconds(thresholds.last_contact_threshold));
  context.record(raft.maxTrailingLogs, {}, thresholds.max_trailing_logs);
}

/** `sys/audit`. */
export const auditPart: Part<VaultClient> = {
  id: "audit",
  title: "Audit devices",
  every: minutes(5),
  deadline: seconds(20),
  metrics: audit,
  async collect(client, context) {
    const devices = await callCluster(client, { path: "sys/audit", shape: auditShape, signal: context.signal });
    context.record(audit.devices, {}, Object.keys(devices).length);
    for (const [path, { type }] of Object.entries(devices)) context.record(audit.device, { path, type }, 1);
  },
};

/** `sys/leases/count`. */
export const leasesPart: Part<VaultClient> = {
  id: "leases",
  title: "Irrevocable leases",
  every: minutes(1),
  deadline: seconds(20),
  metrics: leases,
  async collect(client, context) {
    const path = "sys/leases/count?type=irrevocable";
    const count = await callCluster(client, { path, shape: leaseCountShape, signal: context.signal });
    context.record(leases.irrevocable, {}, count);
  },
};

/** `sys/metrics`: only the active node counts leases, and only it is asked. */
export const telemetryPart: Part<VaultClient> = {
  id: "telemetry",
  title: "Vault's own telemetry",
  every: seconds(30),
  deadline: seconds(20),
  metrics: telemetry,
  async collect(client, context) {
    const { node, values } = await readTelemetry(client, context.signal);
    context.record(telemetry.leases, {}, values.get("vault_expire_num_leases"));
    context.record(telemetry.auditRequestFailures, { node }, values.get("vault_audit_log_request_failure"));
    context.record(telemetry.auditResponseFailures, { node }, values.get("vault_audit_log_response_failure"));
  },
};

/** `auth/token/lookup-self`: asking also renews the token in time. */
export const tokenPart: Part<VaultClient> = {
  id: "token",
  title: "Watchkeeper's own token",
  every: minutes(1),
  deadline: seconds(20),
  metrics: token,
  async collect({ session }, context) {
    if (session === undefined) throw new NoData("no login is configured");
    const found = await session.lookup(context.signal);
    const ends = found.creation_ttl > 0;
    context.record(token.ttl, {}, ends ? found.ttl : undefined);
    context.record(token.creationTtl, {}, ends ? found.creation_ttl : undefined);
    context.record(token.expiry, {}, found.expire_time ? Date.parse(found.expire_time) / 1000 : undefined);
    context.record(token.renewable, {}, session.isGiven ? found.renewable : undefined);
    context.record(token.logins, {}, session.logins);
    context.record(token.renewals, {}, session.renewals);
  },
};
