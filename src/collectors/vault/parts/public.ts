import type { z } from "zod";
import { seconds } from "../../../core/duration.ts";
import { CollectError, asCollectError } from "../../../core/errors.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { callNode, type VaultNode } from "../../../lib/vault/api.ts";
import type { VaultClient } from "../client.ts";
import { askHealth, type HealthAnswer } from "../health.ts";
import { NODE_STATES, health, leader, seal } from "../metrics.ts";
import { leaderShape, sealStatusShape } from "../schema.ts";
import type { HttpResponse } from "../../../lib/http/client.ts";

/** The parts that need no token: each node is asked by itself, and one that fails costs only its own series. */

const eachNode = async (
  client: VaultClient,
  context: CollectContext,
  ask: (node: VaultNode) => Promise<void>,
): Promise<void> => {
  await Promise.all(
    client.nodes.map(async (node) => {
      try {
        await ask(node);
        context.wasRead();
      } catch (thrown) {
        context.missing(node.name, asCollectError(thrown));
      }
    }),
  );
};

/** `sys/health`: every status that Vault documents is an answer, not a failure. */
export const healthPart: Part<VaultClient> = {
  id: "health",
  title: "Health of each node",
  every: seconds(15),
  deadline: seconds(10),
  metrics: health,
  outcomeMetrics: [health.up],
  collect: (client, context) =>
    eachNode(client, context, async (node) => {
      const answer = await askHealth(client, node, context.signal).catch((thrown: unknown) => {
        context.record(health.up, { node: node.name }, false);
        throw thrown;
      });
      context.record(health.up, { node: node.name }, true);
      recordHealth(node.name, answer, context);
    }),
};

function recordHealth(node: string, { state: current, body, response }: HealthAnswer, context: CollectContext): void {
  context.record(health.initialized, { node }, body.initialized);
  context.record(health.sealed, { node }, body.sealed);
  context.record(health.standby, { node }, body.standby);
  for (const state of Object.values(NODE_STATES)) context.record(health.state, { node, state }, state === current);
  const { version, cluster_name = "", cluster_id = "" } = body;
  if (version !== undefined) context.record(health.info, { node, version, cluster_name, cluster_id }, 1);
  context.record(health.duration, { node }, response.durationMs / 1000);
  context.record(health.clockSkew, { node }, clockSkew(body.server_time_utc, response));
  context.record(health.licenseExpiry, { node }, licenseExpiry(body.license?.expiry_time));
}

/** The node tells whole seconds that passed, so half a second is added; its clock is read half way of the exchange. */
function clockSkew(serverTime: number | undefined, { sentAt, receivedAt }: HttpResponse): number | undefined {
  const ours = (sentAt.getTime() + receivedAt.getTime()) / 2_000;
  return serverTime === undefined ? undefined : serverTime + 0.5 - ours;
}

function licenseExpiry(text: string | undefined): number | undefined {
  const expiry = text === undefined ? Number.NaN : Date.parse(text) / 1000;
  return expiry > 0 ? expiry : undefined;
}

/** `sys/seal-status`. */
export const sealPart: Part<VaultClient> = {
  id: "seal",
  title: "Seal of each node",
  every: seconds(30),
  deadline: seconds(10),
  metrics: seal,
  collect: (client, context) =>
    eachNode(client, context, async (node) => {
      const call = { path: "sys/seal-status", shape: sealStatusShape, signal: context.signal };
      const status = await callNode(client.http, node, call);
      const labels = { node: node.name };
      context.record(seal.threshold, labels, status.t);
      context.record(seal.shares, labels, status.n);
      context.record(seal.progress, labels, status.progress);
      context.record(seal.migration, labels, status.migration);
      const { type, storage_type = "" } = status;
      context.record(seal.info, { ...labels, type, storage_type }, 1);
    }),
};

/** `sys/leader`: a sealed node knows no leader and says so, which its health tells already. */
export const leaderPart: Part<VaultClient> = {
  id: "leader",
  title: "Leader and raft log, as each node sees them",
  every: seconds(15),
  deadline: seconds(10),
  metrics: leader,
  async collect(client, context) {
    const applied = new Map<string, number>();
    let newest = 0;
    await eachNode(client, context, async (node) => {
      const call = { path: "sys/leader", shape: leaderShape, signal: context.signal };
      const seen = await callNode(client.http, node, call).catch(undefinedWhenSealed);
      if (seen === undefined) return;
      recordLeader(node.name, seen, context);
      newest = Math.max(newest, seen.raft_committed_index ?? 0);
      if (seen.raft_applied_index !== undefined) applied.set(node.name, seen.raft_applied_index);
    });
    for (const [node, index] of applied) context.record(leader.behind, { node }, Math.max(0, newest - index));
  },
};

function recordLeader(node: string, seen: z.output<typeof leaderShape>, context: CollectContext): void {
  context.record(leader.haEnabled, { node }, seen.ha_enabled);
  if (!seen.ha_enabled) return;
  const isActive = seen.is_self === true && (seen.active_time ?? 0) > 0;
  context.record(leader.known, { node }, (seen.leader_address ?? "") !== "");
  context.record(leader.activeSince, { node }, isActive ? seen.active_time : undefined);
  context.record(leader.committedIndex, { node }, seen.raft_committed_index);
  context.record(leader.appliedIndex, { node }, seen.raft_applied_index);
}

function undefinedWhenSealed(thrown: unknown): undefined {
  const isKnown = thrown instanceof CollectError && (thrown.reason === "sealed" || thrown.reason === "not_initialized");
  if (!isKnown) throw thrown;
}
