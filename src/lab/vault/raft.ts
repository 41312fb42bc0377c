import type { LabAnswer } from "../exchange.ts";
import { errors, NO_CONTENT, UNSUPPORTED_PATH, wrapped } from "./answers.ts";
import type { Cluster } from "./cluster.ts";
import { goDuration, goTime } from "./go.ts";
import { knowsRemoval } from "./health.ts";
import type { Member } from "./member.ts";
import type { Handler, TokenExchange } from "./state.ts";

/** After so much silence sys/ha-status knows a node no longer. */
const FORGOTTEN_AFTER_MS = 15_000;
const MAX_TRAILING_LOGS = 1000;

/** GET sys/ha-status: the active node and those that it has heard lately. */
export function haStatus(exchange: TokenExchange): LabAnswer {
  const { cluster } = exchange.state;
  const isHeard = (member: Member): boolean => {
    const echo = cluster.lastEcho(member);
    return member === cluster.leader || (echo !== undefined && cluster.now() - echo < FORGOTTEN_AFTER_MS);
  };
  const nodes = cluster.members
    .filter(isHeard)
    .toSorted((a, b) => Number(b === cluster.leader) - Number(a === cluster.leader));
  return wrapped(exchange, { data: { nodes: nodes.map((member) => haNode(cluster, member)) }, repeated: true });
}

function haNode(cluster: Cluster, member: Member): object {
  const isActive = member === cluster.leader;
  const echo = cluster.lastEcho(member);
  const { flavour, storage } = cluster.options;
  return {
    hostname: member.hostname,
    api_address: member.url,
    cluster_address: `https://${member.clusterAddress}`,
    active_node: isActive,
    last_echo: isActive || echo === undefined ? null : goTime(echo),
    ...(flavour === "vault" && {
      echo_duration_ms: isActive ? 0 : 1,
      clock_skew_ms: isActive ? 0 : member.clockSkewSeconds * 1000,
      replication_primary_canary_age_ms: 0,
    }),
    version: member.version,
    ...(storage === "raft" && { upgrade_version: member.version }),
  };
}

/** Of a server without raft, where OpenBao has no such paths and Vault has them and refuses. */
function ofRaft(handle: Handler<TokenExchange>): Handler<TokenExchange> {
  return (exchange) => {
    const { flavour, storage } = exchange.state.cluster.options;
    if (storage === "raft") return handle(exchange);
    return flavour === "vault" ? errors(400, "raft storage is not in use") : errors(404, UNSUPPORTED_PATH);
  };
}

/** GET sys/storage/raft/configuration: the peers as the node that answers knows them. */
export const raftConfiguration = ofRaft((exchange) => {
  const { cluster } = exchange.state;
  // Raft knows whether there is a leader, also where the API still names the last one.
  const leads = (member: Member): boolean => exchange.member.removedAt === undefined && cluster.isActive(member);
  const servers = cluster.members
    .filter(({ inRaft }) => inRaft)
    .map((member) => ({
      node_id: member.id,
      address: member.clusterAddress,
      leader: leads(member),
      protocol_version: "3",
      voter: member.voter,
    }));
  return wrapped(exchange, { data: { config: { servers, index: 0 } } });
});

/** POST sys/storage/raft/remove-peer; a name that nobody has is no failure. */
export const removePeer = ofRaft(({ state, body }) => {
  const { cluster } = state;
  const { server_id: id } = body;
  if (typeof id !== "string" || id === "") return errors(400, "no server id provided");
  const peer = cluster.members.find((member) => member.id === id && member.inRaft);
  if (peer !== undefined) cluster.remove(peer, { sealed: knowsRemoval(state, peer) });
  return NO_CONTENT;
});

/** GET sys/storage/raft/autopilot/configuration. */
export const autopilotConfiguration = ofRaft((exchange) =>
  wrapped(exchange, {
    data: {
      cleanup_dead_servers: false,
      dead_server_last_contact_threshold: "24h0m0s",
      last_contact_threshold: goDuration(exchange.state.cluster.options.lastContactThreshold),
      max_trailing_logs: MAX_TRAILING_LOGS,
      min_quorum: 0,
      server_stabilization_time: "10s",
    },
  }),
);

/** GET sys/storage/raft/autopilot/state: what the active node makes of its peers. */
export const autopilotState = ofRaft((exchange) => {
  const { cluster } = exchange.state;
  const peers = cluster.members.filter(({ inRaft }) => inRaft);
  const voters = peers.filter(({ voter }) => voter);
  const quorum = Math.floor(voters.length / 2) + 1;
  const isHealthy = (member: Member): boolean => autopilotHealth(cluster, member).healthy;
  return wrapped(exchange, {
    data: {
      failure_tolerance: Math.max(0, voters.filter(isHealthy).length - quorum),
      healthy: peers.every(isHealthy),
      leader: cluster.leader?.id ?? "",
      ...(cluster.options.enterprise && {
        optimistic_failure_tolerance: Math.max(0, peers.filter(isHealthy).length - quorum),
      }),
      servers: Object.fromEntries(peers.map((member) => [member.id, autopilotServer(cluster, member)])),
      voters: [...voters]
        .toSorted((a, b) => Number(b === cluster.leader) - Number(a === cluster.leader))
        .map(({ id }) => id),
    },
  });
});

function autopilotServer(cluster: Cluster, member: Member): object {
  const { healthy, nodeStatus, lastContact, index } = autopilotHealth(cluster, member);
  return {
    id: member.id,
    name: member.id,
    address: member.clusterAddress,
    node_status: nodeStatus,
    last_contact: goDuration(lastContact),
    last_term: index === 0 ? 0 : cluster.term,
    last_index: index,
    healthy,
    stable_since: goTime(member.stableSince),
    status: status(cluster, member),
    version: member.version,
    ...(cluster.options.flavour === "vault" && { upgrade_version: member.version }),
    node_type: "voter",
  };
}

function status(cluster: Cluster, member: Member): string {
  if (member === cluster.leader) return "leader";
  return member.voter ? "voter" : "non-voter";
}

interface AutopilotHealth {
  readonly healthy: boolean;
  readonly nodeStatus: string;
  readonly lastContact: number;
  readonly index: number;
}

/**
 * A new active node has heard nobody: for its first seconds all others have `left`, and whoever never speaks keeps the
 * index 0 and a last contact that begins with the election.
 */
function autopilotHealth(cluster: Cluster, member: Member): AutopilotHealth {
  const { applied } = cluster.indexesOf(member);
  if (member === cluster.leader)
    return { healthy: true, nodeStatus: "alive", lastContact: 0, index: cluster.committedIndex };
  const echo = cluster.lastEcho(member);
  const sinceElection = cluster.now() - cluster.activeSince;
  if (echo === undefined) {
    const settling = sinceElection < cluster.options.settleTime;
    return {
      healthy: false,
      nodeStatus: settling ? "left" : "alive",
      lastContact: settling ? 0 : sinceElection,
      index: 0,
    };
  }
  const lastContact = cluster.now() - echo;
  const healthy =
    lastContact <= cluster.options.lastContactThreshold && cluster.committedIndex - applied <= MAX_TRAILING_LOGS;
  return { healthy, nodeStatus: "alive", lastContact, index: applied };
}
