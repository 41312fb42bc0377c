import { randomUUID } from "node:crypto";
import type { LabAnswer } from "../exchange.ts";
import { errors, json, NO_CONTENT } from "./answers.ts";
import { GO_ZERO_TIME, goTime } from "./go.ts";
import type { Exchange, TokenExchange } from "./state.ts";

const BUILT_AT = "2026-10-26T20:32:27Z";
const MIN_KEY_BYTES = 16;
const WRONG_KEY =
  "unable to retrieve stored keys: invalid key: failed to decrypt keys from storage: cipher: message authentication failed";

/** GET sys/seal-status, and what sys/unseal answers. */
export function sealStatus({ state: { cluster }, member }: Exchange): LabAnswer {
  const { clusterName, flavour, storage } = cluster.options;
  return json(200, {
    type: "shamir",
    initialized: cluster.initialized,
    sealed: member.sealed,
    t: cluster.initialized ? cluster.threshold : 0,
    n: cluster.initialized ? cluster.unsealKeys.length : 0,
    progress: member.shares.size,
    nonce: member.nonce,
    recovery_seal: false,
    version: member.version,
    [flavour === "vault" ? "build_date" : "commit_date"]: BUILT_AT,
    migration: false,
    ...(!member.sealed && { cluster_name: clusterName, cluster_id: cluster.id }),
    storage_type: storage,
    ...(flavour === "vault" && storage === "raft" && { removed_from_cluster: member.removedAt !== undefined }),
  });
}

/** PUT sys/unseal with one share of the key, or with `reset`. */
export function unseal(exchange: Exchange): LabAnswer {
  const { state, member, body } = exchange;
  const { cluster } = state;
  if (!cluster.initialized) return errors(400, "Vault is not initialized");
  if (body["reset"] === true) forgetShares(exchange);
  else {
    const { key } = body;
    if (typeof key !== "string" || key === "") {
      return errors(400, "'key' must be specified in request body as JSON, or 'reset' set to true");
    }
    const share = readKey(key);
    if (share === undefined) return errors(400, "'key' must be a valid hex or base64 string");
    if (Buffer.from(share, "base64").length < MIN_KEY_BYTES) {
      return errors(400, `invalid key: key is shorter than minimum ${MIN_KEY_BYTES} bytes`);
    }
    if (member.sealed && !addShare(exchange, share)) return errors(400, WRONG_KEY);
  }
  return sealStatus(exchange);
}

/** Takes one share; false when it made the key whole and the key was wrong. */
function addShare(exchange: Exchange, share: string): boolean {
  const { cluster } = exchange.state;
  const { member } = exchange;
  if (member.shares.size === 0) member.nonce = randomUUID();
  member.shares.add(share);
  if (member.shares.size < cluster.threshold) return true;
  const right = [...member.shares].every((one) => cluster.unsealKeys.includes(one));
  forgetShares(exchange);
  if (right) cluster.change(() => (member.sealed = false));
  return right;
}

function forgetShares({ member }: Exchange): void {
  member.shares.clear();
  member.nonce = "";
}

/** The key as base64; undefined when it is neither hexadecimal nor base64. */
function readKey(text: string): string | undefined {
  if (/^(?:[0-9a-f]{2})+$/i.test(text)) return Buffer.from(text, "hex").toString("base64");
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text) ? text : undefined;
}

/** PUT sys/seal: seals the node that was asked. */
export function seal({ state: { cluster }, member }: TokenExchange): LabAnswer {
  if (cluster.options.flavour === "vault" && !cluster.isActive(member)) {
    return errors(500, "vault cannot seal when in standby mode; please restart instead");
  }
  cluster.change(() => (member.sealed = true));
  return NO_CONTENT;
}

/** GET sys/init. */
export const initStatus = ({ state }: Exchange): LabAnswer => json(200, { initialized: state.cluster.initialized });

/** PUT sys/init: makes the unseal keys and leaves the nodes sealed. */
export function init({ state: { cluster, tokens }, body }: Exchange): LabAnswer {
  if (cluster.initialized) return errors(400, "Vault is already initialized");
  const { secret_shares: shares, secret_threshold: threshold } = body;
  if (!isCount(shares) || !isCount(threshold)) return errors(400, "invalid seal configuration");
  if (threshold > shares) return errors(400, "invalid seal configuration: threshold cannot be larger than shares");
  cluster.initialize(shares, threshold);
  return json(200, {
    keys: cluster.unsealKeys.map((key) => Buffer.from(key, "base64").toString("hex")),
    keys_base64: cluster.unsealKeys,
    root_token: tokens.root.id,
  });
}

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) < 256;

/** GET sys/leader: the active node as the one that is asked knows it, and that one's own place in the log. */
export function leader({ state: { cluster }, member }: Exchange): LabAnswer {
  const isVault = cluster.options.flavour === "vault";
  const known = cluster.options.storage === "raft" ? cluster.leaderSeenBy(member) : undefined;
  const { committed, applied } = cluster.indexesOf(member);
  const isSelf = cluster.isActive(member) && known !== undefined;
  const address = { leader_address: known?.url, leader_cluster_address: known && `https://${known.clusterAddress}` };
  const performance = { performance_standby: member.replication === "performance_standby" };
  if (known === undefined && cluster.options.storage === "file" && !isVault) return json(200, { ha_enabled: false });
  return json(200, {
    ha_enabled: cluster.options.storage === "raft",
    is_self: isSelf,
    ...(isVault && { active_time: GO_ZERO_TIME, leader_address: "", leader_cluster_address: "" }),
    ...(isSelf && { active_time: goTime(cluster.activeSince) }),
    ...(known !== undefined && address),
    ...(isVault && { ...performance, performance_standby_last_remote_wal: 0 }),
    // Go's omitempty: an index of 0 is left out.
    ...(cluster.options.storage === "raft" && committed > 0 && { raft_committed_index: committed }),
    ...(cluster.options.storage === "raft" && applied > 0 && { raft_applied_index: applied }),
  });
}
