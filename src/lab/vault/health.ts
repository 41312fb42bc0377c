import type { LabAnswer } from "../exchange.ts";
import { errors, json } from "./answers.ts";
import type { Member } from "./member.ts";
import type { Exchange, LabState } from "./state.ts";

/** The condition of a node, by the parameter that chooses its status, with the status that it has otherwise. */
const CODES = {
  uninitcode: 501,
  removedcode: 530,
  sealedcode: 503,
  haunhealthycode: 474,
  drsecondarycode: 472,
  performancestandbycode: 473,
  standbycode: 429,
  activecode: 200,
};
type Condition = keyof typeof CODES;

/** The parameters that every server knows, those of Vault, and those of Vault since 1.19. */
const KNOWN_TO_ALL = ["uninitcode", "sealedcode", "standbycode", "activecode"];
const KNOWN_TO_VAULT = ["drsecondarycode", "performancestandbycode"];
const KNOWN_SINCE_119 = ["removedcode", "haunhealthycode"];

const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["", "0", "f", "F", "FALSE", "false", "False"]);

/**
 * GET and HEAD sys/health: the status is the node's condition, and the parameters may change it.
 * Source: https://developer.hashicorp.com/vault/api-docs/system/health
 */
export function health(exchange: Exchange): LabAnswer | "abort" {
  const codes = readCodes(exchange);
  if (codes === undefined) return errors(400);
  const status = codes.get(condition(exchange)) ?? 200;
  // A real server fails at such a status and drops the connection.
  return status < 200 || status > 999 ? "abort" : json(status, body(exchange));
}

/** The status of each condition; undefined when a parameter can not be read. */
function readCodes({ state, member, request: { query } }: Exchange): Map<string, number> | undefined {
  const isVault = state.cluster.options.flavour === "vault";
  const codes = new Map<string, number>(Object.entries(CODES));
  const known = [
    ...KNOWN_TO_ALL,
    ...(isVault ? KNOWN_TO_VAULT : []),
    ...(knowsRemoval(state, member) ? KNOWN_SINCE_119 : []),
  ];
  for (const name of known) {
    const value = query.get(name);
    if (value !== null && !/^[+-]?\d+$/.test(value)) return undefined;
    if (value !== null) codes.set(name, Number(value));
  }
  const switches = { standbyok: "standbycode", ...(isVault && { perfstandbyok: "performancestandbycode" }) };
  for (const [name, condition] of Object.entries(switches)) {
    const value = query.get(name);
    if (value !== null && !TRUE.has(value) && !FALSE.has(value)) return undefined;
    if (value !== null && TRUE.has(value)) codes.set(condition, codes.get("activecode") ?? 200);
  }
  return codes;
}

/** Whether the node says of itself that it was removed, as Vault does since 1.19; another one goes on as a standby. */
export function knowsRemoval({ cluster }: LabState, member: Member): boolean {
  const [major = 0, minor = 0] = member.version.split(".").map(Number);
  return cluster.options.flavour === "vault" && (major > 1 || (major === 1 && minor >= 19));
}

function condition({ state, member }: Exchange): Condition {
  const { cluster } = state;
  if (!cluster.initialized) return "uninitcode";
  if (member.removedAt !== undefined && knowsRemoval(state, member)) return "removedcode";
  if (member.sealed) return "sealedcode";
  if (member.replication === "ha_unhealthy") return "haunhealthycode";
  if (member.replication === "dr_secondary") return "drsecondarycode";
  if (member.replication === "performance_standby") return "performancestandbycode";
  return cluster.isActive(member) ? "activecode" : "standbycode";
}

function body({ state, member }: Exchange): object {
  const { cluster } = state;
  const isVault = cluster.options.flavour === "vault";
  const named = cluster.initialized && !member.sealed;
  const standby = !cluster.isActive(member) || member.replication === "performance_standby";
  return {
    initialized: cluster.initialized,
    sealed: member.sealed,
    standby,
    ...(isVault && { performance_standby: member.replication === "performance_standby" }),
    ...replicationModes(state, member),
    server_time_utc: Math.floor(cluster.now() / 1000) + member.clockSkewSeconds,
    version: member.version,
    ...(isVault && { enterprise: cluster.options.enterprise }),
    ...(named && { cluster_name: cluster.options.clusterName, cluster_id: cluster.id }),
    ...(isVault && ofVault(state, member, standby)),
  };
}

function replicationModes({ cluster }: LabState, member: Member): object {
  const modes = (performance: string, dr: string): object => ({
    replication_performance_mode: performance,
    replication_dr_mode: dr,
  });
  if (!cluster.initialized || member.sealed) return modes("unknown", "unknown");
  if (cluster.options.flavour === "vault") {
    return modes("disabled", member.replication === "dr_secondary" ? "secondary" : "disabled");
  }
  if (cluster.options.storage === "file") return modes("disabled", "disabled");
  return cluster.leaderSeenBy(member) === undefined ? modes("unknown", "unknown") : modes("primary", "disabled");
}

function ofVault(state: LabState, member: Member, standby: boolean): object {
  const { cluster } = state;
  const active = cluster.initialized && !member.sealed && !standby;
  const heard = standby && !member.sealed ? cluster.lastEcho(member) : undefined;
  return {
    ...(cluster.options.enterprise && active && { last_wal: cluster.committedIndex }),
    ...(cluster.options.enterprise && {
      license: { state: "stored", expiry_time: "2030-01-01T00:00:00Z", terminated: false },
    }),
    echo_duration_ms: standby && !member.sealed ? 1 : 0,
    clock_skew_ms: standby && !member.sealed ? member.clockSkewSeconds * 1000 : 0,
    replication_primary_canary_age_ms: 0,
    ...(knowsRemoval(state, member) &&
      cluster.options.storage === "raft" && { removed_from_cluster: member.removedAt !== undefined }),
    ...(knowsRemoval(state, member) &&
      heard !== undefined && {
        ha_connection_healthy: member.replication !== "ha_unhealthy",
        last_request_forwarding_heartbeat_ms: Math.floor(cluster.now() - heard),
      }),
  };
}
